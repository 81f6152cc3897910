import datetime as dt

import pytest

from schemas.deadline import Deadline
from schemas.errors import Rejected
from schemas.length import Length, Unit, parse_length
from services.router.calendar import calendar_of
from services.router.deadlines import (
    BERLIN,
    Computed,
    Course,
    Suspension,
    as_data,
    compute,
    from_us,
    statutes,
    steps,
    to_us,
)
from services.router.deadlines.explain import Question, explain

NW = calendar_of("NW")
WEDNESDAY = dt.date(2026, 3, 4)


def german(computed: Computed) -> str:
    return " ".join(step.de for step in computed.steps)


def due(deadline: Deadline | None, started: dt.date | str, land: str = "NW") -> str:
    event = dt.datetime.fromisoformat(started) if isinstance(started, str) else started
    return compute(deadline, Course(event), calendar_of(land)).date.isoformat()


def test_without_a_deadline_of_its_own_a_case_has_the_three_months_of_75_vwgo() -> None:
    computed = compute(None, Course(dt.date(2026, 2, 16)), NW)
    assert computed.date == dt.date(2026, 5, 18)
    assert "§ 75 Satz 2 VwGO" in german(computed)


def test_the_statutes_end_as_their_text_says() -> None:
    assert due(statutes.DEEMED_APPROVAL, dt.date(2026, 7, 3)) == "2026-10-05"
    assert due(statutes.MUNICIPAL_CONSENT, dt.date(2026, 4, 25)) == "2026-06-25"
    assert due(statutes.MUNICIPAL_APPROVAL, dt.date(2026, 4, 24)) == "2026-07-24"
    assert due(statutes.RECEIPT_CERTIFICATE, dt.date(2026, 4, 1)) == "2026-04-07"
    assert due(statutes.TRADE_STATISTICS, dt.date(2026, 4, 10)) == "2026-05-04"
    assert due(statutes.REGISTRATION, dt.date(2026, 3, 20)) == "2026-04-07"
    assert due(statutes.BIRTH_NOTICE, dt.date(2026, 5, 7)) == "2026-05-15"
    assert due(statutes.DEATH_NOTICE, dt.date(2026, 3, 5)) == "2026-03-09"
    assert due(statutes.RETRIEVAL, dt.date(2026, 5, 4)) == "2026-05-15"
    assert due(statutes.OBJECTION, dt.date(2026, 3, 8)) == "2026-04-08"
    assert due(statutes.OBJECTION_UNINSTRUCTED, dt.date(2026, 5, 1)) == "2027-05-03"


def test_the_last_day_has_run_out_at_midnight_in_berlin() -> None:
    summer, winter = (compute(Deadline(within=Length(1, Unit.WEEKS)), Course(day), NW) for day in _two_seasons())
    assert from_us(summer.at_us).isoformat() == "2026-07-09T00:00:00+02:00"
    assert from_us(winter.at_us).isoformat() == "2026-12-10T00:00:00+01:00"


def _two_seasons() -> tuple[dt.date, dt.date]:
    return dt.date(2026, 7, 1), dt.date(2026, 12, 2)


def test_the_file_note_names_rule_start_length_holiday_and_land() -> None:
    computed = explain(Question("NW", "2026-03-04", "3 months", basis="§ 42a Abs. 2 VwVfG"))
    assert [type(step) for step in computed.steps] == [steps.Started, steps.Counted, steps.Moved, steps.Ended]
    assert german(computed) == (
        "Ereignis: Mittwoch, 04.03.2026. Dieser Tag zählt nicht mit (§ 187 Abs. 1 BGB)."
        " Frist: 3 Monate (§ 42a Abs. 2 VwVfG). Rechnerisches Ende: Donnerstag, 04.06.2026 (§ 188 Abs. 2 BGB)."
        " Kein Fristende am Donnerstag, 04.06.2026 (Fronleichnam, Feiertag in Nordrhein-Westfalen)."
        " Ende am nächstfolgenden Werktag, Freitag, 05.06.2026 (§ 31 Abs. 3 VwVfG, § 193 BGB)."
        " Fristende: Freitag, 05.06.2026, 24:00 Uhr."
    )
    assert "Corpus Christi, public holiday in Nordrhein-Westfalen" in computed.steps[2].en


def test_what_moved_the_end_is_there_as_data() -> None:
    moved = explain(Question("NW", "2026-12-22", "3 days")).steps[2]
    assert isinstance(moved, steps.Moved)
    names = [(day.isoformat(), holiday and holiday.de) for day, holiday in moved.over]
    assert names == [
        ("2026-12-25", "Erster Weihnachtstag"),
        ("2026-12-26", "Zweiter Weihnachtstag"),
        ("2026-12-27", None),
    ]


