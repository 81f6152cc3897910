import datetime as dt
from pathlib import Path

import pytest

from services.router.deadlines import BERLIN, from_us, to_us
from tests.support.casework import DAY, Office
from tests.support.procedure import DRY, ONE, RECIPE, THREE, TWO, WET, building_office, procedure_book


def decide(desk: Office, case: str, **more: object) -> list[str]:
    return desk.do("Decide", case, **{"outcome": "granted", "actor": ONE, **more})


def sign(desk: Office, case: str, actor: str, **more: object) -> list[str]:
    return desk.do("CountersignDecision", case, **{"agrees": True, "actor": actor, **more})


@pytest.fixture
def single(tmp_path: Path) -> Office:
    return building_office(procedure_book(tmp_path, RECIPE.replace("four_eyes: true", "four_eyes: false")))


def test_one_person_decides_where_the_recipe_does_not_ask_for_two(single: Office) -> None:
    case = single.submit(DRY)
    assert decide(single, case) == ["CaseDecided", "StationsOpened", "CitizenStatusChanged"]
    decided = single.last("CaseDecided")
    assert (decided["outcome"], decided["decided_by"], decided["deemed"]) == ("granted", ONE, False)
    assert single.last("CitizenStatusChanged")["status"] == "COMPLETED"


def test_two_people_decide(desk: Office) -> None:
    case = desk.submit(DRY)
    assert decide(desk, case)[0] == "DecisionProposed"
    assert sign(desk, case, THREE)[0] == "CaseDecided"
    decided = desk.last("CaseDecided")
    assert (decided["decided_by"], decided["countersigned_by"]) == (ONE, THREE)


def test_the_second_person_is_never_the_first_nor_the_firsts_deputy(desk: Office) -> None:
    case = desk.submit(DRY)
    decide(desk, case)
    sign(desk, case, ONE)
    assert desk.refusal() == "same-person"
    sign(desk, case, TWO, acting_for=ONE)
    assert desk.refusal() == "same-person"
    assert sign(desk, case, TWO)[0] == "CaseDecided"


def test_whom_the_first_stood_in_for_is_no_second_person_either(desk: Office) -> None:
    case = desk.submit(DRY)
    decide(desk, case, actor=TWO, acting_for=ONE)
    sign(desk, case, ONE)
    assert desk.refusal() == "same-person"


def test_the_second_person_may_send_it_back(desk: Office) -> None:
    case = desk.submit(DRY)
    decide(desk, case)
    assert sign(desk, case, THREE, agrees=False, reason="Statik fehlt") == ["DecisionSentBack"]
    assert desk.inbox("building")[-1].body["text"] == "Statik fehlt"
    sign(desk, case, THREE)
    assert desk.refusal() == "no-proposal"


def test_a_proposal_does_not_follow_the_case_to_another_department(desk: Office) -> None:
    case = desk.submit(DRY)
    decide(desk, case)
    desk.do("Forward", case, station="assess", to_department="council", actor=ONE)
    sign(desk, case, THREE, department="council")
    assert desk.refusal() == "no-proposal"


@pytest.mark.parametrize("order", ["ask, propose, supply", "propose, ask, supply"])
def test_new_papers_need_a_new_proposal(desk: Office, order: str) -> None:
    case = desk.submit(DRY)
    for act in order.split(", "):
        if act == "propose":
            assert "DecisionProposed" in decide(desk, case)
        else:
            kind = "AskApplicant" if act == "ask" else "SupplyDocuments"
            assert desk.do(kind, case, papers=["Plan"], until=desk.now + DAY)[0] != "CommandRefused"
    sign(desk, case, THREE)
    assert desk.refusal() == "no-proposal"


def test_the_decision_ends_every_open_station_and_informs_whom_the_recipe_names(single: Office) -> None:
    case = single.submit(DRY)
    decide(single, case)
    assert [letter.kind for letter in single.inbox("cashier")] == ["StationOpened"]
    assert single.inbox("cashier")[0].body["form"] == {"applicant": {"family_name": "Muster"}}
    assert single.inbox("fire")[-1].body["detail"] == "granted"
    assert "StationLapsed" not in single.wait(100 * DAY)


@pytest.mark.parametrize("words", ["Sehr geehrte Frau Muster", "a\nb", "x" * 201])
def test_the_text_of_a_decision_is_referred_to_never_carried(single: Office, words: str) -> None:
    case = single.submit(DRY)
    decide(single, case, text_ref=words)
    assert single.refusal() == "malformed"


def test_after_the_time_for_objections_the_case_is_closed_and_leaves_memory(single: Office) -> None:
    case = single.submit(DRY)
    decide(single, case)
    until = single.last("CaseDecided")["objection_until"]
    assert until - single.now > 31 * DAY, "a month after the fourth day"
    assert single.wait(until - single.now - 1) == []
    assert single.wait(1) == ["CaseClosed"]
    assert single.router.open_cases() == 0


