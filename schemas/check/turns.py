"""Turns: no station waits for itself, for an opinion that cannot have been given yet, or for the end of the case."""

from collections.abc import Iterator

from schemas.errors import Problem
from schemas.recipe import Recipe, Station
from schemas.rules import tests
from schemas.slip import chain, needs


def problems_of(recipe: Recipe) -> Iterator[Problem]:
    """Circles through ``after`` and ``opinion.*``, opinions never heard, leads chosen by them, questions too late."""
    yield from _circles(recipe)
    for number, station in enumerate(recipe.route):
        where = f"route.{number}"
        yield from _unheard(f"{where}.hears", station, recipe)
        if station.task == "decide":
            yield from _chosen_by_opinion(f"{where}.when", station, recipe)
        elif station.task == "consult":
            yield from _after_the_decision(where, station, recipe)


def _circles(recipe: Recipe) -> Iterator[Problem]:
    told: set[str] = set()
    for number, name in enumerate(recipe.station):
        circle = [other for other in chain(recipe, name) if name in _all_needed(recipe, other)]
        if not circle or name in told:
            continue
        told.update(circle)
        names = ", ".join(circle)
        yield Problem(
            f"route.{number}",
            f"Diese Stationen warten aufeinander und werden nie geöffnet: {names}. Bitte after oder opinion lösen.",
            f"these stations wait for each other and are never opened: {names}. Take an after or an opinion out",
        )


def _all_needed(recipe: Recipe, station: str) -> set[str]:
    return {found for name in needs(recipe, station) for found in chain(recipe, name)}


def _unheard(where: str, station: Station, recipe: Recipe) -> Iterator[Problem]:
    for name in station.hears:
        if name not in needs(recipe, station.station):
            yield Problem(
                where,
                f"„{station.station}“ wartet nicht auf „{name}“ und kann dessen Stellungnahme nicht erhalten;"
                " bitte after ergänzen.",
                f"“{station.station}” does not wait for “{name}” and cannot be told its opinion; add an after",
            )


def _chosen_by_opinion(where: str, station: Station, recipe: Recipe) -> Iterator[Problem]:
    if any(test.subject.startswith("opinion.") for test in tests(recipe.conditions[station.station])):
        yield Problem(
            where,
            f"Wer entscheidet, steht beim Eingang fest; dann hat noch niemand Stellung genommen. Bitte die Bedingung"
            f" von „{station.station}“ ohne opinion fassen.",
            f"who decides is settled at receipt, when nobody has given an opinion yet. Put the condition of"
            f" “{station.station}” without opinion",
        )


def _after_the_decision(where: str, station: Station, recipe: Recipe) -> Iterator[Problem]:
    deciding = [name for name in chain(recipe, station.station) if recipe.station[name].task == "decide"]
    if deciding:
        yield Problem(
            where,
            f"„{station.station}“ wartet auf die Entscheidung von „{deciding[0]}“; danach wird niemand mehr gefragt,"
            " nur noch unterrichtet (task: inform).",
            f"“{station.station}” waits for the decision of “{deciding[0]}”; after it nobody is asked any more, only"
            " informed (task: inform)",
        )
