"""Move: what happens to an end on a Saturday, Sunday or public holiday, and what the calendar cannot be sure of."""

import datetime as dt
from collections.abc import Iterable

from services.router.calendar import Calendar
from services.router.deadlines.instant import DAY
from services.router.deadlines.law import FREE_DAY
from services.router.deadlines.steps import Moved, Stood, Unsure


def move(end: dt.date, calendar: Calendar, law: str = FREE_DAY) -> Moved | None:
    """The move to the next Werktag, or None where the end stands; nothing can end on a Saturday (§ 31 Abs. 3)."""
    return _moved(end, calendar.arbeitstag_from(end), calendar, law, DAY)


def move_back(end: dt.date, calendar: Calendar, law: str) -> Moved | None:
    """The move to the preceding Werktag: moving on would shorten the time that a backward deadline protects."""
    return _moved(end, calendar.arbeitstag_from(end, -DAY), calendar, law, -DAY)


def _moved(end: dt.date, to: dt.date, calendar: Calendar, law: str, step: dt.timedelta) -> Moved | None:
    if to == end:
        return None
    passed = (end + n * step for n in range(abs((to - end).days)))
    over = tuple((day, calendar.holiday(day)) for day in passed)
    return Moved(to, law, over, calendar.land, backwards=step < dt.timedelta(0))


def stand(day: dt.date, calendar: Calendar, law: str) -> Stood:
    """The end that stays on its day even where that day is free."""
    weekend = calendar.holiday(day) is None and not calendar.is_arbeitstag(day)
    return Stood(day, law, "weekend" if weekend else calendar.holiday(day), calendar.land)


def unsure(days: Iterable[dt.date], end: dt.date, calendar: Calendar) -> tuple[Unsure, ...]:
    """A warning for each of the days that may be a holiday in a part of the Land."""
    gaps = ((day, calendar.unsure(day)) for day in dict.fromkeys(days))
    return tuple(Unsure(end, day, gap) for day, gap in gaps if gap)