def test_a_closed_case_is_recognised_and_can_be_reopened(single: Office) -> None:
    case = single.submit(DRY)
    decide(single, case)
    single.wait(60 * DAY)
    message = single.log[0]
    assert single.router.recall(message) is not None
    reopened = single.do("Reopen", case, reason="Neue Tatsachen")
    assert reopened == ["CaseReopened", "CitizenStatusChanged"]
    assert single.router.open_cases() == 1
    assert [letter.kind for letter in single.inbox("building")][-2:] == ["StationOpened", "DepartmentNotice"]
    assert decide(single, case)[0] == "CaseDecided"


def test_a_duplicate_of_a_closed_case_is_a_duplicate_and_takes_no_memory(single: Office) -> None:
    message = single.submission(DRY).message
    single.feed(message)
    decide(single, (message.key or b"").decode())
    single.wait(60 * DAY)
    single.feed(message)
    assert single.router.outcomes["duplicate"] == 1
    assert single.router.open_cases() == 0
    assert single.router.recall(single.stored(message)) is not None, "still known for the next time"


def test_after_the_retention_nothing_is_left(single: Office) -> None:
    case = single.submit(DRY)
    decide(single, case)
    single.wait(60 * DAY)
    assert single.wait(3 * 366 * DAY) == ["CaseErased"]
    assert single.log[-1].value is None
    assert single.router.recall(single.log[-1]) is None
    assert single.do("Reopen", case) == ["CommandRefused"]
    assert single.refusal() == "unknown-case"


def test_a_restart_does_not_forget_what_is_closed(single: Office) -> None:
    case = single.submit(DRY)
    decide(single, case)
    single.wait(60 * DAY)
    single.router.forget(0)
    single.router.restore(0, single.log)
    assert single.router.open_cases() == 0
    assert single.do("Reopen", case)[0] == "CaseReopened"
    single.do("Withdraw", case)
    assert single.wait(3 * 366 * DAY) == ["CaseErased"]


def test_reopening_a_decided_case_stops_its_closing(single: Office) -> None:
    case = single.submit(DRY)
    decide(single, case)
    single.do("Reopen", case)
    assert "CaseClosed" not in single.wait(60 * DAY)


def test_reopening_waits_again_for_opinions_that_may_still_come(single: Office) -> None:
    case = single.submit(WET)
    single.do("GiveOpinion", case, station="water", department="water", opinion="consents")
    decide(single, case)
    single.wait(9 * DAY)
    single.do("Reopen", case)
    assert single.last("CaseReopened")["stations"] == ["assess", "fire"]
    assert [letter.kind for letter in single.inbox("fire")][-2:] == ["StationOpened", "DepartmentNotice"]
    kinds = single.do("GiveOpinion", case, station="fire", department="fire", opinion="objects")
    assert kinds == ["OpinionGiven", "OpinionsComplete"]
    assert not single.last("OpinionGiven")["late"]


def test_silence_counts_again_in_a_reopened_case_and_what_is_too_late_stays_ended(single: Office) -> None:
    case = single.submit(WET)
    decide(single, case)
    single.wait(30 * DAY)
    single.do("Reopen", case)
    assert single.last("CaseReopened")["stations"] == ["assess", "fire"], "the time of water is over"
    assert single.wait(40 * DAY) == ["StationLapsed", "OpinionsComplete"]


def test_the_deadline_is_extended_once_and_with_a_reason(desk: Office) -> None:
    case = desk.submit(DRY)
    before = desk.last("CaseReceived")["due_at"]
    desk.do("ExtendDeadline", case, reason="")
    assert desk.refusal() == "reason-missing"
    assert desk.do("ExtendDeadline", case)[0] == "DeadlineExtended"
    extended = desk.last("DeadlineExtended")
    assert extended["by"] == "1 month"
    assert 28 * DAY <= extended["due_at"] - before <= 33 * DAY
    desk.do("ExtendDeadline", case)
    assert desk.refusal() == "already-done"


@pytest.mark.parametrize(
    ("by", "reason"),
    [("bald", "malformed"), ("3 hours", "no-extension"), ("2 months", "no-extension"), ("900 years", "date")],
)
def test_an_extension_that_makes_no_sense_is_refused(desk: Office, by: str, reason: str) -> None:
    case = desk.submit(DRY)
    desk.do("ExtendDeadline", case, by=by)
    assert desk.refusal() == reason


