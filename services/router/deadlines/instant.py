"""Instant: from the microseconds of the log to the days of Europe/Berlin and back; legal time is § 4 EinhZeitG."""

import datetime as dt
from zoneinfo import ZoneInfo

from schemas.errors import Problem, Reason, Rejected
from schemas.form import day as day_numbered

BERLIN = ZoneInfo("Europe/Berlin")
DAY = dt.timedelta(days=1)
HOUR_US = 3_600_000_000
_DAY_US = 24 * HOUR_US
_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_MICROSECOND = dt.timedelta(microseconds=1)
_DAYS = range(-25_567, 84_006)
"""From 1900 to 2199: arithmetic on any of these stays within what datetime can hold."""

Moment = dt.date | dt.datetime
"""A day, or an aware datetime where the hour is known."""


def from_us(us: int) -> dt.datetime:
    """The instant as Berlin's clocks show it. Raises Rejected for one that no case can have."""
    if us // _DAY_US not in _DAYS:
        raise _impossible()
    return (_EPOCH + dt.timedelta(microseconds=us)).astimezone(BERLIN)


def from_days(days: int) -> dt.date:
    """The day with this number since 1970-01-01. Raises Rejected for one that no case can have."""
    if days not in _DAYS:
        raise _impossible()
    return day_numbered(days)


def _impossible() -> Rejected:
    german = "Ein Datum liegt nicht zwischen 1900 und 2199; so lässt sich keine Frist berechnen."
    english = "a date is not between 1900 and 2199; no deadline can be computed from it"
    return Rejected(Reason.INVALID, Problem("date", german, english))


def to_us(moment: dt.datetime) -> int:
    """Microseconds since the epoch of an aware datetime."""
    return (moment - _EPOCH) // _MICROSECOND


def day_of(moment: Moment) -> dt.date:
    """The calendar day in Berlin on which the moment falls."""
    if not isinstance(moment, dt.datetime):
        return moment
    return moment.date() if moment.tzinfo is BERLIN else moment.astimezone(BERLIN).date()


def start_of(day: dt.date) -> int:
    """The first microsecond of the day in Berlin."""
    return to_us(dt.datetime(day.year, day.month, day.day, tzinfo=BERLIN))


def end_of(day: dt.date) -> int:
    """The instant at which the day has run out in Berlin: the first that is too late."""
    return start_of(day + DAY)
