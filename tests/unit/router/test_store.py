from collections import Counter
from dataclasses import replace
from itertools import chain
from uuid import UUID

import pytest

from schemas.message import Stored
from services.router.processor import PER_TICK
from services.router.store import _SPARE, CaseCodec, Store, head_of, key_of, text_of
from tests.support.casework import DAY, Office
from tests.support.procedure import DRY


@pytest.fixture
def record(desk: Office) -> Stored:
    desk.submit(DRY)
    return desk.log[-1]


def value_of(record: Stored) -> bytes:
    assert record.value is not None
    return record.value


def test_the_head_of_a_record_says_when_it_is_due(desk: Office, record: Stored) -> None:
    case = CaseCodec(desk.book.codec).decode((record.key or b"").decode(), value_of(record))
    head = head_of(value_of(record))
    assert (head.due, head.version, head.closed) == (min(t["at"] for t in case["timers"]), 1, False)


def test_a_case_survives_being_written_and_read(desk: Office, record: Stored) -> None:
    codec, case_id = CaseCodec(desk.book.codec), (record.key or b"").decode()
    assert codec.encode(codec.decode(case_id, value_of(record))) == record.value


def test_a_tombstone_in_the_log_forgets(record: Stored) -> None:
    store = Store()
    store.restore([record, replace(record, value=None)])
    assert len(store) == 0
    assert store.due(2**62, 10) == []


def test_what_is_due_comes_once_and_in_order(record: Stored) -> None:
    store, key = Store(), key_of(record.key or b"")
    store.restore([record, record, record])
    due = head_of(value_of(record)).due
    assert store.due(due - 1, 10) == []
    assert store.due(due, 10) == [key]
    assert store.due(due, 10) == []


def test_a_timetable_full_of_done_things_is_written_anew(record: Stored) -> None:
    store, key = Store(), key_of(record.key or b"")
    value = value_of(record)
    for n in range(2 * _SPARE):
        store.put(key, value[:5] + (n * DAY).to_bytes(8, "big") + value[13:])
    assert store.timetable <= _SPARE + 2
    assert store.due(2**62, 10) == [key]


@pytest.mark.parametrize("cases", [20_000, pytest.param(1_000_000, marks=pytest.mark.slow)])
def test_a_tick_looks_at_no_case_that_is_not_due_and_a_restart_finds_each_due_one_once(
    record: Stored, cases: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    value, step, late = value_of(record), cases // 100, 7
    values = [value[:5] + (n * DAY).to_bytes(8, "big") + value[13:] for n in range(1, 101)]
    log = (replace(record, key=str(UUID(int=n)).encode(), value=values[n // step], offset=n) for n in range(cases))
    store, looked_at = Store(), Counter[bytes]()
    store.restore(log)
    due_of = store._due_of

    def counted(_: Store, key: bytes) -> int:
        looked_at[key] += 1
        return due_of(key)

    monkeypatch.setattr(Store, "_due_of", counted)
    for _ in range(1_000):
        assert store.due(DAY - 1, PER_TICK) == []
    assert not looked_at
    found = list(chain.from_iterable(iter(lambda: store.due(late * DAY, PER_TICK), [])))
    assert len(found) == len(set(found)) == late * step
    assert set(looked_at) == set(found)
    assert store.timetable == cases - len(found)


@pytest.mark.parametrize("text", ["", "x", "0" * 36, "0000000-00000-0000-0000-000000000000x", "é" * 36])
def test_what_is_no_uuid_is_no_case(text: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        key_of(text.encode())


def test_a_key_reads_as_its_case_id(record: Stored) -> None:
    assert text_of(key_of(record.key or b"")) == (record.key or b"").decode()
