"""Schedule: ends that no length leads to: a fixed date, the first working day of a month, the first of a month."""

import datetime as dt

from services.router.calendar import Calendar
from services.router.deadlines import law as laws
from services.router.deadlines import steps
from services.router.deadlines.arithmetic import month_day
from services.router.deadlines.computed import Computed
from services.router.deadlines.instant import Moment, day_of, end_of, start_of
from services.router.deadlines.move import stand, unsure


def fixed(day: dt.date, calendar: Calendar) -> Computed:
    """A date that an authority has set stands, on a holiday too (§ 31 Abs. 3 Satz 2, Abs. 5 VwVfG)."""
    return Computed(day, end_of(day), (stand(day, calendar, laws.FIXED), steps.Ended(day)))


def first_working_day_of_next_month(event: Moment, calendar: Calendar, basis: str) -> Computed:
    """The first Arbeitstag of the month after the event, as § 3 Abs. 5 GewAnzV asks for the statistics."""
    started = day_of(event)
    end = calendar.arbeitstag_from(month_day(started, 1, 1))
    trail: list[steps.Step] = [steps.Started(started, ""), steps.Scheduled(end, basis), *unsure((end,), end, calendar)]
    return Computed(end, end_of(end), (*trail, steps.Ended(end)))


def month_of_application(received: Moment, law: str = laws.BENEFIT) -> Computed:
    """The first of the month in which the application was made in Berlin; ``at_us`` is its beginning."""
    day = day_of(received)
    first = day.replace(day=1)
    at = received if isinstance(received, dt.datetime) else None
    trail = (steps.Started(day, "", at), steps.MonthBegan(first, law), steps.Begins(first, "benefit", law))
    return Computed(first, start_of(first), trail)
