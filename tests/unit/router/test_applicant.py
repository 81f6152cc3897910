import datetime as dt
from pathlib import Path

import orjson
import pytest

from connectors.portal import translate
from schemas.form import days_of
from schemas.submission import SINGLE_CONTACT
from services.router.deadlines import BERLIN, day_of, from_us, to_us
from services.router.derivation import derivation, objection_derivation, station_derivation
from services.router.event import Event
from services.router.plan import plan_of
from tests.property.test_case import newest
from tests.support.casework import DAY, Office
from tests.support.procedure import DRY, RECIPE, WET, building_office, procedure_book


def ask(desk: Office, case: str, days: int = 20) -> list[str]:
    return desk.do("AskApplicant", case, papers=["Lageplan", "Statik"], until=desk.now + days * DAY)


def supply(desk: Office, case: str) -> list[str]:
    return desk.do(
        "SupplyDocuments", case, papers=["Lageplan"], actor="applicant", department="", expected_version=None
    )


def due(desk: Office) -> int:
    return int(desk.last("CaseReceived")["due_at"])


def test_the_clock_stands_still_while_papers_are_missing(desk: Office) -> None:
    case = desk.submit(DRY)
    assert ask(desk, case) == ["ApplicantAsked", "CitizenStatusChanged"]
    told = desk.last("CitizenStatusChanged")
    assert (told["status"], told["until"]) == ("ACTION_REQUIRED", desk.now + 20 * DAY)
    assert desk.inbox("building")[-1].body["papers"] == ["Lageplan", "Statik"]
    desk.wait(9 * DAY)
    assert supply(desk, case) == ["DocumentsSupplied", "CitizenStatusChanged"]
    supplied = desk.last("DocumentsSupplied")
    assert supplied["clock"] == "continues"
    assert supplied["due_at"] - due(desk) >= 9 * DAY
    assert desk.last("CitizenStatusChanged")["status"] == "PROCESSING"


def test_asking_twice_stops_the_clock_once(desk: Office) -> None:
    case = desk.submit(DRY)
    ask(desk, case)
    started = desk.now
    desk.wait(2 * DAY)
    ask(desk, case)
    desk.wait(2 * DAY)
    supply(desk, case)
    assert desk.last("DocumentsSupplied")["suspended_at"] == started


def test_the_case_deadline_does_not_pass_while_the_applicant_is_asked(desk: Office) -> None:
    case = desk.submit(DRY)
    ask(desk, case, days=200)
    assert "DeadlineMissed" not in desk.wait(150 * DAY)


def test_an_applicant_who_does_not_answer_is_reported_to_the_lead(desk: Office) -> None:
    case = desk.submit(DRY)
    ask(desk, case)
    assert desk.wait(20 * DAY) == ["ApplicantDeadlineExpired"]
    assert desk.inbox("building")[-1].body["what"] == "ApplicantDeadlineExpired"
    supply(desk, case)
    assert desk.last("DocumentsSupplied")["late"]


def test_the_recipe_may_say_that_the_period_begins_anew(tmp_path: Path) -> None:
    restarting = RECIPE.replace("basis: § 71 BauO,", "basis: § 71 BauO, resume: restart,")
    desk = building_office(procedure_book(tmp_path, restarting))
    case = desk.submit(DRY)
    desk.wait(10 * DAY)
    ask(desk, case)
    desk.wait(5 * DAY)
    supply(desk, case)
    supplied = desk.last("DocumentsSupplied")
    assert supplied["clock"] == "restarts"
    assert supplied["due_at"] - due(desk) > 12 * DAY


def test_papers_count_from_the_day_they_came_not_from_the_day_they_were_recorded(desk: Office) -> None:
    case = desk.submit(DRY)
    ask(desk, case, days=5)
    came = desk.now + 4 * DAY
    desk.wait(9 * DAY)
    desk.do("SupplyDocuments", case, papers=["Lageplan"], arrived_at=desk.now + 2 * DAY)
    assert desk.refusal() == "date"
    desk.do("SupplyDocuments", case, papers=["Lageplan"], arrived_at=came)
    supplied = desk.last("DocumentsSupplied")
    assert (supplied["resumed_at"], supplied["late"]) == (came, False)
    assert 4 * DAY <= supplied["due_at"] - due(desk) <= 8 * DAY


def test_the_end_can_be_derived_whatever_stopped_and_extended_it(desk: Office) -> None:
    case_id = desk.submit(DRY)
    plan = plan_of(desk.book.recipes["permit"], desk.book.municipalities["town"])
    for act in (lambda: None, lambda: ask(desk, case_id), lambda: supply(desk, case_id)):
        act()
        case = newest(desk, case_id)
        assert case is not None
        assert derivation(case, plan)[-1].date == day_of(from_us((case["due_at"] or 0) - 1))
        desk.wait(6 * DAY)
    desk.do("ExtendDeadline", case_id)
    case = newest(desk, case_id)
    assert case is not None
    words = " ".join(step.de for step in derivation(case, plan))
    assert "Ereignis: Sonntag, 08.03.2026" in words
    assert "Gehemmt von Samstag, 14.03.2026 bis Freitag, 20.03.2026 (7 Tage)" in words
    assert "um 1 Monat" in words
    assert derivation({**case, "due_at": 0}, plan) == ()


