"""Terms: a declared deadline bound to one Land's calendar, and the instants that the router watches.

Periods that run in whole days end alike for every start within the same hour of the log, so that a stream of
submissions computes each end once an hour.
"""

import datetime as dt
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any, NamedTuple

from schemas.deadline import DEFAULT_DEADLINE, Deadline
from schemas.errors import Rejected
from schemas.length import Length, Unit, parse_length
from schemas.submission import SINGLE_CONTACT
from services.router.calendar import Calendar
from services.router.case import Halt
from services.router.deadlines.compute import compute
from services.router.deadlines.computed import Computed
from services.router.deadlines.course import Course, Suspension, deemed_receipt
from services.router.deadlines.instant import DAY, HOUR_US, day_of, end_of, from_days, from_us, start_of
from services.router.deadlines.notification import Way, notified
from services.router.deadlines.reminder import reminder

_REMEMBERED = 4_096


class Due(NamedTuple):
    """The first instant that is too late, and when to remind of it."""

    at: int
    remind_at: int | None

    def after(self, since: int) -> "Due":
        """The same without a reminder whose moment had passed by then."""
        return self if self.remind_at is None or self.remind_at > since else Due(self.at, None)


class Term:
    """One deadline of a recipe in one Land; None stands for § 75 VwGO."""

    def __init__(self, deadline: Deadline | None, calendar: Calendar) -> None:
        self.deadline = deadline or DEFAULT_DEADLINE
        self._calendar = calendar
        self._known: dict[int, Due] = {}
        within = self.deadline.within
        self._path = self.deadline.before.field.split(".") if self.deadline.before else []
        self._by_hour = not (within and within.unit is Unit.HOURS) and not self.deadline.before

    def target(self, form: dict[str, Any]) -> int | None:
        """The form's date that a backward deadline counts from, as days since the epoch."""
        value: Any = form
        for part in self._path:
            value = value.get(part) if isinstance(value, dict) else None
        return value if self._path and isinstance(value, int) else None

    def start(self, received_at: int, channel: str) -> int:
        """From when a case's period runs at first: receipt, or the third day after that at the single contact.

        Hours run from the real instant.
        """
        hours = self.deadline.within and self.deadline.within.unit is Unit.HOURS
        if channel != SINGLE_CONTACT or hours:
            return received_at
        return start_of(deemed_receipt(day_of(from_us(received_at))))

    def starting(self, at: int, target: int | None = None) -> Due:
        """The end of the period that starts at this instant; ``target`` is the form's date to count back from."""
        if not self._by_hour:
            return self._due(Course(from_us(at)), target)
        hour = at // HOUR_US
        due = self._known.get(hour)
        if due is None:
            if len(self._known) >= _REMEMBERED:
                self._known.clear()
            due = self._known[hour] = self._due(Course(from_us(at)))
        return due

    def running(self, started: int, halts: Sequence[Halt], extended: str | None, target: int | None = None) -> Due:
        """The same with everything that stopped or extended it."""
        return self._due(_course(started, halts, extended), target)

    def computed(
        self,
        started: int,
        halts: Sequence[Halt],
        extended: str | None,
        target: int | None = None,
        *,
        via_single_contact: bool = False,
    ) -> Computed:
        """The same with its derivation; ``started`` is the receipt where that was at the single contact."""
        course = replace(_course(started, halts, extended), via_single_contact=via_single_contact)
        return self._counted(course, target)[0]

    def longer(self, due_at: int, by: Length) -> Due:
        """The end of a time that would have ended at ``due_at`` and is extended from there (§ 190 BGB).

        Days are added to the last day whole, also where it was to end at an hour of that day.
        """
        more = Term(self.deadline.model_copy(update={"within": by, "counting": "from-day"}), self._calendar)
        last = day_of(from_us(due_at - 1))
        return more._due(Course(from_us(due_at) if by.unit is Unit.HOURS else last + DAY))

    def _due(self, course: Course, target: int | None = None) -> Due:
        return self._counted(course, target)[1]

    def _counted(self, course: Course, target: int | None) -> tuple[Computed, Due]:
        """A date that no calendar knows counts as one that is not there: nobody is to lose an application by it."""
        if target is not None:
            with suppress(Rejected):
                return self._with_reminder(replace(course, target=from_days(target)))
        return self._with_reminder(course)

    def _with_reminder(self, course: Course) -> tuple[Computed, Due]:
        computed, remind = compute(self.deadline, course, self._calendar), self.deadline.remind
        return computed, Due(computed.at_us, reminder(computed, remind, self._calendar).at_us if remind else None)


def _course(started: int, halts: Sequence[Halt], extended: str | None) -> Course:
    return Course(
        from_us(started),
        tuple(Suspension(from_us(halt["since"]), from_us(halt["until"])) for halt in halts),
        parse_length(extended) if extended else None,
    )


def papers_end(until: int, calendar: Calendar) -> int:
    """The instant from which papers come too late that are asked for until this one.

    A day that is free moves to the next Werktag (§ 31 Abs. 3 VwVfG); an hour that was named stands (Abs. 5).
    """
    last = day_of(from_us(until - 1))
    return end_of(calendar.arbeitstag_from(last)) if until == end_of(last) else until


def objection(length: Length, way: str, decided_at: int, calendar: Calendar) -> tuple[Computed, Computed]:
    """When a decision that goes out at this instant counts as notified, and until when it can be objected to."""
    deemed = notified(Way(way), from_us(decided_at), calendar)
    return deemed, compute(Deadline(within=length, basis="§ 70 VwGO"), Course(deemed.date), calendar)


def retention_end(years: int, closed_at: int) -> int:
    """Until when a closed case is kept: whole calendar years after the one in which it was closed."""
    closed = day_of(from_us(closed_at))
    return start_of(dt.date(closed.year + years + 1, 1, 1)) if years else end_of(closed)
