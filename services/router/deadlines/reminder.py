"""Reminder: the morning on which somebody is told that a deadline is near."""

from schemas.length import Length, Unit
from services.router.calendar import Calendar
from services.router.deadlines.backward import backward
from services.router.deadlines.computed import Computed
from services.router.deadlines.instant import HOUR_US, day_of, from_us, start_of
from services.router.deadlines.steps import Begins


def reminder(due: Computed, length: Length, calendar: Calendar) -> Computed:
    """The length before the due date, on a working day; ``at_us`` is the day's beginning, or the hour."""
    if length.unit is Unit.HOURS:
        at = due.at_us - length.count * HOUR_US
        day = day_of(from_us(at))
        return Computed(day, at, (Begins(day, "reminder"),))
    back = backward(length, due.date, calendar)
    return Computed(back.date, start_of(back.date), (*back.steps[:-1], Begins(back.date, "reminder")))
