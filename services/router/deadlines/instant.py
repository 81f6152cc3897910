"""Instant: from the microseconds of the log to the days of Europe/Berlin and back; legal time is § 4 EinhZeitG."""

import datetime as dt
from zoneinfo import ZoneInfo

BERLIN = ZoneInfo("Europe/Berlin")
DAY = dt.timedelta(days=1)
HOUR_US = 3_600_000_000
_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_MICROSECOND = dt.timedelta(microseconds=1)

Moment = dt.date | dt.datetime
"""A day, or an aware datetime where the hour is known."""


def from_us(us: int) -> dt.datetime:
    """The instant as Berlin's clocks show it."""
    return (_EPOCH + dt.timedelta(microseconds=us)).astimezone(BERLIN)


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
