"""Every municipality file, found by itself: right keys, and what is live can run."""

from pathlib import Path

import pytest

from schemas.check.book import check_book
from schemas.check.keys import ars_problems
from schemas.errors import Misconfigured
from schemas.kochbuch import (
    MUNICIPALITIES,
    Kochbuch,
    read_kochbuch,
    read_municipality,
)
from schemas.municipality import TRIAGE

FILES = sorted(MUNICIPALITIES.glob("*.yaml"))
MODEL = {  # name: ARS, Land, code; from the official municipality register of 30.11.2023
    "dueren": ("053580008008", "NW", "DN"),
    "guetersloh": ("057540008008", "NW", "GT"),
    "norderstedt": ("010600063063", "SH", "NO"),
    "ibbenbueren": ("055660028028", "NW", "IB"),
    "halle": ("150020000000", "ST", "HS"),
    "cochem-zell": ("071355001020", "RP", "CZ"),
    "ortenaukreis": ("083175010096", "BW", "OK"),
    "heidekreis": ("033580021021", "NI", "HK"),
}
AGS = {"dueren": "05358008", "halle": "15002000", "cochem-zell": "07135020", "ortenaukreis": "08317096"}


@pytest.fixture(scope="module")
def book() -> Kochbuch:
    return read_kochbuch()


def test_the_eight_model_municipalities_have_their_keys(book: Kochbuch) -> None:
    found = {name: (town.ars, town.land, town.code) for name, town in book.municipalities.items()}
    assert found.items() >= MODEL.items()
    assert {name: book.municipalities[name].ags for name in AGS} == AGS


def test_whatever_is_live_can_run() -> None:
    assert check_book().problems == ()


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_municipality_has_a_triage_and_a_right_key(path: Path) -> None:
    town = read_municipality(path)
    assert town.department_for(TRIAGE) is not None
    assert list(ars_problems(town.ars)) == []
    assert path.stem == town.municipality


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_contacts_lead_nowhere(path: Path) -> None:
    for department in read_municipality(path).departments.values():
        assert not department.contact.phone or " 000-" in department.contact.phone
        assert not department.contact.email or department.contact.email.endswith(".example")


def test_no_authority_agrees_with_itself_in_place_of_the_gemeinde(book: Kochbuch) -> None:
    recipe = book.recipes["baugenehmigung-vereinfacht"]
    for town in (town for town in book.municipalities.values() if town.offers(recipe)):
        assert town.department_for("municipal-consent") != town.department_for("building-authority"), town.municipality


def test_dueren_has_seven_of_ten_live(book: Kochbuch) -> None:
    states = list(book.municipalities["dueren"].recipes.values())
    assert (len(states), states.count("live")) == (10, 7)


def test_every_recipe_is_live_somewhere(book: Kochbuch) -> None:
    live = {name for town in book.municipalities.values() for name, state in town.recipes.items() if state == "live"}
    assert live == book.recipes.keys()


def test_live_without_the_role_is_named_with_file_line_and_key(tmp_path: Path) -> None:
    for path in FILES:
        text = path.read_text(encoding="utf-8")
        if path.stem == "norderstedt":
            assert "bewohnerparkausweis: preparation" in text
            text = text.replace("bewohnerparkausweis: preparation", "bewohnerparkausweis: live")
            line = 1 + text[: text.index("bewohnerparkausweis: live")].count("\n")
        (tmp_path / path.name).write_text(text, encoding="utf-8")
    [problem] = check_book(municipalities=tmp_path).problems
    assert problem.where == f"norderstedt.yaml:{line}: recipes.bewohnerparkausweis"
    assert "parking-office" in problem.text
    assert "parking-office" in problem.text_en


def test_a_kreis_given_for_its_town_is_refused(tmp_path: Path) -> None:
    text = (MUNICIPALITIES / "dueren.yaml").read_text(encoding="utf-8")
    (tmp_path / "dueren.yaml").write_text(text.replace('"053580008008"', '"05358"'), encoding="utf-8")
    with pytest.raises(Misconfigured) as caught:
        read_municipality(tmp_path / "dueren.yaml")
    assert [problem.where for problem in caught.value.problems] == ["dueren.yaml:4: ars"]
