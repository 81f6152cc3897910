from pathlib import Path

import pytest

from schemas.kochbuch import RECIPES, read_recipe
from schemas.rules import Facts
from schemas.slip import chain, leads, needs, slip
from tests.support.book import DOG, write

KITA = read_recipe(RECIPES / "kita-aufnahme.yaml")
FORM = KITA.validator.validate(KITA.examples[0].form)


def reached(**opinions: str) -> tuple[str, ...]:
    return slip(KITA, Facts(FORM, opinions={name.replace("_", "-"): said for name, said in opinions.items()}))


def test_a_station_waits_for_the_opinion_that_it_looks_at() -> None:
    assert needs(KITA, "second-choice") == {"first-choice"}
    assert chain(KITA, "third-choice") == ["third-choice", "second-choice", "first-choice"]
    assert reached() == ("place", "first-choice")
    assert reached(place="settled") == ("place", "first-choice", "contribution")


def test_a_later_answer_opens_a_station() -> None:
    assert "second-choice" in reached(first_choice="objects")
    assert "second-choice" not in reached(first_choice="consents")
    assert reached(first_choice="objects", second_choice="lapsed")[3] == "third-choice"


def test_a_station_that_does_not_apply_counts_as_finished(tmp_path: Path) -> None:
    chained = DOG.replace(
        "    examples:",
        "      - {station: archive, role: post, task: inform, after: dangerous-dog, sees: [breed]}\n    examples:",
    )
    recipe = read_recipe(write(tmp_path, "dog", chained))
    small, large = ({"breed": breed} for breed in ("Dackel", "Bullterrier"))
    assert slip(recipe, Facts(small)) == ("assess", "archive")
    assert slip(recipe, Facts(large)) == ("assess", "dangerous-dog")
    assert slip(recipe, Facts(large, opinions={"dangerous-dog": "lapsed"})) == ("assess", "dangerous-dog", "archive")


@pytest.mark.parametrize(
    ("town", "place", "lead"), [("dueren", "Düren", "issue"), ("dueren", "Köln", "issue-elsewhere")]
)
def test_one_station_leads(town: str, place: str, lead: str) -> None:
    recipe = read_recipe(RECIPES / "geburtsurkunde.yaml")
    assert leads(recipe, Facts({"child": {"birth_place": place}}, town)) == (lead,)
