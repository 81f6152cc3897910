"""Arithmetic: §§ 187 to 190 BGB on bare dates; periods end here by the calendar alone, nothing moves yet."""

import calendar as months
import datetime as dt

from schemas.length import Length, Unit
from services.router.deadlines.instant import DAY

HALF_MONTH = dt.timedelta(days=15)
"""§ 189 Abs. 1 BGB."""


def month_day(day: dt.date, plus: int, number: int) -> dt.date:
    """The day with this number, ``plus`` months later; the month's last day where it has no such day (§ 188 Abs. 3)."""
    years, month = divmod(day.month - 1 + plus, 12)
    year = day.year + years
    return dt.date(year, month + 1, min(number, months.monthrange(year, month + 1)[1]))


def in_months(length: Length) -> int:
    """The length in months, for months and years."""
    return length.count * (12 if length.unit is Unit.YEARS else 1)


def last_day(first: dt.date, length: Length, *, after_event: bool) -> dt.date:
    """Where a period of days, weeks, months or years ends whose first counted day is ``first``.

    Months and years differ by how they began: after an event they end on the day with the event's number; begun with
    the start of a day, on the eve of its number (§ 188 Abs. 2): from 1 March to 31 March, not to 28 March.
    """
    event = first - DAY
    if length.unit is Unit.DAYS:
        return event + dt.timedelta(days=length.count)
    if length.unit is Unit.WEEKS:
        return event + dt.timedelta(weeks=length.count)
    plus = in_months(length)
    if after_event:
        end = month_day(event, plus, event.day)
    elif first.day == 1:
        end = month_day(first, plus, 1) - DAY
    else:
        end = month_day(first, plus, first.day - 1)
    return end + HALF_MONTH if length.half_month else end


def day_before(target: dt.date, length: Length) -> dt.date:
    """The day of the same name or number that lies the length before ``target``."""
    if length.unit is Unit.DAYS:
        return target - dt.timedelta(days=length.count)
    if length.unit is Unit.WEEKS:
        return target - dt.timedelta(weeks=length.count)
    day = month_day(target, -in_months(length), target.day)
    return day - HALF_MONTH if length.half_month else day