def test_the_note_tells_suspensions_restart_extension_and_single_contact() -> None:
    question = Question(
        "NW",
        "2026-03-04",
        "3 months",
        suspended=("2026-03-10..2026-03-19",),
        extended="1 month",
        via_single_contact=True,
    )
    note = german(explain(question))
    assert "Eingang bei der einheitlichen Stelle: Mittwoch, 04.03.2026" in note
    assert "Gehemmt von Dienstag, 10.03.2026 bis Donnerstag, 19.03.2026 (10 Tage)" in note
    assert "Vom Ende an einmal verlängert um 1 Monat" in note
    restarted = german(explain(Question("NW", "2026-03-04", "3 months", suspended=question.suspended, restart=True)))
    assert "Ereignis ist ihr letzter Tag, Donnerstag, 19.03.2026" in restarted
    assert "Gehemmt von" not in restarted


def test_a_counter_names_the_holidays_that_it_left_out() -> None:
    note = german(explain(Question("SN", "2026-11-16", "3 Werktage")))
    assert "Nicht mitgezählte Feiertage: Mittwoch, 18.11.2026 (Buß- und Bettag)" in note


def test_hours_are_told_with_the_zone_because_one_hour_comes_twice() -> None:
    note = german(explain(Question("NW", "2026-10-25T02:30+02:00", "1 hour")))
    assert "Fristende: Sonntag, 25.10.2026, 02:30:00 CET." in note
    assert "Ereignis: Sonntag, 25.10.2026, 02:30:00 CEST" in note


def test_a_regional_holiday_at_the_end_is_mentioned_where_nobody_has_said_whether_it_holds() -> None:
    note = german(explain(Question("BY", "2025-07-15", "1 month")))
    assert "Hinweis: Mariä Himmelfahrt, Freitag, 15.08.2025, ist nur in Gemeinden mit überwiegend katholischer" in note
    assert "Hinweis" not in german(explain(Question("BY", "2025-07-14", "1 month")))
    assert "Hinweis" not in german(explain(Question("NW", "2025-07-15", "1 month")))


def test_a_regional_holiday_among_counted_days_is_mentioned_too() -> None:
    assert "Hinweis: Fronleichnam" in german(explain(Question("TH", "2026-06-02", "5 Arbeitstage")))
    assert "Hinweis: Fronleichnam" in german(explain(Question("SN", before="2026-06-09", length="5 Werktage")))


def test_a_fixed_date_on_a_holiday_says_that_it_stands() -> None:
    note = german(explain(Question("NW", fixed="2026-10-03")))
    assert "bleibt maßgebend und verschiebt sich nicht (§ 31 Abs. 3 Satz 2, Abs. 5 VwVfG)" in note


def test_a_form_without_the_date_to_count_from_falls_back_to_the_general_rule() -> None:
    deadline = Deadline.model_validate({"before": {"field": "begins_on", "length": "3 days"}})
    computed = compute(deadline, Course(WEDNESDAY), calendar_of("SH"))
    assert computed.date == dt.date(2026, 6, 4)
    assert "„begins_on“" in german(computed)


def test_a_period_of_hours_needs_the_hour() -> None:
    with pytest.raises(Rejected, match="needs day and time"):
        explain(Question("NW", "2026-03-04", "48 hours"))


@pytest.mark.parametrize("started", [dt.date(1066, 10, 14), dt.date(9999, 12, 31)])
def test_years_without_a_calendar_are_refused_not_guessed(started: dt.date) -> None:
    with pytest.raises(Rejected, match="1991"):
        compute(None, Course(started), NW)
    with pytest.raises(Rejected, match="1991"):
        compute(
            Deadline.model_validate({"before": {"field": "x", "length": "3 days"}}),
            Course(WEDNESDAY, target=started),
            NW,
        )


def test_an_end_beyond_the_calendar_is_refused() -> None:
    with pytest.raises(Rejected, match="2100"):
        compute(Deadline(within=parse_length("80 years")), Course(WEDNESDAY), NW)


def test_a_suspension_in_instants_counts_berlin_days() -> None:
    late, early = (
        dt.datetime.fromisoformat(text) for text in ("2026-03-09T23:30:00+00:00", "2026-03-19T22:59:59+00:00")
    )
    course = Course(WEDNESDAY, (Suspension(late, early),))
    computed = compute(Deadline(within=Length(3, Unit.MONTHS)), course, calendar_of("SH"))
    assert computed.date == dt.date(2026, 6, 15), "10 to 19 March, ten days"


def test_the_data_is_what_the_words_say() -> None:
    data = as_data(explain(Question("NW", "2026-03-04", "3 months")))
    assert data["date"] == "2026-06-05"
    assert data["ends_at"] == "2026-06-06T00:00:00+02:00"
    assert len(data["derivation"]) == len(data["derivation_en"]) == len(data["steps"]) == 4
    assert data["steps"][2] == {
        "rule": "moved",
        "law": "§ 31 Abs. 3 VwVfG, § 193 BGB",
        "date": "2026-06-05",
        "de": data["derivation"][2],
        "en": data["derivation_en"][2],
    }


def test_microseconds_survive_the_way_through_berlin() -> None:
    for us in (0, 1, 1772618400123456, to_us(dt.datetime(2026, 10, 25, 2, 30, fold=1, tzinfo=BERLIN))):
        assert to_us(from_us(us)) == us
