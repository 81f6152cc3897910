import pytest

from services.runtime.transaction.limiter import DeadLetterLimit, DeadLetterLimiter, TooManyDeadLetters

LIMIT = DeadLetterLimit(share=0.5, window=100, streak=30)


def test_a_few_dead_letters_are_ordinary() -> None:
    limiter = DeadLetterLimiter(LIMIT)
    for _ in range(100):
        limiter.check(records=10, dead=4)


def test_a_share_of_the_window_stops_the_stage() -> None:
    limiter = DeadLetterLimiter(LIMIT)
    for _ in range(9):
        limiter.check(records=10, dead=6)
    with pytest.raises(TooManyDeadLetters, match="60 of the last 100"):
        limiter.check(records=10, dead=6)


def test_the_share_is_not_judged_before_the_window_is_full() -> None:
    limiter = DeadLetterLimiter(LIMIT)
    for _ in range(9):
        limiter.check(records=10, dead=9)
        limiter.check(records=1, dead=0)


def test_nothing_but_dead_letters_stops_it_soon() -> None:
    limiter = DeadLetterLimiter(LIMIT)
    limiter.check(records=29, dead=29)
    with pytest.raises(TooManyDeadLetters, match="in a row"):
        limiter.check(records=1, dead=1)


def test_one_good_record_ends_the_streak() -> None:
    limiter = DeadLetterLimiter(LIMIT)
    limiter.check(records=29, dead=29)
    limiter.check(records=2, dead=1)
    limiter.check(records=29, dead=29)


def test_old_records_leave_the_window() -> None:
    limiter = DeadLetterLimiter(LIMIT)
    for _ in range(3):
        limiter.check(records=20, dead=15)
    for _ in range(20):
        limiter.check(records=20, dead=0)
    for _ in range(3):
        limiter.check(records=20, dead=15)
