"""Period: a deadline that runs forward from an event, with suspensions, restart and one extension."""

import datetime as dt
from dataclasses import dataclass, field

from schemas.deadline import Deadline
from schemas.length import Length, Unit
from services.router.calendar import Calendar
from services.router.deadlines import law as laws
from services.router.deadlines import steps
from services.router.deadlines.arithmetic import last_day
from services.router.deadlines.computed import Computed
from services.router.deadlines.counter import COUNTERS, count, counted_between
from services.router.deadlines.course import Course, Stop, deemed_receipt, stops
from services.router.deadlines.instant import DAY, day_of, end_of
from services.router.deadlines.move import move, stand, unsure


@dataclass(frozen=True, slots=True)
class _Rules:
    deadline: Deadline
    length: Length
    extended: Length | None
    calendar: Calendar


@dataclass(slots=True)
class _Trail:
    """Where the calculation stands, how it came there, and which of the days it counted are in doubt."""

    end: dt.date
    way: list[steps.Step] = field(default_factory=list)
    doubts: list[dt.date] = field(default_factory=list)


def period(deadline: Deadline, length: Length, course: Course, calendar: Calendar) -> Computed:
    """The end of a period of days, weeks, months, years, Werktage or Arbeitstage."""
    rules = _Rules(deadline, length, course.extended, calendar)
    started: tuple[steps.Step, ...] = _start(deadline, course)
    after_event = deadline.counting == "after-event"
    first = started[-1].date + DAY if after_event else started[-1].date
    halts = stops(course.suspensions) if deadline.suspends else ()
    if deadline.resume == "restart" and halts:
        restarted, trail = _restart(rules, first, halts, after_event=after_event)
        started = (*started, *restarted)
    else:
        trail = _run(rules, first, halts, after_event=after_event)
    end = trail.end
    doubts = unsure((*trail.doubts, end), end, calendar)
    return Computed(end, end_of(end), (*started, *trail.way, *doubts, steps.Ended(end)))


def _start(deadline: Deadline, course: Course) -> tuple[steps.Step, ...]:
    day = day_of(course.started)
    law = laws.EVENT if deadline.counting == "after-event" else laws.DAY_BEGINS
    if course.via_single_contact:
        deemed = deemed_receipt(day)
        return steps.ReceivedElsewhere(deemed, day), steps.Started(deemed, law)
    at = course.started if isinstance(course.started, dt.datetime) else None
    return (steps.Started(day, law, at),)


def _restart(
    rules: _Rules, first: dt.date, halts: tuple[Stop, ...], *, after_event: bool
) -> tuple[list[steps.Restarted], _Trail]:
    restarted: list[steps.Restarted] = []
    trail = _run(rules, first, (), after_event=after_event)
    for began, ended in halts:
        if ended >= first and began <= trail.end:
            restarted.append(steps.Restarted(ended))
            first = ended + DAY
            trail = _run(rules, first, (), after_event=True)
    return restarted, trail


def _run(rules: _Rules, first: dt.date, halts: tuple[Stop, ...], *, after_event: bool) -> _Trail:
    trail = _Trail(first)
    _count(rules, trail, first, after_event=after_event)
    _suspend(rules.calendar, trail, rules.length.unit, first, halts)
    if rules.extended:
        if rules.deadline.moves:
            _settle(rules, trail, halts)
            trail.doubts.append(trail.end)
        first = trail.end + DAY
        _extend(rules.calendar, trail, rules.extended, first)
        _suspend(rules.calendar, trail, rules.extended.unit, first, halts)
    _settle(rules, trail, halts)
    return trail


def _count(rules: _Rules, trail: _Trail, first: dt.date, *, after_event: bool) -> None:
    length, basis = rules.length, rules.deadline.basis
    if length.unit in COUNTERS:
        counted = count(first, length.count, length.unit, rules.calendar)
        trail.end, trail.doubts = counted.end, list(counted.doubts)
        trail.way.append(steps.Counted(counted.end, laws.DAYS, length, basis, counted.skipped))
        return
    trail.end = last_day(first, length, after_event=after_event)
    law = _law_of_end(first - DAY if after_event else first, trail.end, length, after_event=after_event)
    trail.way.append(steps.Counted(trail.end, law, length, basis))


def _law_of_end(start: dt.date, end: dt.date, length: Length, *, after_event: bool) -> str:
    if length.unit is Unit.DAYS:
        return laws.DAYS
    if length.unit is Unit.WEEKS:
        return laws.WEEKS_AND_MONTHS
    if length.half_month:
        return laws.HALF_MONTH
    due_number = start.day if after_event else start.day - 1
    return laws.SHORT_MONTH if end.day < due_number else laws.WEEKS_AND_MONTHS


def _extend(calendar: Calendar, trail: _Trail, length: Length, first: dt.date) -> None:
    """The new period runs from the end of the old (§ 190 BGB): where that had moved to a Werktag, from there.

    BGH, 14.12.2005, IX ZB 198/04, on the same words in § 224 Abs. 3 ZPO.
    """
    if length.unit in COUNTERS:
        counted = count(first, length.count, length.unit, calendar)
        trail.end = counted.end
        trail.doubts += counted.doubts
    else:
        trail.end = last_day(first, length, after_event=False)
    trail.way.append(steps.Extended(trail.end, length))


def _suspend(calendar: Calendar, trail: _Trail, unit: Unit, first: dt.date, halts: tuple[Stop, ...]) -> None:
    """Gives back the days of each suspension that fell into the running period."""
    for began, last in halts:
        stopped = max(began, first)
        if stopped > last or stopped > trail.end:
            continue
        if unit in COUNTERS:
            left = counted_between(stopped, trail.end, unit, calendar)
            counted = count(last + DAY, left, unit, calendar)
            trail.end = counted.end
            trail.doubts += counted.doubts
        else:
            trail.end += last - stopped + DAY
        trail.way.append(steps.Suspended(trail.end, stopped, last))


def _settle(rules: _Rules, trail: _Trail, halts: tuple[Stop, ...]) -> None:
    """Moves an end on a free day, and again where the one day that was left had been suspended too."""
    if not rules.deadline.moves:
        trail.way.append(stand(trail.end, rules.calendar, laws.STANDS))
        return
    while moved := move(trail.end, rules.calendar):
        trail.way.append(moved)
        halt = next((halt for halt in halts if trail.end < halt[0] <= moved.date <= halt[1]), None)
        trail.end = moved.date
        if halt is None:
            return
        trail.end = halt[1] + DAY
        trail.way.append(steps.Suspended(trail.end, moved.date, halt[1]))
