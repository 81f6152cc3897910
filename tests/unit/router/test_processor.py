import dataclasses
from pathlib import Path

import pytest

from schemas.errors import Reason
from schemas.kochbuch import Kochbuch
from schemas.message import Message, Stored
from schemas.topics import CASE_REQUESTS, ROUTER_STATE
from services.router.processor import Router
from services.runtime.account import Account
from services.runtime.bus import Processor
from tests.support.book import DOG, LARGE, SMALL, small_book
from tests.support.casework import DAY, NOW, Office

_NOBODY = "00000000-0000-5000-8000-000000000000"


@pytest.fixture
def book(tmp_path: Path) -> Kochbuch:
    return small_book(tmp_path)


@pytest.fixture
def office(book: Kochbuch) -> Office:
    return Office(book)


def reason(message: Message) -> str:
    return dict(message.headers)["dl_reason"].decode()


def detail(message: Message) -> str:
    return dict(message.headers)["dl_detail"].decode()


def test_the_router_is_a_processor(book: Kochbuch) -> None:
    processor: Processor = Router(book)
    assert processor.tick(0, NOW) == []


def test_a_small_dog_reaches_the_tax_office_alone(office: Office) -> None:
    office.submit(SMALL)
    assert [letter.topic for letter in office.letters] == ["department.town.taxes"]
    assert [kind for kind, _ in office.events] == ["CaseReceived", "StationsOpened"]


def test_every_department_receives_exactly_the_fields_it_may_see(office: Office) -> None:
    office.submit(LARGE)
    forms = {letter.topic: letter.body["form"] for letter in office.letters}
    assert forms["department.town.taxes"].keys() == {"holder", "breed", "kept_since", "iban"}
    assert forms["department.town.order"] == {"holder": {"family_name": "Muster"}, "breed": "Dogge", "weight_kg": 60}


def test_a_slip_says_task_rule_and_deadline(office: Office) -> None:
    office.submit(LARGE)
    slip = office.inbox("order")[0].body
    assert (slip["task"], slip["opened_by"], slip["case_version"]) == ("consult", "CaseReceived", 1)
    assert slip["rule"] == "breed in Pitbull Terrier, Bullterrier or weight_kg over 20"
    assert slip["due_at"] == office.last("StationsOpened")["stations"][1]["due_at"]


def test_outputs_stay_on_the_partition_under_the_case_key(office: Office) -> None:
    message = office.submission(LARGE).message
    written = office.router.process(0, [office.stored(message)], NOW)
    assert {(out.key, out.partition) for out in written} == {(message.key, None)}
    assert [out.topic for out in written].count(ROUTER_STATE) == 1


TRACE = b"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


@pytest.mark.parametrize("trace", [b"", b"00-abc", TRACE + b"0" * 100_000])
def test_a_trace_that_is_none_is_not_carried_on(office: Office, trace: bytes) -> None:
    message = dataclasses.replace(office.submission(SMALL).message, headers=[("traceparent", trace)])
    written = office.router.process(0, [office.stored(message)], NOW)[:-1]
    assert {len(dict(out.headers)["traceparent"]) for out in written} == {len(TRACE)}


def test_headers_carry_on_the_trace_and_the_receipt(office: Office) -> None:
    message = office.submission(SMALL).message
    traced = dataclasses.replace(message, headers=[("traceparent", TRACE), ("received_at", b"17")])
    for out in office.router.process(0, [office.stored(traced)], NOW)[:-1]:
        headers = dict(out.headers)
        assert (headers["traceparent"], headers["received_at"]) == (TRACE, b"17")
        assert headers["ce_subject"] == message.key


def test_a_retry_gives_the_same_ids(book: Kochbuch) -> None:
    first, second = Office(book), Office(book)
    first.submit(LARGE)
    second.submit(LARGE)
    assert first.events == second.events


def test_the_same_submission_again_is_a_counted_duplicate(office: Office) -> None:
    office.submit(SMALL)
    before = len(office.events)
    office.submit(SMALL)
    office.now += 1_000_000
    office.submit(SMALL)
    assert len(office.events) == before
    assert office.router.outcomes["duplicate"] == 2
    assert not office.dead


def test_a_known_case_with_other_content_is_a_conflict(office: Office) -> None:
    office.submit(SMALL)
    office.submit(LARGE)
    assert [reason(message) for message in office.dead] == [Reason.CONFLICT]
    assert "new key" in detail(office.dead[0])


