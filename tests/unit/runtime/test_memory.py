"""The in-memory stage behaves as the real one: order, state, restart, recall, clock."""

import pytest

from schemas.errors import Unavailable
from schemas.message import Message
from services.runtime.memory import MemoryBus
from tests.support.counting import DEAD, OUTPUT, STATE, CountingProcessor

INPUT = "input"
SECOND = 1_000_000


@pytest.fixture
def bus() -> MemoryBus:
    return MemoryBus(now=SECOND)


def run(bus: MemoryBus, processor: CountingProcessor, now: int | None = None) -> int:
    return bus.run(processor, group="group", topic=INPUT, state=STATE, now=now)


def counts(bus: MemoryBus) -> list[bytes | None]:
    return [record.header("count") for record in bus.records(OUTPUT)]


def test_what_follows_stays_on_its_source_partition(bus: MemoryBus) -> None:
    bus.write([Message(INPUT, b"key", b"step", partition=2), Message(INPUT, b"key", b"poison", partition=2)])
    assert run(bus, CountingProcessor()) == 3
    assert {record.partition for topic in (OUTPUT, STATE, DEAD) for record in bus.records(topic)} == {2}


def test_nothing_is_done_twice(bus: MemoryBus) -> None:
    processor = CountingProcessor()
    bus.write([Message(INPUT, b"key", b"step")])
    assert [run(bus, processor), run(bus, processor)] == [2, 0]


def test_another_processor_takes_over_with_the_state(bus: MemoryBus) -> None:
    for _ in range(3):
        bus.write([Message(INPUT, b"key", b"step")])
        run(bus, CountingProcessor())
    assert counts(bus) == [b"1", b"2", b"3"]


def test_what_was_put_aside_is_recalled(bus: MemoryBus) -> None:
    processor = CountingProcessor()
    for _ in range(3):
        bus.write([Message(INPUT, b"key", b"close")])
        run(bus, processor)
    assert processor.recalls == 2
    assert counts(bus) == [b"1", b"2", b"3"]


def test_the_clock_is_the_tests_own(bus: MemoryBus) -> None:
    processor = CountingProcessor()
    bus.write([Message(INPUT, b"key", b"due")])
    run(bus, processor)
    assert run(bus, processor, now=2 * SECOND) == 2
    assert [record.value for record in bus.records(OUTPUT)] == [b"due", b"timer"]
    assert bus.records(OUTPUT)[-1].timestamp == 2000


async def test_a_broker_that_is_away_is_played(bus: MemoryBus) -> None:
    bus.available = False
    with pytest.raises(Unavailable):
        await bus.publisher().publish([Message(INPUT, b"key", b"")])
    with pytest.raises(Unavailable):
        await bus.source("name").position()
