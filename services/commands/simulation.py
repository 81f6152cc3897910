"""Simulation: what a changed recipe would do to recent cases; pure. Names stations and references, never answers."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from schemas import fields
from schemas.recipe import Recipe
from schemas.rules import Facts, subject_field, tests
from schemas.slip import leads, slip

Submission = Mapping[str, Any]
"""A decoded CaseSubmitted."""


@dataclass(frozen=True, slots=True)
class Change:
    """How many of the cases visit a station under the old and the new recipe."""

    station: str
    role: str
    before: int
    after: int
    lost: int
    gained: int


@dataclass(frozen=True, slots=True)
class Moved:
    """One case that would go elsewhere; the citizen's reference stands for it."""

    reference: str
    municipality: str
    lost: tuple[str, ...]
    gained: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Seen:
    """Fields that a station of both recipes would see more or no longer."""

    station: str
    added: tuple[str, ...]
    removed: tuple[str, ...]


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
    ignored: tuple[str, ...]


def simulate(
    old: Recipe,
    new: Recipe,
    submissions: Iterable[Submission],
    versions: Iterable[Recipe] = (),
    lands: Mapping[str, str] = MappingProxyType({}),
) -> Simulation:
    """Runs past submissions through the recipe in force and the new one, as they were on receipt.

    ``versions`` are further versions under which submissions may have come; one of an unknown version is skipped.
    ``lands`` are the Länder of the municipalities by name.
    """
    before: Counter[str] = Counter()
    after: Counter[str] = Counter()
    moved: list[Moved] = []
    leaderless: list[str] = []
    readable = _Readable(old, new, versions, lands)
    cases = 0
    for submission in filter(readable.knows, submissions):
        cases += 1
        facts = readable.facts(submission, new)
        was, becomes = set(slip(old, readable.facts(submission, old))), set(slip(new, facts))
        before.update(was)
        after.update(becomes)
        if not leads(new, facts):
            leaderless.append(submission["reference"])
        if was != becomes:
            moved.append(_moved(submission, was, becomes))
    return Simulation(
        recipe=new.recipe,
        before=old.version,
        after=new.version,
        cases=cases,
        skipped=readable.skipped,
        changes=tuple(_changes(old, new, before, after, moved)),
        moved=tuple(moved),
        without_lead=tuple(leaderless),
        seen=tuple(_seen(old, new)),
        ignored=tuple(sorted(_changed_kinds(old, new))),
    )


class _Readable:
    """Reads submissions of several versions with the eyes of one recipe: answers of another kind count as missing."""

    def __init__(self, old: Recipe, new: Recipe, versions: Iterable[Recipe], lands: Mapping[str, str]) -> None:
        self._lands = lands
        known = {recipe.version: recipe for recipe in (*versions, old)}
        self._without = {
            (version, id(target)): frozenset(_changed_kinds(recipe, target))
            for version, recipe in known.items()
            for target in (old, new)
        }
        self._known = known.keys()
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
        town = submission["municipality"]
        return Facts(form, town, submission["channel"], land=self._lands.get(town, ""))


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


def _moved(submission: Submission, was: set[str], becomes: set[str]) -> Moved:
    return Moved(
        submission["reference"],
        submission["municipality"],
        tuple(sorted(was - becomes)),
        tuple(sorted(becomes - was)),
    )


def _changes(
    old: Recipe, new: Recipe, before: Counter[str], after: Counter[str], moved: list[Moved]
) -> Iterator[Change]:
    lost = Counter(station for case in moved for station in case.lost)
    gained = Counter(station for case in moved for station in case.gained)
    for name, station in (old.station | new.station).items():
        yield Change(name, station.role, before[name], after[name], lost[name], gained[name])


def _seen(old: Recipe, new: Recipe) -> Iterator[Seen]:
    for name in old.station.keys() & new.station.keys():
        was, becomes = set(old.sees[name]), set(new.sees[name])
        if was != becomes:
            yield Seen(name, tuple(sorted(becomes - was)), tuple(sorted(was - becomes)))