def test_a_consulted_department_gets_more_time_once_and_with_a_reason(desk: Office) -> None:
    case = desk.submit(DRY)
    opened = next(body for kind, body in desk.of(case) if kind == "StationsOpened")["stations"]
    before = next(station["due_at"] for station in opened if station["station"] == "fire")
    assert desk.do("ExtendDeadline", case, station="fire", by="1 month") == ["StationExtended"]
    extended = desk.last("StationExtended")
    assert (extended["department"], extended["by"]) == ("fire", "1 month")
    assert 28 * DAY <= extended["due_at"] - before <= 33 * DAY
    assert [letter.body["what"] for letter in desk.inbox("fire")[-1:]] == ["StationExtended"]
    desk.do("ExtendDeadline", case, station="fire", by="1 month")
    assert desk.refusal() == "already-done"
    assert desk.wait(before - desk.now + DAY) == []
    assert "StationLapsed" in desk.wait(extended["due_at"] - desk.now)


def test_the_recipe_grants_a_stations_extension_or_the_lead_says_it(tmp_path: Path) -> None:
    granting = RECIPE.replace("on_silence: consent, extension: 1 month", "on_silence: consent, extension: 2 weeks")
    desk = building_office(procedure_book(tmp_path, granting))
    case = desk.submit(WET)
    desk.do("ExtendDeadline", case, station="fire")
    assert desk.last("StationExtended")["by"] == "2 weeks"
    for by in (None, "1 day"):
        desk.do("ExtendDeadline", case, station="water", by=by)
        assert desk.refusal() == "no-extension"
    desk.do("Consult", case, to_department="council", question="?", until=desk.now + 10 * DAY)
    desk.do("ExtendDeadline", case, station="on-request-1")
    assert desk.refusal() == "no-extension"
    desk.do("ExtendDeadline", case, station="on-request-1", by="1 week")
    assert desk.last("StationExtended")["station"] == "on-request-1"
    desk.do("GiveOpinion", case, station="water", department="water", opinion="consents")
    for station, reason in (
        ("assess", "station-not-open"),
        ("water", "station-not-open"),
        ("nowhere", "unknown-station"),
    ):
        desk.do("ExtendDeadline", case, station=station, by="1 week")
        assert desk.refusal() == reason


def test_the_recipe_may_leave_the_extension_to_the_station_itself(tmp_path: Path) -> None:
    itself = RECIPE.replace("extension: 1 month, remind: 1 week}\n      - station: water", "extension: 1 month, "
                            "extended_by: station}\n      - station: water")  # fmt: skip
    desk = building_office(procedure_book(tmp_path, itself))
    case = desk.submit(DRY)
    desk.do("ExtendDeadline", case, station="fire")
    assert desk.refusal() == "not-your-department"
    assert desk.do("ExtendDeadline", case, station="fire", department="fire") == ["StationExtended"]


def test_a_question_with_an_hour_gets_whole_days_more(desk: Office) -> None:
    case = desk.submit(DRY)
    until = to_us(dt.datetime(2026, 3, 18, 21, tzinfo=BERLIN))
    desk.do("Consult", case, to_department="council", question="?", until=until)
    desk.do("ExtendDeadline", case, station="on-request-1", by="1 day")
    assert from_us(desk.last("StationExtended")["due_at"]) == dt.datetime(2026, 3, 20, tzinfo=BERLIN)


@pytest.mark.parametrize("by", ["5 Werktage", "halber Monat", "½ month"])
def test_an_extension_in_any_unit_is_understood_by_what_follows(desk: Office, by: str) -> None:
    case = desk.submit(DRY)
    assert desk.do("ExtendDeadline", case, by=by)[0] == "DeadlineExtended"
    desk.do("AskApplicant", case, papers=["Plan"], until=desk.now + 20 * DAY)
    assert desk.do("SupplyDocuments", case, papers=["Plan"])[0] == "DocumentsSupplied"


def test_while_papers_are_missing_a_station_may_be_extended_the_case_not(desk: Office) -> None:
    case = desk.submit(DRY)
    desk.do("AskApplicant", case, papers=["Plan"], until=desk.now + 20 * DAY)
    desk.do("ExtendDeadline", case)
    assert desk.refusal() == "wrong-state"
    assert desk.do("ExtendDeadline", case, station="fire", by="1 week") == ["StationExtended"]


def test_a_lead_that_waits_for_others_cannot_decide_yet(tmp_path: Path) -> None:
    start, end = RECIPE.index("      - station: assess"), RECIPE.index("      - station: fire")
    lead = "      - {station: assess, role: building, task: decide, after: fire, sees: [height_m]}\n"
    later = (RECIPE[:start] + RECIPE[end:]).replace("      - station: water", f"{lead}      - station: water")
    desk = building_office(procedure_book(tmp_path, later))
    case = desk.submit(DRY)
    assert not desk.inbox("building")
    decide(desk, case)
    assert desk.refusal() == "station-not-open"
    kinds = desk.do("GiveOpinion", case, station="fire", department="fire", opinion="consents")
    assert kinds == ["OpinionGiven", "StationsOpened", "OpinionsComplete"]
    assert "StationOpened" in [letter.kind for letter in desk.inbox("building")]
    assert decide(desk, case)[0] == "CaseDecided"
