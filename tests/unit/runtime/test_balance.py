from collections.abc import Iterable
from uuid import UUID

from schemas.codec import Codec
from schemas.command import Command, prepare
from schemas.events import event_schema
from schemas.message import Stored
from services.runtime.balance import Balance, Ledger

CASE = UUID(int=1)
TAXES, ORDER = "department.town.taxes", "department.town.order"


def request(offset: int, case: str, partition: int = 0) -> Stored:
    return Stored("case-requests", partition, offset, case.encode(), b"", [("ce_type", b"CaseSubmitted")], 0)


def command(offset: int, command_id: str) -> Stored:
    claim = Command(
        "AddNote", CASE, "sb-12345678", 0, "test", expected_version=1, fields={"text": ["x"]}, command_id=command_id
    )
    message = prepare(claim).message
    return Stored("case-requests", 0, offset, message.key, message.value, message.headers, 0)


def refusal(command_id: str) -> Stored:
    schema = event_schema("CommandRefused")
    fields = {
        "event_id": "e", "case_id": str(CASE), "version": 1, "at": 0, "audience": "internal", "cause": command_id,
        "actor": "", "acted_for": [], "command": "AddNote", "command_id": command_id, "reason": "stale",
        "changed": [],
    }  # fmt: skip
    value = Codec((schema,)).encoder(schema)(fields)
    return Stored("case-events", 0, 0, str(CASE).encode(), value, [], 0)


def slip(case: str, event: str, topic: str = TAXES) -> Stored:
    return Stored(topic, 0, 0, case.encode(), b"", [("ce_id", event.encode())], 0)


def dead(offset: int, partition: int = 0) -> Stored:
    place = [("dl_topic", b"case-requests"), ("dl_partition", b"%d" % partition), ("dl_offset", b"%d" % offset)]
    return Stored("dead-letters", 0, 0, b"", b"", place, 0)


def account(
    requests: Iterable[Stored],
    departments: Iterable[Stored] = (),
    letters: Iterable[Stored] = (),
    events: Iterable[Stored] = (),
    processed: int = 100,
) -> Balance:
    ledger = Ledger({0: processed})
    takers = (
        (departments, ledger.delivered), (letters, ledger.died), (events, ledger.happened), (requests, ledger.asked)
    )  # fmt: skip
    for records, take in takers:
        for record in records:
            take(record)
    return ledger.close()


def test_every_request_has_exactly_one_fate() -> None:
    requests = [
        request(0, "a"),
        request(1, "a"),
        request(2, "b"),
        command(3, "note-1"),
        request(4, "c"),
    ]
    slips = [slip("a", "a-1"), slip("a", "a-1", ORDER)]
    found = account(requests, slips, [dead(2)], [refusal("note-1")], processed=4)
    assert found == Balance(accepted=5, delivered=1, applied=1, filtered=1, dead_lettered=1, in_flight=1)
    assert found.is_even


def test_a_loss_is_noticed_and_named() -> None:
    requests = [request(0, "a"), request(1, "b")]
    found = account(requests, [slip("a", "a-1")])
    assert found.lost == ((0, 1),)
    assert not found.is_even


def test_a_command_that_nothing_followed_from_is_lost_and_a_repeated_one_is_not() -> None:
    commands = [command(0, "note-1"), command(1, "note-2"), command(2, "note-1")]
    found = account(commands, events=[refusal("note-1")])
    assert (found.applied, found.lost) == (2, ((0, 1),))
    assert account(commands, letters=[dead(1)], events=[refusal("note-1")]).is_even


def test_an_effect_that_stands_twice_is_noticed() -> None:
    found = account([request(0, "a")], [slip("a", "a-1"), slip("a", "a-1")])
    assert found.doubled == (f"{TAXES} a-1",)
    assert not found.is_even


def test_a_case_that_nobody_submitted_is_noticed() -> None:
    found = account([request(0, "a")], [slip("a", "a-1"), slip("z", "z-1")])
    assert found.unexplained == ("z",)
    assert not found.is_even


def test_cases_whose_requests_are_past_their_retention_need_no_explanation() -> None:
    assert account([request(7, "a")], [slip("a", "a-1"), slip("older", "o-1")]).is_even


def test_a_replayed_dead_letter_counts_as_the_new_request_that_it_is() -> None:
    found = account([request(0, "a"), request(1, "a")], [slip("a", "a-1")], [dead(0)])
    assert (found.dead_lettered, found.delivered, found.filtered) == (1, 1, 0)
    assert found.is_even


def test_poison_that_is_neither_dead_nor_in_flight_is_lost() -> None:
    nameless = Stored("case-requests", 0, 0, b"a", b"\x01", [], 0)
    assert account([nameless]).lost == ((0, 0),)
    assert account([nameless], letters=[dead(0)]).is_even


def test_rows_of_files_never_were_requests() -> None:
    row = Stored("dead-letters", 0, 0, b"f:1", b"", [("dl_file", b"f"), ("dl_line", b"1")], 0)
    assert account([], letters=[row]) == Balance(0, 0, 0, 0, 0, 0)


def test_the_document_counts_all_findings_and_shows_some() -> None:
    document = account([request(offset, f"c{offset}") for offset in range(50)]).to_json()
    assert document["lost"]["count"] == 50
    assert len(document["lost"]["first"]) == 20
    assert document["even"] is False
