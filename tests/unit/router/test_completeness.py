import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from schemas.kochbuch import Kochbuch
from services.router.derivation import derivation
from services.router.plan import plan_of
from tests.property.test_case import newest
from tests.support.casework import DAY, Office
from tests.support.procedure import DRY, RECIPE, building_office, procedure_book

CHECK = 14 * DAY
COMPLETE = RECIPE.replace(
    "within: 3 months, basis: § 71 BauO,",
    "within: 3 months, basis: § 42a Abs. 2 VwVfG, starts: completeness, check_within: 14 days,",
).replace("on_expiry: escalate}\n    route", "on_expiry: consent}\n    route")


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Kochbuch:
    return procedure_book(Path(tmp_path_factory.mktemp("completeness")), COMPLETE)


@pytest.fixture
def desk(book: Kochbuch) -> Office:
    return building_office(book)


@pytest.fixture
def case(desk: Office) -> str:
    return desk.submit(DRY)


def ask(desk: Office, case: str) -> list[str]:
    return desk.do("AskApplicant", case, papers=["Lageplan", "Statik"], until=desk.now + 20 * DAY)


def supply(desk: Office, case: str, *papers: str) -> dict[str, Any]:
    assert desk.do("SupplyDocuments", case, papers=papers, actor="applicant", department="")[0] == "DocumentsSupplied"
    return desk.last("DocumentsSupplied")


def confirm(desk: Office, case: str, since: int | None = None) -> dict[str, Any]:
    assert desk.do("ConfirmCompleteness", case, complete_since=since)[0] == "PapersFoundComplete"
    return desk.last("PapersFoundComplete")


def test_the_lead_says_that_the_papers_are_complete(desk: Office, case: str) -> None:
    received = desk.last("CaseReceived")
    desk.wait(3 * DAY)
    found = confirm(desk, case)
    assert (found["deemed"], found["complete_since"]) == (False, received["received_at"])
    assert found["due_at"] == received["due_at"]
    assert desk.inbox("building")[-1].body["what"] == "PapersFoundComplete"
    desk.do("ConfirmCompleteness", case)
    assert desk.refusal() == "already-done"


@pytest.mark.usefixtures("case")
def test_a_lead_that_asks_for_nothing_in_time_has_found_them_complete(desk: Office) -> None:
    received = desk.last("CaseReceived")
    assert "PapersFoundComplete" not in desk.wait(CHECK - DAY)
    assert "PapersFoundComplete" in desk.wait(3 * DAY)
    found = desk.last("PapersFoundComplete")
    assert (found["deemed"], found["complete_since"]) == (True, received["received_at"])


def test_each_receipt_begins_the_period_anew_until_the_papers_are_found_complete(desk: Office, case: str) -> None:
    ask(desk, case)
    desk.wait(5 * DAY)
    first = supply(desk, case, "Lageplan")
    desk.wait(10 * DAY)
    second = supply(desk, case, "Statik")
    assert (first["clock"], second["clock"], second["suspended_at"]) == ("restarts", "restarts", None)
    assert confirm(desk, case)["complete_since"] == second["resumed_at"] == first["resumed_at"] + 10 * DAY
    assert second["due_at"] - first["due_at"] >= 8 * DAY
    third = supply(desk, case, "Lichtbild")
    assert (third["clock"], third["due_at"]) == ("runs", second["due_at"])


def test_the_derivation_says_by_when_a_decision_must_be_on_its_way(desk: Office, case: str) -> None:
    state = newest(desk, case)
    assert state is not None
    plan = plan_of(desk.book.recipes["permit"], desk.book.municipalities["town"])
    *_, note, end = derivation(state, plan)
    assert end.date == dt.date(2026, 6, 8)
    assert "spätestens am Donnerstag, 04.06.2026" in note.de
    assert "Thursday 2026-06-04" in note.en


def test_half_of_what_was_asked_for_grants_nothing_when_the_rest_is_asked_for_again(desk: Office, case: str) -> None:
    ask(desk, case)
    desk.wait(5 * DAY)
    supply(desk, case, "Lageplan")
    ask(desk, case)
    assert "CaseDecided" not in desk.wait(300 * DAY)


def test_what_is_asked_for_after_completeness_stops_the_clock_and_turns_nothing_back(desk: Office, case: str) -> None:
    end = desk.last("CaseReceived")["due_at"]
    confirm(desk, case)
    desk.wait(30 * DAY)
    ask(desk, case)
    desk.wait(10 * DAY)
    supplied = supply(desk, case, "Gutachten")
    assert supplied["clock"] == "continues"
    assert 10 * DAY <= supplied["due_at"] - end <= 14 * DAY


def test_the_lead_may_say_since_when_they_were_complete(desk: Office, case: str) -> None:
    received = desk.last("CaseReceived")
    desk.wait(2 * DAY)
    supply(desk, case, "Lichtbild")
    desk.do("ConfirmCompleteness", case, complete_since=desk.now + 1)
    assert desk.refusal() == "date"
    assert confirm(desk, case, since=0)["complete_since"] == received["received_at"]
    assert desk.last("PapersFoundComplete")["due_at"] == received["due_at"]


def test_the_check_begins_when_the_lead_learns_of_papers_and_never_outlasts_the_period(desk: Office, case: str) -> None:
    ask(desk, case)
    desk.wait(200 * DAY)
    desk.do("SupplyDocuments", case, papers=["Lageplan"], arrived_at=desk.now - 199 * DAY)
    assert desk.wait(0)[:2] == ["PapersFoundComplete", "CaseDecided"]
    assert desk.last("CaseDecided")["deemed"]


def test_only_the_lead_says_so_and_not_while_papers_are_missing(desk: Office, case: str) -> None:
    desk.do("ConfirmCompleteness", case, department="fire")
    assert desk.refusal() == "not-your-department"
    ask(desk, case)
    desk.do("ConfirmCompleteness", case)
    assert desk.refusal() == "wrong-state"


def test_where_the_period_runs_from_receipt_the_word_changes_nothing(tmp_path: Path) -> None:
    desk = building_office(procedure_book(tmp_path))
    case = desk.submit(DRY)
    desk.wait(2 * DAY)
    assert confirm(desk, case)["due_at"] == desk.last("CaseReceived")["due_at"]


def test_a_station_may_wait_for_the_papers_and_then_has_the_whole_time(tmp_path: Path) -> None:
    waiting = RECIPE.replace("basis: § 36 BauGB,", "basis: § 36 BauGB, waits_for_papers: true,")
    desk = building_office(procedure_book(tmp_path, waiting))
    case = desk.submit(DRY)
    desk.wait(50 * DAY)
    ask(desk, case)
    assert desk.last("ApplicantAsked")["stations"] == ["fire"]
    assert "StationLapsed" not in desk.wait(30 * DAY)
    (fire,) = supply(desk, case, "Lageplan")["stations"]
    assert fire["due_at"] - desk.now >= 59 * DAY
    told = [letter.body for letter in desk.inbox("fire") if letter.kind == "DepartmentNotice"]
    assert [(body["what"], body["due_at"]) for body in told] == [
        ("ApplicantAsked", None),
        ("DocumentsSupplied", fire["due_at"]),
    ]
    desk.do("ConfirmCompleteness", case)
    ask(desk, case)
    assert desk.last("ApplicantAsked")["stations"] == []
    assert "StationLapsed" in desk.wait(fire["due_at"] - desk.now)
