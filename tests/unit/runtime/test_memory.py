"""What the twin offers beyond the contract: a clock of the test's own, and a broker that is away."""

import pytest

from schemas.errors import Unavailable
from schemas.message import Message
from services.runtime.memory import MemoryBus
from tests.support.counting import OUTPUT, STATE, CountingProcessor

INPUT = "input"
SECOND = 1_000_000


@pytest.fixture
def bus() -> MemoryBus:
    return MemoryBus(now=SECOND)


def run(bus: MemoryBus, processor: CountingProcessor, now: int | None = None) -> int:
    return bus.run(processor, group="group", topic=INPUT, state=STATE, now=now)


def test_the_number_of_messages_tells_when_nothing_is_left(bus: MemoryBus) -> None:
    processor = CountingProcessor()
    bus.write([Message(INPUT, b"key", b"step")])
    assert [run(bus, processor), run(bus, processor)] == [2, 0]


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