def test_papers_that_nobody_asked_for_are_kept_and_told_and_stop_nothing(desk: Office) -> None:
    case = desk.submit(DRY)
    assert supply(desk, case) == ["DocumentsSupplied"]
    supplied = desk.last("DocumentsSupplied")
    assert (supplied["clock"], supplied["suspended_at"], supplied["due_at"]) == ("runs", None, due(desk))
    assert desk.inbox("building")[-1].body["papers"] == ["Lageplan"]
    assert "DeadlineMissed" in desk.wait(due(desk) - desk.now)


def test_asking_needs_papers_and_a_future(desk: Office) -> None:
    case = desk.submit(DRY)
    desk.do("AskApplicant", case, papers=[" "], until=desk.now + DAY)
    assert desk.refusal() == "reason-missing"
    desk.do("AskApplicant", case, papers=["Plan"], until=desk.now)
    assert desk.refusal() == "date"


def test_a_withdrawn_case_is_closed_and_everybody_knows(desk: Office) -> None:
    case = desk.submit(DRY)
    kinds = desk.do("Withdraw", case, actor="applicant", department="", reason="Umzug", expected_version=None)
    assert kinds == ["CaseWithdrawn", "CaseClosed", "CitizenStatusChanged"]
    assert desk.last("CitizenStatusChanged")["details"] == "Ihr Antrag wurde zurückgenommen."
    assert [desk.inbox(name)[-1].body["what"] for name in ("building", "fire")] == ["CaseWithdrawn"] * 2


def test_a_stranger_does_not_withdraw(desk: Office) -> None:
    case = desk.submit(DRY)
    desk.do("Withdraw", case, department="water")
    assert desk.refusal() == "not-your-department"


def test_the_clock_stops_when_the_lead_asked_however_late_the_router_comes_to_it(desk: Office) -> None:
    case = desk.submit(DRY)
    asked = desk.command("AskApplicant", case, papers=["Plan"], until=desk.now + DAY)
    asked_at = desk.now
    desk.now += 3 * DAY
    assert desk.send("AskApplicant", asked)[0] == "ApplicantAsked"
    assert desk.last("ApplicantAsked")["suspended_at"] == asked_at
    assert desk.wait(0) == ["ApplicantDeadlineExpired"]


def test_a_last_day_that_is_free_moves_and_an_hour_stands(desk: Office) -> None:
    case = desk.submit(DRY)
    midnight = to_us(dt.datetime(2026, 4, 4, tzinfo=BERLIN))
    desk.do("AskApplicant", case, papers=["Plan"], until=midnight)
    assert from_us(desk.last("ApplicantAsked")["until"]) == dt.datetime(2026, 4, 8, tzinfo=BERLIN), "Good Friday"
    desk.do("AskApplicant", case, papers=["Plan"], until=midnight - 1)
    assert desk.last("ApplicantAsked")["until"] == midnight - 1


def test_supplying_needs_papers(desk: Office) -> None:
    case = desk.submit(DRY)
    ask(desk, case)
    desk.do("SupplyDocuments", case, papers=[" "], actor="applicant", department="")
    assert desk.refusal() == "reason-missing"


def test_a_slip_sent_while_papers_are_missing_names_no_end(desk: Office) -> None:
    case = desk.submit(DRY)
    ask(desk, case)
    desk.do("Forward", case, station="assess", to_department="planning")
    slip = next(letter for letter in desk.inbox("planning") if letter.kind == "StationOpened")
    assert slip.body["due_at"] is None


RUNS_ON = {
    "the law lets it run on": "within: 3 months, suspends: false, basis: § 75 VwGO,",
    "a date does not wait": "fixed: 2026-05-29, basis: § 31 Abs. 5 VwVfG,",
    "nor does what is counted back": "before: {field: starts_on, length: 1 week}, basis: Satzung,",
}


@pytest.mark.parametrize("kind", RUNS_ON.values(), ids=RUNS_ON)
def test_some_deadlines_do_not_wait_for_papers(tmp_path: Path, kind: str) -> None:
    recipe = RECIPE.replace("within: 3 months, basis: § 71 BauO, extension: 1 month,", kind)
    desk = building_office(procedure_book(tmp_path, recipe))
    case = desk.submit({**DRY, "starts_on": "2026-06-05"})
    end = due(desk)
    ask(desk, case, days=200)
    kinds = desk.wait(end - desk.now)
    assert [kind for kind in kinds if "Remind" in kind or "Missed" in kind][-2:] == ["ReminderDue", "DeadlineMissed"]
    supply(desk, case)
    assert (desk.last("DocumentsSupplied")["clock"], desk.last("DocumentsSupplied")["due_at"]) == ("runs", end)
    assert "DeadlineMissed" not in desk.wait(300 * DAY)


