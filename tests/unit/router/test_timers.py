import dataclasses
from pathlib import Path

import pytest

from services.router.processor import PER_TICK, Router
from tests.support.casework import DAY, Office
from tests.support.procedure import DRY, RECIPE, WET, building_office, procedure_book


def what(desk: Office, department: str) -> list[str]:
    return [letter.body["what"] for letter in desk.inbox(department) if letter.kind == "DepartmentNotice"]


def test_reminder_overdue_and_escalation_of_the_case(desk: Office) -> None:
    case = desk.submit(DRY)
    desk.do("GiveOpinion", case, station="fire", department="fire", opinion="consents")
    due = desk.last("CaseReceived")["due_at"]
    assert desk.wait(due - desk.now - DAY) == ["ReminderDue"]
    assert desk.wait(DAY - 1) == []
    assert desk.wait(1) == ["DeadlineMissed", "DeadlineEscalated"]
    assert desk.last("DeadlineMissed")["basis"] == "§ 71 BauO"
    assert what(desk, "building")[-2:] == ["ReminderDue", "DeadlineMissed"]
    assert what(desk, "post") == ["DeadlineEscalated"]
    assert desk.wait(100 * DAY) == []


def test_a_consulted_department_is_reminded_before_its_silence_counts(desk: Office) -> None:
    desk.submit(DRY)
    assert desk.wait(58 * DAY) == ["ReminderDue"]
    assert desk.wait(10 * DAY) == ["StationLapsed", "OpinionsComplete"]
    assert what(desk, "fire") == ["ReminderDue", "StationLapsed"]
    assert what(desk, "building")[:2] == ["StationLapsed", "OpinionsComplete"]


def test_silence_without_consent_is_told_to_the_lead(desk: Office) -> None:
    desk.submit(WET)
    assert desk.wait(20 * DAY) == ["StationLapsed"]
    assert not desk.last("StationLapsed")["consent"]


def test_silence_that_escalates_leaves_the_station_open(desk: Office) -> None:
    case = desk.submit(WET)
    desk.do("GiveOpinion", case, station="water", department="water", opinion="objects")
    assert "DeadlineEscalated" in desk.wait(40 * DAY)
    assert (
        desk.do("GiveOpinion", case, station="council", department="council", opinion="consents")[0] == "OpinionGiven"
    )
    assert desk.last("OpinionGiven")["late"]


def test_an_answer_in_time_stops_the_timers(desk: Office) -> None:
    case = desk.submit(DRY)
    desk.do("GiveOpinion", case, station="fire", department="fire", opinion="consents")
    assert desk.wait(70 * DAY) == []


def test_the_law_grants_what_nobody_decided(tmp_path: Path) -> None:
    deemed = RECIPE.replace("on_expiry: escalate}\n    route", "on_expiry: consent}\n    route")
    desk = building_office(procedure_book(tmp_path, deemed))
    desk.submit(DRY)
    assert "CaseDecided" in desk.wait(100 * DAY)
    decided = desk.last("CaseDecided")
    assert (decided["outcome"], decided["deemed"], decided["basis"]) == ("granted", True, "§ 71 BauO")
    assert decided["decided_by"] == "router"


@pytest.mark.parametrize("expiry", ["consent", "close"])
@pytest.mark.parametrize("end", ["Decide", "Withdraw"])
def test_what_was_ended_and_taken_up_again_is_not_ended_by_silence(tmp_path: Path, expiry: str, end: str) -> None:
    recipe = RECIPE.replace("on_expiry: escalate}\n    route", f"on_expiry: {expiry}}}\n    route")
    desk = building_office(procedure_book(tmp_path, recipe.replace("four_eyes: true", "four_eyes: false")))
    case = desk.submit(DRY)
    desk.do(end, case, outcome="refused")
    assert desk.do("Reopen", case)[0] == "CaseReopened"
    assert desk.wait(100 * DAY)[-2:] == ["DeadlineMissed", "DeadlineEscalated"]
    assert desk.do("Decide", case, outcome="refused")[0] == "CaseDecided"


def test_a_case_may_end_by_itself_and_everybody_who_took_part_learns_it(tmp_path: Path) -> None:
    ending = RECIPE.replace("on_expiry: escalate}\n    route", "on_expiry: close}\n    route")
    desk = building_office(procedure_book(tmp_path, ending))
    case = desk.submit(DRY)
    desk.do("Consult", case, to_department="planning", question="?", until=desk.now + 10 * DAY)
    assert "CaseClosed" in desk.wait(100 * DAY)
    assert desk.last("CaseClosed")["why"] == "expired"
    assert [what(desk, name)[-1] for name in ("building", "fire", "planning")] == ["CaseClosed"] * 3


def test_what_fell_due_while_nobody_ran_fires_once_after_the_restart(desk: Office) -> None:
    desk.submit(DRY)
    desk.router = Router(desk.book)
    desk.router.restore(0, desk.log)
    desk.now += 70 * DAY
    assert desk.wait(0) == ["ReminderDue", "StationLapsed", "OpinionsComplete"]
    assert desk.wait(0) == []
    desk.router.forget(0)
    desk.router.restore(0, desk.log)
    assert desk.wait(0) == []


