"""Random cases of every recipe of the Kochbuch: who is told what, in which words, and what nobody is ever sent."""

from collections import Counter
from functools import cache
from random import Random
from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.avro import Tree, projection
from schemas.kochbuch import Kochbuch, read_kochbuch
from schemas.municipality import Municipality
from schemas.recipe import Recipe
from services.router.core import COMMANDS
from services.router.event import AUDIENCE, Audience
from services.router.facts import CONTACT, DETAILS, NEXT_STEP, ZbpStatus
from tests.property.test_case import check_case, check_table, newest
from tests.support.casework import DAY, Office
from tests.support.history import anything, fitting

BOOK: Kochbuch = read_kochbuch()
ROUTES = [
    (recipe, town) for recipe in BOOK.recipes.values() for town in BOOK.municipalities.values() if town.offers(recipe)
]
_COMMANDS = sorted(COMMANDS)
_STEPS = 40


@settings(max_examples=60, deadline=None)
@given(route=st.sampled_from(ROUTES), seed=st.integers(0, 2**32))
def test_whatever_happens_to_a_case_of_the_kochbuch(route: tuple[Recipe, Municipality], seed: int) -> None:
    recipe, town = route
    desk = Office(BOOK, recipe.service, town.municipality)
    case_id = submit(desk, Random(seed))
    read = 0
    for kind, before, followed in story(desk, case_id, Random(seed)):
        check_table(kind, before, followed)
        check_case(desk, case_id, newest(desk, case_id))
        check_letters(desk, read, recipe, town)
        read = len(desk.letters)
    check_told(desk, case_id)
    assert not desk.dead


def test_every_event_type_happens_to_some_case_of_the_kochbuch() -> None:
    seen: Counter[str] = Counter()
    for seed in range(8):
        for recipe, town in ROUTES:
            desk = Office(BOOK, recipe.service, town.municipality)
            for _ in story(desk, submit(desk, Random(seed)), Random(seed)):
                pass
            seen.update(kind for kind, _ in desk.events)
        if seen.keys() == AUDIENCE.keys():
            return
    assert seen.keys() == AUDIENCE.keys()


@pytest.mark.parametrize(("recipe", "town"), ROUTES, ids=lambda part: getattr(part, "recipe", ""))
def test_the_citizen_can_call_whoever_decides(recipe: Recipe, town: Municipality) -> None:
    for station in recipe.route:
        if station.task == "decide":
            department = town.department_for(station.role)
            assert department
            assert town.departments[department].contact.phone


def submit(desk: Office, random: Random) -> str:
    """Hands in one of the recipe's examples; the case id."""
    examples = desk.book.services[desk.service].examples
    return desk.submit(random.choice([example for example in examples if not example.rejected]).form)


def story(desk: Office, case_id: str, random: Random) -> Any:  # noqa: ANN401 - yields request, case before it, events
    """Random requests and clock moves, most of which fit."""
    departments = [*desk.book.municipalities[desk.town].departments]
    for _ in range(_STEPS):
        desk.wait(0)
        before = newest(desk, case_id)
        if random.random() < 0.2:
            yield "wait", before, desk.wait(random.choice((1, 3, 10, 40, 120, 1200)) * DAY)
            continue
        kind = random.choice(_COMMANDS)
        if before and before["proposal"] and random.random() < 0.5:
            kind = "CountersignDecision"
        if before is None or (kind in {"Withdraw", "Forward", "Return", "Decide"} and random.random() < 0.6):
            continue
        given = anything(random, kind, desk.now) | fitting(random, before, kind, desk.now)
        given |= {"to_department": random.choice(departments)}
        yield kind, before, desk.do(kind, case_id, **given)


def check_told(desk: Office, case_id: str) -> None:
    """Every event says for whom it is; what the citizen is told keeps within the limits."""
    for kind, body in desk.of(case_id):
        assert body["audience"] == AUDIENCE[kind]
        assert body["audience"] in get_args(Audience)
        told = body if kind == "CitizenStatusChanged" else body.get("citizen")
        if told is not None:
            assert told["status"] in get_args(ZbpStatus)
            assert 0 < len(told["details"]) <= DETAILS
            assert 0 < len(told["next_step"]) <= NEXT_STEP
            assert 0 < len(told["contact"]) <= CONTACT
            assert AUDIENCE[kind] == "applicant"


def check_letters(desk: Office, read: int, recipe: Recipe, town: Municipality) -> None:
    """No department is sent a field that the recipe shows neither to one of its roles nor to anybody on request."""
    for letter in desk.letters[read:]:
        if letter.kind == "StationOpened":
            roles = town.departments[letter.body["department"]].roles
            shown = granted(recipe.recipe, roles)
            assert any(not outside(letter.body["form"], tree) for tree in shown), letter.body["form"].keys()


@cache
def granted(recipe: str, roles: tuple[str, ...]) -> tuple[Tree, ...]:
    """The selections of which a department with these roles may be sent one."""
    found = BOOK.recipes[recipe]
    chosen = [station.sees for station in found.route if station.role in roles]
    return tuple(projection(sees) for sees in (*chosen, found.on_request.sees))


def outside(form: Any, tree: Tree) -> bool:  # noqa: ANN401 - a form or a part of it
    """Whether there is anything that the selection does not name."""
    if isinstance(form, list):
        return any(outside(element, tree) for element in form)
    if not isinstance(form, dict):
        return False
    return any(name not in tree or (tree[name] != {} and outside(value, tree[name])) for name, value in form.items())
