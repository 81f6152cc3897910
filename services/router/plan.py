"""Plan: one recipe in one municipality, compiled: stations with departments, conditions as closures, periods bound."""

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from schemas.avro import Tree, project
from schemas.codec import Schema
from schemas.deadline import Deadline
from schemas.length import parse_length
from schemas.municipality import TRIAGE, Municipality, missing_roles
from schemas.recipe import ON_REQUEST, Recipe, Station
from schemas.rules import Facts, Predicate, describe
from schemas.slices import Pieces, Slicer
from schemas.slip import needs
from services.router.calendar import Calendar, calendar_of
from services.router.terms import Term
from services.router.way import Ways


@dataclass(frozen=True, slots=True, eq=False)
class Stop:
    """One station in this municipality. ``needs`` are the stations that must be finished before it becomes due.

    Itself and nothing else is equal to it: comparing two recipes' stations field by field took a sixth of a decision.
    """

    station: Station
    department: str
    holds: Predicate
    rule: str
    needs: frozenset[str]
    term: Term | None

    @property
    def name(self) -> str:
        """The station's name."""
        return self.station.station


@dataclass(frozen=True, slots=True)
class View:
    """What a department receives under one station's name: the schema and the content filter. None chooses nothing.

    ``pieces`` say where the same content stands in the encoded submission; None where it has to be encoded anew.
    """

    schema: Schema
    tree: Tree | None
    frame: bytes
    pieces: Pieces | None

    def filtered(self, form: dict[str, Any]) -> dict[str, Any]:
        """The form as this view shows it."""
        return {} if self.tree is None else project(form, self.tree)


@dataclass(frozen=True)
class Plan:
    """Everything about one recipe in one municipality that does not depend on the case."""

    recipe: Recipe
    town: Municipality
    calendar: Calendar
    ways: Ways = field(default_factory=Ways, compare=False)
    """How submissions went lately."""
    told: dict[Any, dict[str, Any]] = field(default_factory=dict, compare=False)
    """What citizens were told lately, by the circumstances that it follows from."""

    @cached_property
    def missing(self) -> tuple[str, ...]:
        """Roles of the recipe that no department fills; triage is one of them."""
        return missing_roles(self.town, self.recipe)

    @cached_property
    def triage(self) -> str:
        """The department that receives what was returned and what has nowhere else to go."""
        return self.town.department_for(TRIAGE) or next(iter(self.town.departments))

    @cached_property
    def stops(self) -> tuple[Stop, ...]:
        """The stations in the recipe's order."""
        return tuple(self._stop(station) for station in self.recipe.route)

    @cached_property
    def stop(self) -> dict[str, Stop]:
        """The stations by name."""
        return {stop.name: stop for stop in self.stops}

    @cached_property
    def leads(self) -> tuple[Stop, ...]:
        """The stations that can decide; the first whose condition holds does."""
        return tuple(stop for stop in self.stops if stop.station.task == "decide")

    @cached_property
    def has_later_stops(self) -> bool:
        """Whether some station waits for another."""
        return any(stop.needs for stop in self.stops)

    @cached_property
    def term(self) -> Term:
        """The case's deadline."""
        return Term(self.recipe.deadline, self.calendar)

    @cached_property
    def check(self) -> Term | None:
        """The time for the check of papers, where the case's period begins with the complete ones."""
        within = self.term.deadline.check_within
        return Term(Deadline(within=within), self.calendar) if within else None

    @cached_property
    def views(self) -> dict[str, View]:
        """What may be shown, by station name or ``on-request``."""
        return {name: self._view(name, schema) for name, schema in self.recipe.messages.items()}

    @cached_property
    def slicer(self) -> Slicer:
        """Cuts the recipe's encoded submissions."""
        return Slicer(self.recipe.submission.definition, self.recipe.trees.values())

    def _view(self, name: str, schema: Schema) -> View:
        if not self.recipe.sees[name]:
            return View(schema, None, schema.frame, ())
        tree = self.recipe.trees[name]
        return View(schema, tree, schema.frame, self.slicer.pieces(tree))

    def escalation(self, role: str) -> str:
        """The department that is told of a missed deadline: the one of that role, or triage."""
        return (self.town.department_for(role) if role else None) or self.triage

    def view_for(self, department: str, station: str) -> str:
        """Under whose name a department sees the case when it works on this station.

        Its own where it fills the station's role, else that of the first station whose role it fills, else what the
        recipe grants on request.
        """
        roles = self.town.departments[department].roles
        own = self.recipe.station.get(station)
        if own is not None and own.role in roles:
            return station
        return next((s.station for s in self.recipe.route if s.role in roles), ON_REQUEST)

    def rule(self, station: str) -> str:
        """The condition of a station in the recipe's words; of one asked on request, that."""
        stop = self.stop.get(station)
        return stop.rule if stop else ON_REQUEST

    def _stop(self, station: Station) -> Stop:
        name = station.station
        return Stop(
            station,
            self.town.department_for(station.role) or self.triage,
            _never if name in self.town.waived(self.recipe) else self.recipe.predicates[name],
            describe(self.recipe.conditions[name]),
            needs(self.recipe, name),
            Term(station.due, self.calendar) if station.due else None,
        )

    @cached_property
    def objection(self) -> Any:  # noqa: ANN401 - Length
        """How long a decided case stays open."""
        return parse_length(self.recipe.objection)


def _never(_: Facts) -> bool:
    return False


def plan_of(recipe: Recipe, town: Municipality) -> Plan:
    """The plan of one recipe in one municipality."""
    return Plan(recipe, town, calendar_of(town.ars, town.local_holidays))
