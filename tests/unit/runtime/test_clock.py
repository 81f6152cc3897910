from datetime import UTC, datetime

from services.runtime.clock import as_datetime, system_clock


def test_microseconds_are_kept_exactly() -> None:
    assert as_datetime(1_790_000_000_123_457) == datetime(2026, 9, 21, 14, 13, 20, 123457, tzinfo=UTC)
    assert as_datetime(-1) == datetime(1969, 12, 31, 23, 59, 59, 999999, tzinfo=UTC)


def test_the_systems_clock_counts_microseconds() -> None:
    assert as_datetime(system_clock()).year >= 2026
