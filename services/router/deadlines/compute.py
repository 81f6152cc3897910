"""Compute: what a recipe's deadline means for one case."""

from schemas.deadline import DEFAULT_DEADLINE, Deadline
from schemas.length import Unit
from services.router.calendar import Calendar
from services.router.deadlines.backward import backward
from services.router.deadlines.computed import Computed
from services.router.deadlines.course import Course
from services.router.deadlines.hours import hours
from services.router.deadlines.instant import day_of
from services.router.deadlines.period import period
from services.router.deadlines.schedule import first_working_day_of_next_month, fixed
from services.router.deadlines.steps import Missing


def compute(deadline: Deadline | None, course: Course, calendar: Calendar) -> Computed:
    """The end of the deadline, or of § 75 VwGO's three months where there is none or its date is not in the form.

    The caller passes the event that ``deadline.starts`` names; as long as papers are missing, or the clock stands
    still, there is no end to compute. Raises Rejected for years without a known calendar.
    """
    deadline = deadline or DEFAULT_DEADLINE
    _need_known_years(course, calendar)
    if deadline.within:
        if deadline.within.unit is Unit.HOURS:
            return hours(deadline, deadline.within, course)
        return period(deadline, deadline.within, course, calendar)
    if deadline.fixed:
        return fixed(deadline.fixed, calendar)
    if deadline.by:
        return first_working_day_of_next_month(course.started, calendar, deadline.basis)
    return _before(deadline, course, calendar)


def _need_known_years(course: Course, calendar: Calendar) -> None:
    calendar.holiday(day_of(course.started))
    if course.target:
        calendar.holiday(course.target)
    for suspension in course.suspensions:
        calendar.holiday(day_of(suspension.since))
        calendar.holiday(day_of(suspension.until))


def _before(deadline: Deadline, course: Course, calendar: Calendar) -> Computed:
    before = deadline.before
    if before is None or course.target is None:
        computed = compute(DEFAULT_DEADLINE, course, calendar)
        missing = Missing(day_of(course.started), before.field if before else "")
        return Computed(computed.date, computed.at_us, (missing, *computed.steps))
    return backward(
        before.length,
        course.target,
        calendar,
        clear=before.clear,
        moves=deadline.moves,
        basis=deadline.basis,
    )
