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
        ({"weight": {"over": "20"}}, "Gewicht über 20", "Weight over 20"),
        ({"weight": {"between": ["1", "2"]}}, "Gewicht von 1 bis 2", "Weight from 1 to 2"),
        ({"fee": {"under": "1050"}}, "Gebühr unter 10.50 €", "Gebühr under 10.50 €"),
        ({"day": "2026-03-01"}, "Tag ist 01.03.2026", "Day is 2026-03-01"),
        ({"listed": "true"}, "Gelistet ist ja", "Listed is yes"),
        ({"colours": {"in": ["r", "g"]}}, "Farben ist eins von: rot, g", "Colours is one of: red, g"),
        ({"note": {"exists": "false"}}, "note fehlt", "note is missing"),
        ({"note": {"prefix": "A"}}, "note beginnt mit A", "note begins with A"),
        ({"municipality": "dueren"}, "Kommune ist dueren", "municipality is dueren"),
        ({"not": {"listed": "false"}}, "nicht (Gelistet ist nein)", "not (Listed is no)"),
        (
            {"all": [{"listed": "true"}, {"any": [{"note": "A"}, {"note": "B"}]}]},
            "Gelistet ist ja und (note ist A oder note ist B)",
            "Listed is yes and (note is A or note is B)",
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
    assert (shown("r", COLOURS), shown("g", COLOURS), shown("x", None)) == ("rot", "g", "x")