def test_every_record_has_one_outcome_and_the_account_is_handed_over_once(office: Office) -> None:
    case = office.submit(SMALL)
    office.submit(LARGE, "2")
    office.submit(SMALL)
    office.submit(LARGE)
    office.do("Claim", case, station="assess")
    office.do("Claim", _NOBODY, station="assess")
    repeated = office.command("AddNote", case)
    office.send("AddNote", repeated)
    office.send("AddNote", repeated)
    account = office.router.account()
    assert (account.delivered, account.filtered, account.dead_lettered) == (5, 2, 1)
    assert account.reasons == {Reason.CONFLICT: 1}
    assert account.slips == {
        ("town", "taxes", "dog", "assess"): [NOW, NOW],
        ("town", "order", "dog", "dangerous-dog"): [NOW],
    }
    assert office.router.account() == Account()


def test_what_falls_due_is_counted_and_until_then_pending(office: Office) -> None:
    office.submit(SMALL)
    assert (office.router.open_cases(), office.router.timers()) == (1, 1)
    office.wait(40 * DAY)
    assert office.router.outcomes["timer"] > 0


def test_duplicates_are_known_after_a_restart(office: Office) -> None:
    office.submit(SMALL)
    office.router = Router(office.book)
    office.router.restore(0, office.log)
    office.submit(SMALL)
    assert office.router.outcomes == {"duplicate": 1}


@pytest.mark.parametrize("value", [None, b"", b"\x00\x00", b"\x01" + b"\x00" * 20, b"\x00\xff\xff\xff\xff" + b"x" * 9])
def test_poison_is_a_dead_letter_with_its_bytes(office: Office, value: bytes | None) -> None:
    office.feed(Message(CASE_REQUESTS, b"k", value))
    office.submit(SMALL)
    assert office.dead[0].value == (value or b"")
    assert office.events, "the partition goes on"


def test_a_record_under_another_key_is_refused(office: Office) -> None:
    message = office.submission(SMALL).message
    office.feed(dataclasses.replace(message, key=_NOBODY.encode()), dataclasses.replace(message, key=None))
    assert [reason(dead) for dead in office.dead] == [Reason.INVALID, Reason.INVALID]


def test_an_unfilled_role_names_the_file_to_complete(tmp_path: Path) -> None:
    book = small_book(tmp_path)
    town = book.municipalities["town"]
    order = town.departments["order"].model_copy(update={"roles": ()})
    fewer = town.model_copy(update={"departments": town.departments | {"order": order}})
    office = Office(dataclasses.replace(book, municipalities={"town": fewer}))
    office.submit(SMALL)
    assert reason(office.dead[0]) == Reason.UNROUTABLE
    assert "public-order" in detail(office.dead[0])
    assert "deploy/municipalities/town.yaml" in detail(office.dead[0])


def test_without_a_matching_lead_the_submission_is_unroutable(tmp_path: Path) -> None:
    conditional = DOG.replace("task: decide,", "task: decide, when: {breed: Mops},")
    office = Office(small_book(tmp_path, conditional))
    office.submit(SMALL)
    assert reason(office.dead[0]) == Reason.UNROUTABLE
    assert "task: decide" in detail(office.dead[0])


def test_a_municipality_that_left_is_named(book: Kochbuch, office: Office) -> None:
    message = office.submission(SMALL).message
    office.router = Router(dataclasses.replace(book, municipalities={}))
    office.feed(message)
    assert reason(office.dead[0]) == Reason.UNKNOWN_MUNICIPALITY


def test_dead_letters_name_nobody(office: Office) -> None:
    office.submit(SMALL)
    office.submit({**SMALL, "holder": {"family_name": "Geheim", "given_names": "Streng"}})
    text = b"".join(value for _, value in office.dead[0].headers)
    assert b"Geheim" not in text


def test_an_event_on_the_request_topic_is_no_request(office: Office) -> None:
    case_id = office.submit(SMALL)
    kind, body = office.events[0]
    office.send(kind, {**body, "case_id": case_id})
    assert reason(office.dead[0]) == Reason.INVALID


def test_forgetting_a_partition_forgets_its_cases(office: Office) -> None:
    office.submit(SMALL)
    office.router.forget(0)
    assert office.router.open_cases() == 0
    assert office.router.tick(0, NOW * 2) == []


def test_recall_is_for_closed_cases_only(office: Office) -> None:
    message = office.submission(SMALL).message
    office.feed(message)
    assert office.router.recall(office.stored(message)) is None
    assert office.router.recall(Stored(CASE_REQUESTS, 0, 1, b"nonsense", b"", (), 0)) is None
    assert office.router.recall(Stored(CASE_REQUESTS, 7, 1, None, b"", (), 0)) is None
