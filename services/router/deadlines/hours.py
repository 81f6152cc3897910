"""Hours: a period of hours runs by its natural length, from instant to instant, through nights, weekends and holidays.

§ 31 Abs. 6 VwVfG counts free days in, and who sets hours wants them exact: § 187 Abs. 1 BGB does not round them. An
hour is an hour: both hours between two and three count when summer time ends (2A and 2B, § 2 SoZV), and none is
invented when it begins.
"""

import datetime as dt

from schemas.deadline import Deadline
from schemas.errors import Problem, Reason, Rejected
from schemas.length import Length
from services.router.calendar import FIRST_YEAR, LAST_YEAR
from services.router.deadlines import law as laws
from services.router.deadlines import steps
from services.router.deadlines.computed import Computed
from services.router.deadlines.course import Course, stopped_us
from services.router.deadlines.instant import HOUR_US, day_of, from_us, to_us


def hours(deadline: Deadline, length: Length, course: Course) -> Computed:
    """The instant at which the hours have passed; receipt at a single contact fakes a day, never an hour."""
    begin = _begin(course)
    end = begin + length.count * HOUR_US
    trail: list[steps.Step] = [steps.Started(day_of(course.started), laws.HOURS, from_us(begin))]
    trail.append(_counted(deadline, length, end))
    halts = stopped_us(course.suspensions) if deadline.suspends else ()
    if deadline.resume == "restart":
        for since, until in halts:
            if since < end and until > begin:
                begin, end = until, until + length.count * HOUR_US
                trail += (steps.Restarted(day_of(from_us(begin)), laws.HOURS), _counted(deadline, length, end))
        halts = ()
    if course.extended:
        end += course.extended.count * HOUR_US
        trail.append(steps.Extended(_day(end), course.extended))
    for since, until in halts:
        stopped = max(since, begin)
        if stopped < min(until, end):
            end += until - stopped
            trail.append(steps.SuspendedHours(_day(end), from_us(stopped), from_us(until)))
    trail.append(steps.Ended(_day(end), from_us(end)))
    return Computed(_day(end), end, tuple(trail))


def _counted(deadline: Deadline, length: Length, end: int) -> steps.CountedHours:
    return steps.CountedHours(_day(end), length, from_us(end), deadline.basis)


def _day(end: int) -> dt.date:
    return day_of(from_us(end - 1))


def _begin(course: Course) -> int:
    if isinstance(course.started, dt.datetime) and FIRST_YEAR <= course.started.year <= LAST_YEAR:
        return to_us(course.started)
    raise Rejected(
        Reason.INVALID,
        Problem(
            "starts",
            f"Eine Stundenfrist braucht Tag und Uhrzeit des Beginns ({FIRST_YEAR} bis {LAST_YEAR}).",
            f"a period of hours needs day and time of its start ({FIRST_YEAR} to {LAST_YEAR})",
        ),
    )
