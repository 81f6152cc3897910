import datetime as dt
from typing import Any

import pytest
from pydantic import ValidationError

from schemas.deadline import DEFAULT_DEADLINE, Deadline
from schemas.length import Length, Unit


def test_a_recipe_declares_its_deadline_in_words() -> None:
    deadline = Deadline.model_validate(
        {
            "within": "3 months",
            "basis": "§ 42a Abs. 2 VwVfG",
            "starts": "completeness",
            "check_within": "10 working days",
            "on_expiry": "consent",
            "extension": "1 month",
            "resume": "restart",
            "remind": "2 Wochen",
        }
    )
    assert deadline.within == Length(3, Unit.MONTHS)
    assert deadline.extension == Length(1, Unit.MONTHS)
    assert deadline.remind == Length(2, Unit.WEEKS)
    assert (deadline.starts, deadline.on_expiry, deadline.resume) == ("completeness", "consent", "restart")


def test_a_station_may_say_silence_instead_of_expiry() -> None:
    assert Deadline.model_validate({"within": "10 working days", "on_silence": "consent"}).on_expiry == "consent"


def test_the_other_kinds_are_read_from_text_too() -> None:
    assert Deadline.model_validate({"fixed": "2026-11-30"}).fixed == dt.date(2026, 11, 30)
    before = Deadline.model_validate({"before": {"field": "event.begins", "length": "3 Tage", "clear": "true"}}).before
    assert before is not None
    assert (before.field, before.length, before.clear) == ("event.begins", Length(3, Unit.DAYS), True)
    assert Deadline.model_validate({"by": "first working day of next month"}).by


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ({}, "Genau eine Angabe"),
        ({"within": "1 month", "fixed": "2026-11-30"}, "Genau eine Angabe"),
        ({"within": "a while"}, "keine Dauer"),
        ({"fixed": "30.11.2026"}, "kein Datum"),
        ({"within": "1 month", "start": "receipt"}, "Extra inputs"),
        ({"within": "1 month", "starts": "yesterday"}, "'receipt' or 'completeness'"),
        ({"within": "1 month", "starts": "completeness"}, "braucht check_within"),
        ({"within": "1 month", "check_within": "1 week"}, "braucht check_within"),
        ({"within": "48 hours", "extension": "1 month"}, "um Stunden verlängert"),
        ({"before": {"field": "x", "length": "3 hours"}}, "nicht in Stunden"),
    ],
)
def test_a_wrong_declaration_is_refused(content: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        Deadline.model_validate(content)


def test_the_default_is_75_vwgo() -> None:
    assert DEFAULT_DEADLINE.within == Length(3, Unit.MONTHS)
    assert DEFAULT_DEADLINE.basis == "§ 75 Satz 2 VwGO"
