"""Walk: deadlines by walking from day to day, with a finger on a wall calendar; an oracle for the arithmetic.

It shares neither a line nor an idea with the code it checks: no month arithmetic, no adding of suspended days, no
package for holidays.
"""

import datetime as dt
from collections.abc import Collection

from schemas.length import Length, Unit
from tests.support.feasts import is_feast, is_free

DAY = dt.timedelta(days=1)
Stops = Collection[tuple[dt.date, dt.date]]


def walk(event: dt.date, length: Length, land: str, *, after_event: bool, stops: Stops = ()) -> dt.date:
    """The end of a period before it moves."""
    if length.unit in {Unit.WERKTAGE, Unit.ARBEITSTAGE}:
        return _counted(event, length, land, after_event=after_event, stops=stops)
    end = _plain(event, length, after_event=after_event)
    first = event + DAY if after_event else event
    return _running(first, (end - first).days + 1, stops)


def settle(end: dt.date, land: str, stops: Stops = ()) -> dt.date:
    """The first day from ``end`` on that is neither free nor, past the end itself, suspended."""
    day = end
    while is_free(day, land) or (day != end and _stopped(day, stops)):
        day += DAY
    return day


def _stopped(day: dt.date, stops: Stops) -> bool:
    return any(first <= day <= last for first, last in stops)


def _running(first: dt.date, days: int, stops: Stops) -> dt.date:
    day = first - DAY
    while days:
        day += DAY
        days -= not _stopped(day, stops)
    return day


def _counted(event: dt.date, length: Length, land: str, *, after_event: bool, stops: Stops) -> dt.date:
    last_weekday = 5 if length.unit is Unit.WERKTAGE else 4
    day, left = event if after_event else event - DAY, length.count
    while left:
        day += DAY
        left -= day.weekday() <= last_weekday and not is_feast(day, land) and not _stopped(day, stops)
    return day


def _plain(event: dt.date, length: Length, *, after_event: bool) -> dt.date:
    if length.unit is Unit.DAYS:
        return _running(event + DAY if after_event else event, length.count, ())
    if length.unit is Unit.WEEKS:
        return _nth_weekday(event, length.count, after_event=after_event)
    months = length.count * (12 if length.unit is Unit.YEARS else 1)
    return _same_number(event, months, after_event=after_event)


def _nth_weekday(event: dt.date, weeks: int, *, after_event: bool) -> dt.date:
    day = event
    while weeks:
        day += DAY
        weeks -= day.weekday() == event.weekday()
    return day if after_event else day - DAY


def _same_number(event: dt.date, months: int, *, after_event: bool) -> dt.date:
    """To the day with the event's number, or to its eve; to the last of the month where that day is missing."""
    day = event
    while True:
        day += DAY
        months -= day.day == 1
        if months == 0 and not after_event and day.day == event.day:
            return day - DAY
        if months == 0 and ((after_event and day.day == event.day) or (day + DAY).day == 1):
            return day
