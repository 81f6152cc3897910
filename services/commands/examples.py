"""Examples: the submissions of a recipe, run as tests: where they go, what is refused, and until when."""

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from schemas.check.examples import problems_with
from schemas.errors import Problem
from schemas.municipality import Municipality
from schemas.recipe import Example, Recipe
from services.router.deadlines import day_of, from_us, to_us
from services.router.plan import plan_of


@dataclass(frozen=True, slots=True)
class Run:
    """One example and what differed; nothing, when it passed."""

    recipe: str
    example: str
    problems: tuple[Problem, ...]


def run_all(recipe: Recipe, towns: Iterable[Municipality]) -> Iterator[Run]:
    """Runs every example of a recipe; due dates hold in every municipality that offers it, or in the one named."""
    offering = tuple(town for town in towns if town.offers(recipe))
    for number, example in enumerate(recipe.examples):
        where = f"examples.{number}"
        places = [town for town in offering if example.holds_in(town.municipality, town.land)]
        found = [*problems_with(recipe, example, where), *_due_problems(recipe, example, f"{where}.due", places)]
        yield Run(recipe.recipe, example.name, tuple(found))


def _due_problems(recipe: Recipe, example: Example, where: str, towns: list[Municipality]) -> Iterator[Problem]:
    if example.due is None or example.received is None or example.rejected:
        return
    if not towns:
        yield Problem(
            where,
            "Keine Kommune bietet dieses Rezept an; die Frist lässt sich nicht nachrechnen.",
            "no municipality offers this recipe; the deadline cannot be computed",
        )
    for town in towns:
        found = due_date(recipe, example, town).isoformat()
        if found != example.due:
            yield Problem(
                where,
                f"Beispiel „{example.name}“ in {town.name.de}: erwartet war der {example.due}, errechnet der {found}.",
                f"example “{example.name}” in {town.name.en}: expected {example.due}, computed {found}",
            )


def due_date(recipe: Recipe, example: Example, town: Municipality) -> dt.date:
    """The last day of the case's deadline for an example with ``received``, complete on receipt."""
    received = dt.datetime.fromisoformat(example.received or "")
    term = plan_of(recipe, town).term
    target = term.target(recipe.validator.validate(example.form))
    return day_of(from_us(term.starting(to_us(received), target).at - 1))
