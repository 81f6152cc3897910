"""Reachability: every station is reached by some case, and no part of a condition is in vain."""

from collections.abc import Iterator

from schemas.check.partition import LIMIT, Input, inputs, size
from schemas.errors import Problem
from schemas.recipe import Recipe
from schemas.rules import All, Condition, tests
from schemas.slip import chain


def problems_of(recipe: Recipe) -> Iterator[Problem]:
    """Stations that no case can reach, and conditions that always hold although they look like a choice."""
    for number, station in enumerate(recipe.route):
        where, name, condition = f"route.{number}.when", station.station, recipe.conditions[station.station]
        if condition == All(()):
            continue
        relevant = [recipe.conditions[other] for other in chain(recipe, name)]
        if size(relevant, recipe.form) > LIMIT:
            yield _too_entangled(where, name)
            continue
        verdicts = {
            recipe.predicates[name](case.facts) for case in inputs(relevant, recipe.form) if _possible(case, recipe)
        }
        if verdicts <= {False}:
            yield _unreachable(where, name, condition)
        elif verdicts == {True}:
            yield Problem(
                where,
                f"Diese Bedingung trifft immer zu; ohne sie ist „{name}“ dasselbe.",
                f"this condition always holds; “{name}” is the same without it",
            )


def _too_entangled(where: str, name: str) -> Problem:
    return Problem(
        where,
        f"Die Bedingung von „{name}“ unterscheidet mehr als {LIMIT} Fälle und lässt sich nicht beweisen;"
        " bitte vereinfachen.",
        f"the condition of “{name}” tells more than {LIMIT} cases apart and cannot be proved; simplify it",
    )


def _unreachable(where: str, name: str, condition: Condition) -> Problem:
    asked = sorted({test.subject for test in tests(condition)})
    return Problem(
        where,
        f"„{name}“ wird nie erreicht: die Bedingung kann nicht zutreffen. Bitte {', '.join(asked)} prüfen.",
        f"“{name}” can never be reached: its condition cannot hold. Check {', '.join(asked)}",
    )


def _possible(case: Input, recipe: Recipe) -> bool:
    """Whether the opinions assumed can have been given: by stations that are opened and asked for one."""
    return all(_gives(recipe, other, opinion, case) for other, opinion in (case.facts.opinions or {}).items())


def _gives(recipe: Recipe, name: str, opinion: str, case: Input) -> bool:
    station = recipe.station.get(name)
    if station is None or not recipe.predicates[name](case.facts):
        return False
    return (opinion == "settled") == (station.task != "consult")
