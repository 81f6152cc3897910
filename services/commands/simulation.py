"""Simulation: what a changed recipe would do to recent cases; pure. Names stations and references, never answers."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from schemas import fields
from schemas.municipality import TRIAGE, Municipality
from schemas.recipe import Recipe
from schemas.rules import Facts, subject_field, tests
from schemas.slip import leads, opinions_of, slip
from services.commands.recipe_difference import Seen, Term, seen, terms
from services.commands.replay import Opinions

Submission = Mapping[str, Any]
"""A decoded CaseSubmitted."""


@dataclass(frozen=True, slots=True)
class Change:
    """How many of the cases visit a station under the old and the new recipe, and how many of them otherwise."""

    station: str
    role: str
    before: int
    after: int
    lost: int
    gained: int


@dataclass(frozen=True, slots=True, order=True)
class Visit:
    """A station in one town: its name, and the department that holds it there."""

    station: str
    department: str

    def __str__(self) -> str:
        return f"{self.station} ({self.department})"


@dataclass(frozen=True, slots=True)
class Moved:
    """One case that would go elsewhere; the citizen's reference stands for it."""

    reference: str
    municipality: str
    lost: tuple[Visit, ...]
    gained: tuple[Visit, ...]


@dataclass(frozen=True, slots=True)
class Unknown:
    """A station that hangs on an opinion which some of the cases, under the new recipe, do not have."""

    station: str
    cases: int


@dataclass(frozen=True, slots=True)
class Simulation:
    """``without_lead``: nobody would decide; ``ignored``: answers of another kind; ``skipped``: of unknown versions."""

    recipe: str
    before: int
    after: int
    cases: int
    skipped: int
    changes: tuple[Change, ...]
    moved: tuple[Moved, ...]
    without_lead: tuple[str, ...]
    seen: tuple[Seen, ...]
    terms: tuple[Term, ...]
    unknown: tuple[Unknown, ...]
    ignored: tuple[str, ...]


def simulate(
    old: Recipe,
    new: Recipe,
    submissions: Iterable[Submission],
    versions: Iterable[Recipe] = (),
    towns: Mapping[str, Municipality] | None = None,
    opinions: Opinions | None = None,
) -> Simulation:
    """Runs past submissions through the recipe in force and the new one, with the opinions that were given since.

    ``versions`` are further versions under which submissions may have come; one of an unknown version is skipped.
    """
    before: Counter[str] = Counter()
    after: Counter[str] = Counter()
    unknown: Counter[str] = Counter()
    moved: list[Moved] = []
    leaderless: list[str] = []
    readable = _Readable(old, new, versions, opinions or {}, towns or {})
    cases = 0
    for submission in filter(readable.knows, submissions):
        cases += 1
        facts, town = readable.facts(submission, new), (towns or {}).get(submission["municipality"])
        was, becomes = _course(old, readable.facts(submission, old)), _course(new, facts)
        before.update(was)
        after.update(becomes)
        unknown.update(_hanging(new, becomes, facts))
        if not leads(new, facts):
            leaderless.append(submission["reference"])
        moved += _moved(submission, _visits(old, was, town), _visits(new, becomes, town))
    return Simulation(
        recipe=new.recipe,
        before=old.version,
        after=new.version,
        cases=cases,
        skipped=readable.skipped,
        changes=tuple(_changes(old, new, before, after, moved)),
        moved=tuple(moved),
        without_lead=tuple(leaderless),
        seen=tuple(seen(old, new)),
        terms=tuple(terms(old, new)),
        unknown=tuple(Unknown(station, unknown[station]) for station in new.station if unknown[station]),
        ignored=tuple(sorted(_changed_kinds(old, new))),
    )


class _Readable:
    """Reads submissions of several versions with the eyes of one recipe: answers of another kind count as missing."""

    def __init__(
        self,
        old: Recipe,
        new: Recipe,
        versions: Iterable[Recipe],
        opinions: Opinions,
        towns: Mapping[str, Municipality],
    ) -> None:
        self._lands = {name: town.land for name, town in towns.items()}
        known = {recipe.version: recipe for recipe in (*versions, old)}
        self._without = {
            (version, id(target)): frozenset(_changed_kinds(recipe, target))
            for version, recipe in known.items()
            for target in (old, new)
        }
        self._known = known.keys()
        self._opinions = opinions
        self.skipped = 0

    def knows(self, submission: Submission) -> bool:
        """Whether the version is known; counts those that are not."""
        known = submission["recipe_version"] in self._known
        self.skipped += not known
        return known

    def facts(self, submission: Submission, target: Recipe) -> Facts:
        """What the target's conditions may look at."""
        without = self._without[submission["recipe_version"], id(target)]
        form = {name: value for name, value in submission["form"].items() if name not in without}
        opinions = self._opinions.get(submission["case_id"], {})
        town = submission["municipality"]
        return Facts(form, town, submission["channel"], opinions, self._lands.get(town, ""))


def _changed_kinds(old: Recipe, new: Recipe) -> Iterator[str]:
    """Top-level fields below which the new conditions would compare with another kind of value."""
    for condition in new.conditions.values():
        for test in tests(condition):
            head = test.subject.partition(".")[0]
            if head in old.form and _kind(old, test.subject) != _kind(new, test.subject):
                yield head


def _kind(recipe: Recipe, subject: str) -> tuple[type, ...]:
    field = subject_field(subject, recipe.form)
    return (type(field), type(field.of)) if isinstance(field, fields.ListOf) else (type(field),)


def _course(recipe: Recipe, facts: Facts) -> tuple[str, ...]:
    """The stations opened; what a station has said that this recipe would not open was never said."""
    opened, said = slip(recipe, facts), facts.opinions or {}
    heard = {name: opinion for name, opinion in said.items() if name in opened}
    return opened if heard == said else _course(recipe, replace(facts, opinions=heard))


def _hanging(recipe: Recipe, opened: tuple[str, ...], facts: Facts) -> Iterator[str]:
    """Stations not opened of which it cannot be said whether they would be: an opinion that they ask for is missing."""
    asked = {name for name in opened if recipe.station[name].task == "consult"}
    for name in recipe.station.keys() - set(opened):
        if (opinions_of(recipe, name) & asked) - (facts.opinions or {}).keys():
            yield name


def _visits(recipe: Recipe, stations: Iterable[str], town: Municipality | None) -> set[Visit]:
    """The stations with their departments; with their roles where the town is not known any more."""
    roles = {name: recipe.station[name].role for name in stations}
    if town is None:
        return {Visit(name, role) for name, role in roles.items()}
    triage = town.department_for(TRIAGE) or TRIAGE
    return {Visit(name, town.department_for(role) or triage) for name, role in roles.items()}


def _moved(submission: Submission, was: set[Visit], becomes: set[Visit]) -> Iterator[Moved]:
    if was != becomes:
        lost, gained = tuple(sorted(was - becomes)), tuple(sorted(becomes - was))
        yield Moved(submission["reference"], submission["municipality"], lost, gained)


def _changes(
    old: Recipe, new: Recipe, before: Counter[str], after: Counter[str], moved: list[Moved]
) -> Iterator[Change]:
    lost = Counter(visit.station for case in moved for visit in case.lost)
    gained = Counter(visit.station for case in moved for visit in case.gained)
    for name in old.station | new.station:
        roles = dict.fromkeys(recipe.station[name].role for recipe in (old, new) if name in recipe.station)
        yield Change(name, " → ".join(roles), before[name], after[name], lost[name], gained[name])
