"""Slip: which stations of a recipe a case visits, given its form and the opinions so far; pure, without a clock.

The router opens stations by :func:`due`, and so do examples, explanation and simulation.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol, TypeVar

from schemas.recipe import Recipe, Station
from schemas.rules import Facts, Predicate, tests

_OPINION = "opinion."


class Turning(Protocol):
    """A station, in some town or none."""

    @property
    def name(self) -> str:
        """The station's name."""

    @property
    def station(self) -> Station:
        """As the recipe has it."""

    @property
    def needs(self) -> frozenset[str]:
        """What must be finished before it has its turn."""

    @property
    def holds(self) -> Predicate:
        """Its condition."""


Stop = TypeVar("Stop", bound=Turning)


def needs(recipe: Recipe, station: str) -> frozenset[str]:
    """The stations that must be finished before this one has its turn: ``after``, and whose opinion it looks at."""
    return frozenset({*recipe.station[station].after, *opinions_of(recipe, station)} & recipe.station.keys())


def opinions_of(recipe: Recipe, station: str) -> set[str]:
    """The stations whose opinions the condition of this one looks at."""
    subjects = (test.subject for test in tests(recipe.conditions[station]))
    return {subject.removeprefix(_OPINION) for subject in subjects if subject.startswith(_OPINION)}


def chain(recipe: Recipe, station: str) -> list[str]:
    """The station and all that it needs, directly or not."""
    found = [station]
    for known in found:
        found += sorted(needs(recipe, known) - set(found))
    return found


def leads(recipe: Recipe, facts: Facts) -> tuple[str, ...]:
    """The deciding stations whose condition holds; a sound recipe has exactly one for every form."""
    return tuple(s.station for s in recipe.route if s.task == "decide" and recipe.predicates[s.station](facts))


def due(stops: Iterable[Stop], lead: str, facts: Facts, finished: set[str]) -> list[Stop]:
    """Of the stations not yet opened those whose turn it is and whose condition holds.

    A station has its turn when all that it needs are ``finished``; one that does not apply counts as finished, and so
    does one that is only informed; both are added.
    """
    found: list[Stop] = []
    turn, waiting = _by_turn(stops, finished)
    while turn:
        for stop in turn:
            applies = stop.name == lead if stop.station.task == "decide" else stop.holds(facts)
            if applies:
                found.append(stop)
            if not applies or stop.station.task == "inform":
                finished.add(stop.name)
        turn, waiting = _by_turn(waiting, finished)
    return found


def _by_turn(stops: Iterable[Stop], finished: set[str]) -> tuple[list[Stop], list[Stop]]:
    turn: list[Stop] = []
    waiting: list[Stop] = []
    for stop in stops:
        (turn if stop.needs <= finished else waiting).append(stop)
    return turn, waiting


def slip(recipe: Recipe, facts: Facts) -> tuple[str, ...]:
    """The stations opened so far, in the recipe's order; a station with an opinion is finished."""
    lead = next(iter(leads(recipe, facts)), "")
    waiting, finished, opened = turns(recipe), set[str](), set[str]()
    while found := due(waiting, lead, facts, finished):
        opened |= {stop.name for stop in found}
        finished |= opened & (facts.opinions or {}).keys()
        waiting = [stop for stop in waiting if stop.name not in opened]
    return tuple(station.station for station in recipe.route if station.station in opened)


@dataclass(frozen=True, slots=True, eq=False)
class Turn:
    """A station of a recipe, in no particular town."""

    station: Station
    needs: frozenset[str]
    holds: Predicate

    @property
    def name(self) -> str:
        """The station's name."""
        return self.station.station


def turns(recipe: Recipe) -> list[Turn]:
    """The recipe's stations in its order."""
    return [Turn(s, needs(recipe, s.station), recipe.predicates[s.station]) for s in recipe.route]