def test_what_is_due_happens_before_what_is_asked(desk: Office) -> None:
    case = desk.submit(DRY)
    desk.now += 70 * DAY
    kinds = desk.do("Withdraw", case, expected_version=None)
    assert kinds[:4] == ["ReminderDue", "StationLapsed", "OpinionsComplete", "CaseWithdrawn"]


def test_what_was_asked_in_time_is_answered_before_what_fell_due_after_it(tmp_path: Path) -> None:
    deemed = RECIPE.replace("on_expiry: escalate}\n    route", "on_expiry: consent}\n    route")
    deemed = deemed.replace("four_eyes: true", "four_eyes: false")
    desk = building_office(procedure_book(tmp_path, deemed))
    case = desk.submit(DRY)
    desk.do("GiveOpinion", case, station="fire", department="fire", opinion="objects")
    due = desk.last("CaseReceived")["due_at"]
    desk.wait(due - desk.now - 1)
    in_time = desk.command("Decide", case, outcome="refused")
    desk.now = due + DAY
    assert desk.send("Decide", in_time)[0] == "CaseDecided", "the router was away over the end of the period"
    assert (desk.last("CaseDecided")["outcome"], desk.last("CaseDecided")["deemed"]) == ("refused", False)
    assert "CaseDecided" not in desk.wait(0)


def test_what_was_asked_too_late_is_not(tmp_path: Path) -> None:
    deemed = RECIPE.replace("on_expiry: escalate}\n    route", "on_expiry: consent}\n    route")
    desk = building_office(procedure_book(tmp_path, deemed))
    case = desk.submit(DRY)
    desk.now = desk.last("CaseReceived")["due_at"]
    assert "CaseDecided" in desk.do("Decide", case, outcome="refused")
    assert desk.last("CaseDecided")["deemed"]
    assert desk.refusal() == "stale"


def test_a_tick_is_bounded_and_the_rest_follows(desk: Office) -> None:
    desk.feed(*(desk.submission(DRY, str(n)).message for n in range(PER_TICK + 1)))
    desk.now += 59 * DAY
    first = [kind for kind in desk.take(desk.router.tick(0, desk.now)) if kind == "ReminderDue"]
    second = [kind for kind in desk.take(desk.router.tick(0, desk.now)) if kind == "ReminderDue"]
    assert (len(first), len(second)) == (PER_TICK, 1)


def test_a_timer_of_a_recipe_that_is_gone_waits(desk: Office) -> None:
    desk.submit(DRY)
    desk.router._contexts.clear()
    desk.router._book = dataclasses.replace(desk.book, versions={})
    assert desk.wait(70 * DAY) == []
    desk.router._book = desk.book
    assert desk.wait(DAY) == ["ReminderDue", "StationLapsed", "OpinionsComplete"]


def test_the_recipe_says_whom_a_missed_deadline_is_told(tmp_path: Path) -> None:
    above = RECIPE.replace("on_expiry: escalate}\n    route", "on_expiry: escalate, escalate_to: council}\n    route")
    desk = building_office(procedure_book(tmp_path, above))
    desk.submit(DRY)
    desk.wait(100 * DAY)
    assert desk.last("DeadlineEscalated")["to_department"] == "council"
    assert "DeadlineEscalated" in what(desk, "council")


def test_a_recipe_changed_without_a_new_version_stops_nobody_else(tmp_path: Path) -> None:
    desk = building_office(procedure_book(tmp_path / "before"))
    case = desk.submit(WET)
    changed = RECIPE.replace("near_water: {type: boolean}", "near_water: {type: boolean}\n      roof: {type: boolean}")
    log, opened = desk.log, desk.command("Forward", case, station="assess", to_department="council")
    desk = building_office(procedure_book(tmp_path / "after", changed))
    desk.router.restore(0, log)
    assert desk.wait(70 * DAY) == []
    desk.send("Forward", opened)
    assert dict(desk.dead[0].headers)["dl_reason"] == b"unknown-schema"
    assert desk.submit({**DRY, "roof": True}, "2")
    assert [kind for kind, _ in desk.events] == ["CaseReceived", "StationsOpened"]


def test_a_label_put_right_stops_no_running_case(tmp_path: Path) -> None:
    desk = building_office(procedure_book(tmp_path / "before"))
    case = desk.submit(WET)
    relabelled = RECIPE.replace("height_m: {type: integer,", "height_m: {type: integer, label: {de: Höhe},")
    log, opened = desk.log, desk.command("Forward", case, station="assess", to_department="council")
    desk = building_office(procedure_book(tmp_path / "after", relabelled))
    desk.router.restore(0, log)
    assert desk.send("Forward", opened)[0] == "CaseForwarded"
    assert "StationLapsed" in desk.wait(70 * DAY)
    assert not desk.dead
