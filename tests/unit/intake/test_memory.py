from dataclasses import replace

import pytest

from schemas.message import Stored
from services.intake.memory import DAY, Known, Memory, Proof, key_record, known_from

KNOWN = Known(b"d" * 16, "portal", "DN-1", 5)
ID = b"12345678-1234-5678-9234-567812345678"


def stored(case_id: bytes = ID, known: Known = KNOWN) -> Stored:
    record = key_record(case_id, known)
    return Stored(record.topic, 0, 0, record.key, record.value, record.headers, 0)


def test_the_record_says_all_that_is_known() -> None:
    assert known_from(stored()) == KNOWN


@pytest.mark.parametrize(
    "broken",
    [
        {"value": None},
        {"value": b"short"},
        {"headers": []},
        {"headers": [("source", b"\xff"), ("reference", b"DN-1"), ("received_at", b"5")]},
        {"headers": [("source", b"portal"), ("reference", b"DN-1"), ("received_at", b"yesterday")]},
        {"key": None},
    ],
)
def test_what_is_no_key_record_is_passed_over(broken: dict[str, object]) -> None:
    memory = Memory(10)
    memory.restore(replace(stored(), **broken), now=6)  # type: ignore[arg-type]  # parametrized
    assert len(memory) == 0


def test_the_echo_of_the_topic_does_not_overwrite_an_acknowledgement() -> None:
    memory = Memory(10)
    memory.remember(ID, replace(KNOWN, proof=Proof.ACKNOWLEDGED), now=6)
    memory.restore(stored(), now=7)
    found = memory.recall(ID)
    assert found is not None
    assert found.proof is Proof.ACKNOWLEDGED


def test_the_echo_settles_an_attempt() -> None:
    memory = Memory(10)
    memory.remember(ID, replace(KNOWN, proof=Proof.ATTEMPTED), now=6)
    memory.restore(stored(), now=7)
    assert memory.recall(ID) == KNOWN


def test_keys_are_known_for_a_day_at_least_and_two_at_most() -> None:
    forgotten: list[int] = []
    memory = Memory(10, forgotten.append)
    memory.remember(b"a", KNOWN, now=DAY)
    memory.remember(b"b", KNOWN, now=2 * DAY - 1)
    assert memory.recall(b"a")
    memory.remember(b"c", KNOWN, now=2 * DAY)
    assert memory.recall(b"b")
    memory.remember(b"d", KNOWN, now=3 * DAY)
    assert memory.recall(b"a") is None
    assert memory.recall(b"b") is None
    assert not forgotten


def test_records_older_than_a_day_are_not_restored() -> None:
    memory = Memory(10)
    memory.restore(stored(), now=KNOWN.accepted_at + DAY)
    assert memory.recall(ID) is None


def test_the_number_of_keys_is_bounded_and_the_oldest_go_first() -> None:
    forgotten: list[int] = []
    memory = Memory(10, forgotten.append)
    for number in range(1000):
        memory.remember(b"%d" % number, KNOWN, now=DAY + number)
        assert len(memory) <= 10
    assert all(memory.recall(b"%d" % number) for number in range(995, 1000))
    assert sum(forgotten) == 990
