import datetime as dt

import pytest

from schemas.deadline import Deadline
from schemas.length import parse_length
from services.router.calendar import calendar_of
from services.router.deadlines import Course, compute, from_us, month_of_application, reminder


@pytest.mark.parametrize(
    ("received", "first"),
    [
        ("2026-08-31T23:59:59+02:00", "2026-08-01"),
        ("2026-08-31T21:59:59+00:00", "2026-08-01"),
        ("2026-08-31T22:00:00+00:00", "2026-09-01"),
        ("2026-01-31T22:59:59+00:00", "2026-01-01"),
        ("2026-01-31T23:00:00+00:00", "2026-02-01"),
        ("2026-12-31T23:00:00+00:00", "2027-01-01"),
    ],
)
def test_wohngeld_begins_with_the_month_of_application_in_berlin(received: str, first: str) -> None:
    computed = month_of_application(dt.datetime.fromisoformat(received))
    assert computed.date.isoformat() == first
    assert from_us(computed.at_us).isoformat().startswith(f"{first}T00:00:00")
    assert "§ 25 Abs. 2 Satz 1 WoGG" in computed.steps[1].de


@pytest.mark.parametrize(
    ("length", "day"),
    [
        ("5 working days", "2026-05-28"),  # 3 June, 2, 1, 29 May, 28: the fifth before Fri 5 June, without Fronleichnam
        ("1 week", "2026-05-29"),
        ("4 days", "2026-06-01"),
        ("6 days", "2026-05-29"),  # Sat 30 May, so Friday
    ],
)
def test_a_reminder_comes_on_the_morning_of_a_working_day(length: str, day: str) -> None:
    due = compute(Deadline(within=parse_length("3 months")), Course(dt.date(2026, 3, 4)), calendar_of("NW"))
    morning = reminder(due, parse_length(length), calendar_of("NW"))
    assert morning.date.isoformat() == day
    assert from_us(morning.at_us).isoformat() == f"{day}T00:00:00+02:00"
    assert morning.steps[-1].de.startswith("Erinnerung: ")


def test_a_reminder_in_hours_is_exact() -> None:
    started = dt.datetime.fromisoformat("2026-03-27T14:30:00+01:00")
    due = compute(Deadline(within=parse_length("48 hours")), Course(started), calendar_of("NW"))
    assert from_us(reminder(due, parse_length("6 hours"), calendar_of("NW")).at_us).isoformat() == (
        "2026-03-29T09:30:00+02:00"
    )
