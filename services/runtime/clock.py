"""Clock: the only place that asks what time it is; everybody else is told."""

import time
from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], int]
"""Microseconds since the epoch, UTC."""


def system_clock() -> int:
    """The machine's time."""
    return time.time_ns() // 1000


def as_datetime(microseconds: int) -> datetime:
    """For people and calendars; exact, unlike a float of seconds."""
    seconds, rest = divmod(microseconds, 1_000_000)
    return datetime.fromtimestamp(seconds, UTC).replace(microsecond=rest)
