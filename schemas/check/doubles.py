"""Doubles: no role is sent the same case twice for one purpose."""

from collections.abc import Iterator
from itertools import combinations

from schemas.check.partition import LIMIT, inputs, size
from schemas.errors import Problem
from schemas.recipe import Recipe, Station
from schemas.slip import chain


def problems_of(recipe: Recipe) -> Iterator[Problem]:
    """Pairs of stations with the same role, task and purpose that one case can open at the same time."""
    for first, second in combinations(recipe.route, 2):
        if first.task == "decide" or not _same(first, second) or _in_turn(recipe, first, second):
            continue
        conditions = [recipe.conditions[station.station] for station in (first, second)]
        if size(conditions, recipe.form) > LIMIT:
            continue
        for case in inputs(conditions, recipe.form):
            if all(recipe.predicates[station.station](case.facts) for station in (first, second)):
                yield _doubled(
                    recipe, first, second, case.describe(recipe.form, "de"), case.describe(recipe.form, "en")
                )
                break


def _same(first: Station, second: Station) -> bool:
    return (first.role, first.task, first.purpose) == (second.role, second.task, second.purpose)


def _in_turn(recipe: Recipe, first: Station, second: Station) -> bool:
    return first.station in chain(recipe, second.station) or second.station in chain(recipe, first.station)


def _doubled(recipe: Recipe, first: Station, second: Station, german: str, english: str) -> Problem:
    return Problem(
        f"route.{list(recipe.station).index(second.station)}.when",
        f"„{first.station}“ und „{second.station}“ schicken der Rolle „{first.role}“ denselben Vorgang zweimal"
        f" bei: {german}.",
        f"“{first.station}” and “{second.station}” send the role “{first.role}” the same case twice where: {english}",
    )
