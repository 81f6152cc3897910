import json
from pathlib import Path

import pytest

from schemas.kochbuch import Kochbuch
from services.commands.case_view import Document, case_view, events_in
from services.router.event import Event
from tests.support.casework import DAY, Office
from tests.support.procedure import DRY, ONE, THREE, TWO, building_office, procedure_book


@pytest.fixture
def book(tmp_path: Path) -> Kochbuch:
    return procedure_book(tmp_path)


@pytest.fixture
def desk(book: Kochbuch) -> Office:
    return building_office(book)


def view(desk: Office, case: str, skip: int = 0) -> Document:
    return case_view(case, [Event(*pair) for pair in desk.of(case)][skip:], desk.book)


def test_it_says_where_the_case_is_until_when_and_whom_to_call(desk: Office) -> None:
    case = desk.submit(DRY)
    desk.do("Claim", case, station="assess")
    shown = view(desk, case)
    assert (shown["status"], shown["version"], shown["due_date"]) == ("open", 2, "2026-06-08")
    assert shown["citizen"] == {
        "status": "PROCESSING",
        "details": "Ihr Antrag wird bearbeitet.",
        "next_step": "Bauamt entscheidet über Ihren Antrag. In der Regel bis 08.06.2026.",
        "contact": "Bauamt, 02421 25-1",
        "until": "2026-06-08",
    }
    lead, fire = shown["stations"]
    assert (lead["station"], lead["name"], lead["phone"], lead["holder"]) == ("assess", "Bauamt", "02421 25-1", ONE)
    assert lead["due_date"] == "2026-06-08", "who decides has the time of the whole case"
    assert (fire["station"], fire["status"], fire["due_date"]) == ("fire", "open", "2026-05-08")
    ahead = [(each["by_itself"], each["station"]) for each in shown["ahead"]]
    assert ahead == [("station_reminder", "fire"), ("station_due", "fire"), ("case_reminder", ""), ("case_due", "")]


def test_a_proposal_and_who_stands_in_for_whom_are_shown(desk: Office) -> None:
    case = desk.submit(DRY)
    today = desk.now // DAY
    desk.do("Substitute", case, who=THREE, deputy=TWO, since=today, until=today + 1)
    desk.do("Decide", case, outcome="granted", actor=TWO, acting_for=THREE)
    shown = view(desk, case)
    assert shown["deputies"] == [{"who": THREE, "deputy": TWO, "since": "2026-03-08", "until": "2026-03-09"}]
    proposal = {"outcome": "granted", "text_ref": "akte:1", "actor": TWO, "acted_for": THREE}
    assert shown["proposal"] == proposal
    proposed = next(each for each in shown["events"] if each["event"] == "DecisionProposed")
    assert (proposed["actor"], proposed["acted_for"]) == (TWO, THREE)


def test_nothing_of_the_form_and_nothing_that_people_wrote_is_in_it(desk: Office) -> None:
    case = desk.submit({**DRY, "applicant": {"family_name": "Geheim", "given_names": "Streng"}})
    desk.do("AddNote", case, text="Geheime Notiz")
    assert "Geheim" not in json.dumps(view(desk, case))


def test_after_its_retention_only_that_is_said(desk: Office) -> None:
    case = desk.submit(DRY)
    desk.do("Withdraw", case, actor="applicant", department="")
    assert view(desk, case)["status"] == "closed"
    desk.wait(4 * 366 * DAY)
    shown = view(desk, case)
    assert (shown["status"], shown["citizen"], shown["stations"]) == ("erased", None, [])


def test_a_log_without_its_beginning_gives_no_state(desk: Office) -> None:
    case = desk.submit(DRY)
    desk.do("Claim", case, station="assess")
    shown = view(desk, case, skip=1)
    assert (shown["status"], shown["reference"]) == ("unknown", None)
    assert len(shown["events"]) == 3


def test_a_municipality_that_left_the_book_leaves_the_departments_names(desk: Office, book: Kochbuch) -> None:
    case = desk.submit(DRY)
    book.municipalities.clear()
    shown = case_view(case, [Event(*pair) for pair in desk.of(case)], book)
    assert [each["name"] for each in shown["stations"]] == ["building", "fire"]


def test_what_cannot_be_decoded_is_left_out(desk: Office) -> None:
    message = desk.submission(DRY).message
    damaged = desk.stored(message).__class__("case-events", 0, 0, message.key, b"\x00\xff\xff\xff\xff", (), 0)
    assert events_in([damaged], desk.book.codec) == []
