"""Counter: counting Werktage (Monday to Saturday) and Arbeitstage (Monday to Friday), holidays left out."""

import datetime as dt
from dataclasses import dataclass

from schemas.length import Unit
from services.router.calendar import Calendar, Holiday
from services.router.deadlines.instant import DAY

_LAST_WEEKDAY = {Unit.WERKTAGE: 5, Unit.ARBEITSTAGE: 4}
COUNTERS = frozenset(_LAST_WEEKDAY)


@dataclass(frozen=True, slots=True)
class Count:
    """The n-th day that counts, the holidays left out, and the counted days that may be holidays here."""

    end: dt.date
    skipped: tuple[tuple[dt.date, Holiday], ...]
    doubts: tuple[dt.date, ...]


def count(first: dt.date, number: int, unit: Unit, calendar: Calendar, step: dt.timedelta = DAY) -> Count:
    """Counts ``number`` days from ``first`` on, in the direction of ``step``."""
    last_weekday, day, left = _LAST_WEEKDAY[unit], first, number
    skipped: list[tuple[dt.date, Holiday]] = []
    doubts: list[dt.date] = []
    while True:
        if day.weekday() <= last_weekday:
            holiday = calendar.holiday(day)
            if holiday is None:
                left -= 1
                if calendar.unsure(day):
                    doubts.append(day)
                if left == 0:
                    return Count(day, tuple(skipped), tuple(doubts))
            else:
                skipped.append((day, holiday))
        day += step


def counted_between(first: dt.date, last: dt.date, unit: Unit, calendar: Calendar) -> int:
    """How many days count from ``first`` to ``last``, both included."""
    is_counted = calendar.is_werktag if unit is Unit.WERKTAGE else calendar.is_arbeitstag
    return sum(is_counted(first + n * DAY) for n in range((last - first).days + 1))
