"""Every recipe of the Kochbuch, found by itself: its examples are tests, and nothing in it is left to chance."""

from pathlib import Path

import pytest

from schemas.check.book import check_book
from schemas.check.recipe import problems_of
from schemas.kochbuch import RECIPES, Kochbuch, read_kochbuch, read_recipe
from services.commands.examples import run_all

FILES = sorted(RECIPES.rglob("*.yaml"))
MODEL = {
    "99102013104000", "99050012104000", "99115005104000", "99108001001000", "99027002012000", "99012008001001",
    "99041004034000", "99025002005000", "99107023017001", "99108011153000", "99115004001001", "99093003001002",
}  # fmt: skip


@pytest.fixture(scope="module")
def book() -> Kochbuch:
    return read_kochbuch()


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_examples_go_where_they_say_and_end_when_they_say(path: Path, book: Kochbuch) -> None:
    runs = list(run_all(read_recipe(path), book.municipalities.values()))
    assert [problem for run in runs for problem in run.problems] == []


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_recipe_is_proved(path: Path) -> None:
    assert list(problems_of(read_recipe(path))) == []


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_recipe_has_three_examples_of_which_one_is_refused(path: Path) -> None:
    recipe = read_recipe(path)
    refused = [example for example in recipe.examples if example.rejected]
    assert len(recipe.examples) - len(refused) >= 3
    assert refused
    reached = {station for example in recipe.examples for station in example.stations}
    assert reached == recipe.station.keys()


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_triage_sees_enough_to_send_a_case_on_and_somebody_learns_of_a_missed_deadline(path: Path) -> None:
    recipe = read_recipe(path)
    assert recipe.on_request.sees
    assert recipe.deadline is not None
    assert recipe.deadline.remind is not None
    assert bool(recipe.deadline.escalate_to) == (recipe.deadline.on_expiry == "escalate")


def test_the_kochbuch_is_sound_as_a_whole() -> None:
    assert check_book().problems == ()


def test_the_kochbuch_has_the_ten_services_and_two_more(book: Kochbuch) -> None:
    assert book.services.keys() >= MODEL


def test_income_is_for_the_contribution_office_alone(book: Kochbuch) -> None:
    recipe = book.recipes["kita-aufnahme"]
    assert [name for name, sees in recipe.sees.items() if "income" in sees] == ["contribution"]
    incomes = [
        name
        for name, sees in book.recipes["wohngeld-erstantrag"].sees.items()
        if {"members", "members.income"} & set(sees)
    ]
    assert incomes == ["assess"]


def test_nothing_on_the_slip_tells_whether_a_register_block_exists(book: Kochbuch) -> None:
    recipe = book.recipes["melderegisterauskunft"]
    slips = {tuple(example.stations) for example in recipe.examples if example.opinions}
    assert slips == {("answer", "register-check")}
    words = [
        station.title.de + (station.purpose.de if station.purpose else "") for station in recipe.route if station.title
    ]
    assert not [text for text in words if "perre" in text]


def test_the_birth_certificate_follows_the_place_of_birth_not_the_residence(book: Kochbuch) -> None:
    recipe = book.recipes["geburtsurkunde"]
    elsewhere = next(example for example in recipe.examples if "born elsewhere" in example.name)
    assert elsewhere.form["applicant"]["address"]["city"] == "Düren"
    assert elsewhere.form["child"]["birth_place"] == "Norderstedt"
    assert elsewhere.stations == ("issue-elsewhere",)
