"""Course: what has happened to one deadline so far."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from schemas.length import Length
from services.router.deadlines.instant import DAY, Moment, day_of, end_of, start_of, to_us


@dataclass(frozen=True, slots=True)
class Suspension:
    """The clock stood still from ``since`` to ``until``, both days included; hours where both are instants."""

    since: Moment
    until: Moment


@dataclass(frozen=True, slots=True)
class Course:
    """The starting event, and what stopped or extended the period; ``target`` is the form's date to count back from."""

    started: Moment
    suspensions: tuple[Suspension, ...] = ()
    extended: Length | None = None
    via_single_contact: bool = False
    target: dt.date | None = None


def deemed_receipt(at_single_contact: dt.date) -> dt.date:
    """The day on which the authority counts as having received what came in at the single contact (§ 71b Abs. 2)."""
    return at_single_contact + 3 * DAY


Stop = tuple[dt.date, dt.date]
"""First and last suspended day."""


def stops(suspensions: Iterable[Suspension]) -> tuple[Stop, ...]:
    """The suspended days in order, overlapping and adjoining suspensions as one: no day is given back twice."""
    merged: list[Stop] = []
    for first, last in sorted((day_of(s.since), day_of(s.until)) for s in suspensions):
        if merged and first <= merged[-1][1] + DAY:
            merged[-1] = (merged[-1][0], max(last, merged[-1][1]))
        elif first <= last:
            merged.append((first, last))
    return tuple(merged)


def stopped_us(suspensions: Iterable[Suspension]) -> tuple[tuple[int, int], ...]:
    """The same as instants, for periods of hours."""
    merged: list[tuple[int, int]] = []
    for since, until in sorted((_since_us(s.since), _until_us(s.until)) for s in suspensions):
        if merged and since <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(until, merged[-1][1]))
        elif since < until:
            merged.append((since, until))
    return tuple(merged)


def _since_us(moment: Moment) -> int:
    return to_us(moment) if isinstance(moment, dt.datetime) else start_of(moment)


def _until_us(moment: Moment) -> int:
    return to_us(moment) if isinstance(moment, dt.datetime) else end_of(moment)