@pytest.mark.parametrize("starts_on", ["0001-01-01", "1850-06-05", "1991-01-02", "2150-06-05", "9999-12-31"])
def test_a_date_beyond_all_calendars_loses_no_application(tmp_path: Path, starts_on: str) -> None:
    kind = RUNS_ON["nor does what is counted back"]
    recipe = RECIPE.replace("within: 3 months, basis: § 71 BauO, extension: 1 month,", kind)
    desk = building_office(procedure_book(tmp_path, recipe))
    desk.submit({**DRY, "starts_on": starts_on})
    assert day_of(from_us(due(desk) - 1)) == dt.date(2026, 6, 8), "§ 75 VwGO, and 1991-01-02 has no reminder's day"


def test_a_deadline_is_missed_once_whatever_stops_or_extends_it_afterwards(desk: Office) -> None:
    case = desk.submit(DRY)
    desk.wait(due(desk) + 60 * DAY - desk.now)
    ask(desk, case)
    desk.wait(5 * DAY)
    supply(desk, case)
    assert desk.do("ExtendDeadline", case, by="1 month")[0] == "DeadlineExtended"
    assert desk.last("DeadlineExtended")["due_at"] < desk.now
    assert "DeadlineMissed" not in desk.wait(300 * DAY)


def test_new_time_can_be_missed_anew(desk: Office) -> None:
    case = desk.submit(DRY)
    desk.wait(due(desk) - desk.now)
    desk.do("ExtendDeadline", case)
    assert "DeadlineMissed" in desk.wait(300 * DAY)


def test_an_end_that_had_passed_before_the_papers_were_recorded_is_missed_once(desk: Office) -> None:
    case = desk.submit(DRY)
    ask(desk, case)
    desk.wait(300 * DAY)
    desk.do("SupplyDocuments", case, papers=["Plan"], arrived_at=desk.now - 299 * DAY)
    assert "DeadlineMissed" in desk.wait(0)
    assert "DeadlineMissed" not in desk.wait(300 * DAY)


def test_what_came_in_at_the_single_contact_counts_as_received_three_days_later_once(desk: Office) -> None:
    body = {"service": desk.service, "municipality": desk.town, "form": DRY}
    channel = translate(orjson.dumps(body), SINGLE_CONTACT, "1", desk.now).channel
    case_id, received = desk.submit(DRY, channel=channel), desk.last("CaseReceived")
    assert day_of(from_us(received["started_at"])) == dt.date(2026, 3, 11), "received on 8 March"
    plan = plan_of(desk.book.recipes["permit"], desk.book.municipalities["town"])
    case = newest(desk, case_id)
    assert case is not None
    words = " ".join(step.de for step in derivation(case, plan))
    assert "Eingang bei der einheitlichen Stelle: Sonntag, 08.03.2026" in words
    desk.do("Withdraw", case_id)
    desk.do("Reopen", case_id)
    case = newest(desk, case_id)
    assert case is not None
    assert case["started_at"] == desk.now
    assert "einheitlichen Stelle" not in " ".join(step.de for step in derivation(case, plan))


def test_every_date_of_a_case_can_be_derived(tmp_path: Path) -> None:
    taxes = RECIPE.replace("retention:", "notified_by: tax-post\n    retention:")
    taxes = taxes.replace("four_eyes: true", "four_eyes: false")
    desk = building_office(procedure_book(tmp_path, taxes))
    case_id = desk.submit(WET)
    plan = plan_of(desk.book.recipes["permit"], desk.book.municipalities["town"])
    desk.wait(3 * DAY)
    desk.do("Return", case_id, station="water", department="water")
    desk.do("Correct", case_id, station="water", department="post", to_department="council")
    desk.do("ExtendDeadline", case_id, station="fire")
    desk.do("Decide", case_id, outcome="granted")
    case, events = newest(desk, case_id), [Event(*pair) for pair in desk.of(case_id)]
    assert case is not None
    stations = {each["station"]: each for each in case["stations"]}
    fire = " ".join(step.de for step in station_derivation(stations["fire"], events, plan))
    assert "§ 36 BauGB" in fire
    assert "um 1 Monat" in fire
    assert "Ereignis: Mittwoch, 11.03.2026" in station_derivation(stations["water"], events, plan)[0].de
    assert station_derivation(stations["assess"], events, plan) == ()
    objection = " ".join(step.de for step in objection_derivation(events, plan))
    assert "§ 122 Abs. 2 Nr. 1 AO" in objection
    assert "§ 108 Abs. 3 AO" in objection, "11 March and four days is a Sunday"
    assert "§ 70 VwGO" in objection


def test_what_is_counted_back_is_derived_where_the_form_is_known(tmp_path: Path) -> None:
    kind = RUNS_ON["nor does what is counted back"]
    recipe = RECIPE.replace("within: 3 months, basis: § 71 BauO, extension: 1 month,", kind)
    desk = building_office(procedure_book(tmp_path, recipe))
    case = newest(desk, desk.submit({**DRY, "starts_on": "2026-06-05"}))
    assert case is not None
    plan = plan_of(desk.book.recipes["permit"], desk.book.municipalities["town"])
    assert derivation(case, plan) == ()
    assert "vor Freitag, 05.06.2026" in derivation(case, plan, {"starts_on": days_of("2026-06-05")})[1].de
