"""Slip: which stations of a recipe a case visits, given its form and the opinions so far; pure, without a clock."""

from collections.abc import Iterator

from schemas.recipe import Recipe, Station
from schemas.rules import Facts, tests

_OPINION = "opinion."


def needs(recipe: Recipe, station: str) -> frozenset[str]:
    """The stations that must be finished before this one has its turn: ``after``, and whose opinion it looks at."""
    asked = {
        test.subject.removeprefix(_OPINION) for test in tests(recipe.conditions[station]) if _is_opinion(test.subject)
    }
    return frozenset({*recipe.station[station].after, *asked} & recipe.station.keys())


def chain(recipe: Recipe, station: str) -> list[str]:
    """The station and all that it needs, directly or not."""
    found = [station]
    for known in found:
        found += sorted(needs(recipe, known) - set(found))
    return found


def _is_opinion(subject: str) -> bool:
    return subject.startswith(_OPINION)


def leads(recipe: Recipe, facts: Facts) -> tuple[str, ...]:
    """The deciding stations whose condition holds; a sound recipe has exactly one for every form."""
    return tuple(s.station for s in recipe.route if s.task == "decide" and recipe.predicates[s.station](facts))


def slip(recipe: Recipe, facts: Facts) -> tuple[str, ...]:
    """The stations opened so far, in the recipe's order; a station with an opinion is finished."""
    opened = set(_opened(recipe, facts))
    return tuple(station.station for station in recipe.route if station.station in opened)


def _opened(recipe: Recipe, facts: Facts) -> Iterator[str]:
    lead = next(iter(leads(recipe, facts)), None)
    finished: set[str] = set()
    waiting = {station.station: station for station in recipe.route}
    while ready := [station for name, station in waiting.items() if needs(recipe, name) <= finished]:
        for station in ready:
            name = station.station
            del waiting[name]
            applies = name == lead if station.task == "decide" else recipe.predicates[name](facts)
            if applies:
                yield name
            if not applies or _is_done(station, facts):
                finished.add(name)


def _is_done(station: Station, facts: Facts) -> bool:
    return station.task == "inform" or station.station in (facts.opinions or {})
