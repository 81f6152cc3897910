"""Every example of every recipe through the real router of every town that offers it: the slip is what was proved."""

from collections.abc import Iterator
from itertools import permutations

import pytest

from schemas.kochbuch import Kochbuch, read_kochbuch
from schemas.recipe import Example, Recipe
from schemas.rules import OPINIONS, Facts
from schemas.slip import slip
from tests.support.casework import DAY, Office

BOOK = read_kochbuch()
CASES = [
    pytest.param(recipe, example, id=f"{recipe.recipe}: {example.name}")
    for recipe in BOOK.recipes.values()
    for example in recipe.examples
    if not example.rejected
]


@pytest.mark.parametrize(("recipe", "example"), CASES)
def test_an_example_goes_through_the_router_where_it_says(recipe: Recipe, example: Example) -> None:
    for office in offices(BOOK, recipe, example):
        case_id = office.submit(example.form)
        answer(office, case_id, recipe, example.opinions)
        assert opened(office, case_id) == set(example.stations)
        assert not office.dead


@pytest.mark.parametrize(("recipe", "example"), CASES)
def test_the_router_and_the_proof_agree_for_other_opinions_in_any_order(recipe: Recipe, example: Example) -> None:
    office = next(offices(BOOK, recipe, example))
    asked = [station.station for station in recipe.route if station.task == "consult"][:3]
    for number, order in enumerate(permutations(asked)):
        for opinion in OPINIONS[:3]:
            case_id = office.submit(example.form, f"{number}{opinion}")
            given = dict.fromkeys(order, opinion)
            answer(office, case_id, recipe, given)
            facts = Facts(
                recipe.validator.validate(example.form),
                office.town,
                "portal",
                given,
                BOOK.municipalities[office.town].land,
            )
            assert opened(office, case_id) == set(slip(recipe, facts))


def offices(book: Kochbuch, recipe: Recipe, example: Example) -> Iterator[Office]:
    """A router for every town that offers the recipe and in which the example lies."""
    for name, town in book.municipalities.items():
        if town.offers(recipe) and example.holds_in(name, town.land):
            yield Office(book, recipe.service, name)


def answer(office: Office, case_id: str, recipe: Recipe, opinions: dict[str, str]) -> None:
    """Gives these opinions as soon as somebody asks for them; where one lapsed, time passes; the lead decides last."""
    left = {name: opinion for name, opinion in opinions.items() if recipe.station[name].task == "consult"}
    while now := left.keys() & opened(office, case_id):
        for name in sorted(now, key=list(left).index):
            department = next(s["department"] for s in stations(office, case_id) if s["station"] == name)
            opinion = left.pop(name)
            if opinion == "lapsed":
                office.wait(40 * DAY)
            else:
                office.do("GiveOpinion", case_id, station=name, department=department, opinion=opinion)
    for name in (name for name in opinions if recipe.station[name].task == "decide"):
        [department] = (s["department"] for s in stations(office, case_id) if s["station"] == name)
        office.do("Decide", case_id, department=department, outcome="granted")


def stations(office: Office, case_id: str) -> list[dict[str, str]]:
    """All that was opened so far."""
    return [station for kind, body in office.of(case_id) if kind == "StationsOpened" for station in body["stations"]]


def opened(office: Office, case_id: str) -> set[str]:
    """The names of what was opened so far."""
    return {station["station"] for station in stations(office, case_id)}
