from pathlib import Path

import pytest

from schemas.fields import Boolean, Choice, Date, Form, Integer, ListOf, Money, Text, Wording
from schemas.kochbuch import RECIPES, read_recipe
from schemas.phrasing import say, shown
from schemas.recipe import Recipe
from schemas.rules import parse_condition
from tests.support.book import DOG, write

KITA = read_recipe(RECIPES / "kita-aufnahme.yaml")
COLOURS = Choice(type="choice", of=("r", "g"), labels={"r": Wording(de="rot", en="red")})
FORM: Form = {
    "weight": Integer(type="integer", label=Wording(de="Gewicht", en="Weight")),
    "fee": Money(type="money", label=Wording(de="Gebühr")),
    "day": Date(type="date", label=Wording(de="Tag", en="Day")),
    "listed": Boolean(type="boolean", label=Wording(de="Gelistet", en="Listed")),
    "colours": ListOf(type="list", of=COLOURS, label=Wording(de="Farben", en="Colours")),
    "note": Text(type="text"),
}


@pytest.fixture
def recipe(tmp_path: Path) -> Recipe:
    return read_recipe(write(tmp_path, "dog", DOG)).model_copy(update={"form": FORM})


@pytest.mark.parametrize(
    ("content", "german", "english"),
    [
        ({"weight": {"over": "20"}}, "„Gewicht“ über 20", "“Weight” over 20"),
        ({"weight": {"at_least": "20"}}, "„Gewicht“ mindestens 20", "“Weight” at least 20"),
        ({"weight": {"between": ["1", "2"]}}, "„Gewicht“ von 1 bis 2", "“Weight” from 1 to 2"),
        ({"fee": {"under": "1050"}}, "„Gebühr“ unter 10,50 €", "“Gebühr” under 10.50 €"),
        ({"fee": {"over": "123456700"}}, "„Gebühr“ über 1.234.567,00 €", "“Gebühr” over 1,234,567.00 €"),
        ({"day": "2026-03-01"}, "„Tag“: 01.03.2026", "“Day”: 2026-03-01"),
        (
            {"day": {"season": ["03-01", "09-30"]}},
            "„Tag“ jährlich vom 01.03. bis 30.09.",
            "“Day” yearly from 03-01 to 09-30",
        ),
        ({"listed": "true"}, "„Gelistet“: ja", "“Listed”: yes"),
        ({"colours": {"in": ["r", "g"]}}, "„Farben“: rot oder g", "“Colours”: red or g"),
        ({"note": {"mentions": ["A", "B", "C"]}}, "„note“ nennt A, B oder C", "“note” mentions A, B or C"),
        ({"note": {"exists": "false"}}, "„note“ fehlt", "“note” is missing"),
        ({"note": {"prefix": "A"}}, "„note“ beginnt mit A", "“note” begins with A"),
        ({"municipality": "dueren"}, "„Kommune“: dueren", "“municipality”: dueren"),
        ({"land": "NW"}, "„Land“: NW", "“Land”: NW"),
        ({"not": {"colours": "r"}}, "„Farben“: nicht rot", "“Colours”: not red"),
        ({"not": {"weight": {"over": "20"}}}, "nicht: („Gewicht“ über 20)", "not: (“Weight” over 20)"),
        (
            {"all": [{"listed": "true"}, {"any": [{"note": "A"}, {"note": "B"}]}]},
            "„Gelistet“: ja und („note“: A oder „note“: B)",
            "“Listed”: yes and (“note”: A or “note”: B)",
        ),
    ],
)
def test_a_condition_in_words(recipe: Recipe, content: object, german: str, english: str) -> None:
    condition = parse_condition(content, FORM, "when", [])
    assert say(condition, recipe) == german
    assert say(condition, recipe, "en") == english


def test_opinions_are_named_after_their_station() -> None:
    condition = KITA.conditions["second-choice"]
    assert say(condition, KITA).endswith("„Anfrage bei der ersten Einrichtung“ widerspricht oder schweigt")
    assert say(condition, KITA, "en").endswith("“Ask the first choice” objects or stays silent")
    assert say(KITA.conditions["place"], KITA) == "immer"


def test_a_choice_without_a_label_is_shown_as_it_is() -> None:
    assert shown("000", Text(type="text", labels={"000": Wording(de="deutsch", en="German")})) == "deutsch"
    assert (shown("r", COLOURS), shown("g", COLOURS), shown("x", None)) == ("rot", "g", "x")
