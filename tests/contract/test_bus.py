"""One contract, two buses: what holds in memory holds on Kafka."""

import asyncio
import uuid
from collections.abc import AsyncIterator
from contextlib import suppress

import pytest
from kafka.errors import TopicAlreadyExistsError

from schemas.errors import Reason, Rejected
from schemas.message import Message, Stored, partition_for
from services.runtime.bus import Bus, Fenced
from services.runtime.kafka import Connection, KafkaBus
from services.runtime.memory import MemoryBus
from services.runtime.source import POSITIONS
from tests.support.kafka import create_topic

PARTITIONS = 4
KEYS = [b"case-%d" % number for number in range(20)]


@pytest.fixture(params=["memory", pytest.param("kafka", marks=pytest.mark.kafka)])
async def bus(request: pytest.FixtureRequest) -> AsyncIterator[Bus]:
    if request.param == "memory":
        yield MemoryBus(PARTITIONS)
        return
    bootstrap: str = request.getfixturevalue("kafka")
    async with KafkaBus(Connection(bootstrap)) as found:
        yield found


@pytest.fixture
def topic(request: pytest.FixtureRequest, bus: Bus) -> str:
    if isinstance(bus, MemoryBus):
        return "topic"
    name: str = request.getfixturevalue("make_topic")("bus", partitions=PARTITIONS)
    return name


@pytest.fixture
def name(request: pytest.FixtureRequest, bus: Bus) -> str:
    """The name of a source that nobody has opened before."""
    if not isinstance(bus, MemoryBus):
        ensure_positions(request.getfixturevalue("kafka"))
    return f"source-{uuid.uuid4().hex[:8]}"


def ensure_positions(bootstrap: str) -> None:
    with suppress(TopicAlreadyExistsError):
        create_topic(bootstrap, POSITIONS, partitions=1, config={"cleanup.policy": "compact"})


async def all_of(bus: Bus, topic: str) -> list[Stored]:
    return [record async for record in bus.read(topic)]


def values(records: list[Stored]) -> list[bytes | None]:
    return [record.value for record in records]


async def test_what_is_published_can_be_read(bus: Bus, topic: str) -> None:
    headers = [("ce_id", b"1"), ("ce_id", b"2"), ("empty", b"")]
    await bus.publisher().publish([Message(topic, b"key", b"value", headers)])
    (record,) = await all_of(bus, topic)
    assert (record.topic, record.key, record.value, record.offset) == (topic, b"key", b"value", 0)
    assert list(record.headers) == headers
    assert record.header("ce_id") == b"2"


async def test_a_record_goes_where_the_partitioner_says(bus: Bus, topic: str) -> None:
    await bus.publisher().publish([Message(topic, key, b"") for key in KEYS])
    for record in await all_of(bus, topic):
        assert record.partition == partition_for(record.key or b"", PARTITIONS)


async def test_a_named_partition_wins(bus: Bus, topic: str) -> None:
    await bus.publisher().publish([Message(topic, b"key", b"%d" % p, partition=p) for p in range(PARTITIONS)])
    assert {(r.partition, r.value) for r in await all_of(bus, topic)} == {(p, b"%d" % p) for p in range(PARTITIONS)}


async def test_one_caller_keeps_its_order(bus: Bus, topic: str) -> None:
    publisher = bus.publisher()
    for step in range(10):
        await publisher.publish([Message(topic, b"key", b"%d" % step)])
    assert values(await all_of(bus, topic)) == [b"%d" % step for step in range(10)]


async def test_many_callers_share_batches_and_none_is_lost(bus: Bus, topic: str) -> None:
    publisher = bus.publisher()
    messages = [Message(topic, KEYS[n % len(KEYS)], b"%d" % n) for n in range(500)]
    await asyncio.gather(*(publisher.publish([message]) for message in messages))
    assert sorted(values(await all_of(bus, topic)), key=repr) == sorted((m.value for m in messages), key=repr)


async def test_a_key_and_a_value_may_be_missing(bus: Bus, topic: str) -> None:
    await bus.publisher().publish([Message(topic, None, b"no key"), Message(topic, b"no value", None)])
    assert {(r.key, r.value) for r in await all_of(bus, topic)} == {(None, b"no key"), (b"no value", None)}


async def test_what_no_batch_can_hold_is_rejected_before_anything_is_written(bus: Bus, topic: str) -> None:
    messages = [Message(topic, b"small", b"1"), Message(topic, b"large", bytes(5 << 20))]
    with pytest.raises(Rejected) as caught:
        await bus.publisher().publish(messages)
    assert caught.value.reason is Reason.OVERSIZE
    assert await all_of(bus, topic) == []


async def test_a_large_record_travels_whole(bus: Bus, topic: str) -> None:
    await bus.publisher().publish([Message(topic, b"large", bytes(800 << 10)), Message(topic, b"large", b"next")])
    assert [len(value or b"") for value in values(await all_of(bus, topic))] == [800 << 10, 4]


async def test_a_topic_that_does_not_exist_is_empty(bus: Bus) -> None:
    assert await all_of(bus, f"nowhere-{uuid.uuid4().hex[:8]}") == []


async def test_a_new_source_has_no_position(bus: Bus, name: str) -> None:
    assert await bus.source(name).position() is None


async def test_records_and_position_appear_together(bus: Bus, topic: str, name: str) -> None:
    source = bus.source(name)
    await source.position()
    await source.commit([Message(topic, key, key) for key in KEYS], b"row 20")
    await source.commit([Message(topic, b"last", b"last")], b"row 21")
    assert len(await all_of(bus, topic)) == len(KEYS) + 1
    assert await bus.source(name).position() == b"row 21"


async def test_sources_do_not_share_positions(bus: Bus, name: str) -> None:
    source = bus.source(name)
    await source.position()
    await source.commit([], b"mine")
    assert await bus.source(f"{name}-other").position() is None


async def test_an_earlier_writer_of_the_same_name_is_fenced(bus: Bus, topic: str, name: str) -> None:
    zombie, successor = bus.source(name), bus.source(name)
    await zombie.position()
    await zombie.commit([Message(topic, b"key", b"1")], b"1")
    assert await successor.position() == b"1"
    with pytest.raises(Fenced):
        await zombie.commit([Message(topic, b"key", b"zombie")], b"2")
    await successor.commit([Message(topic, b"key", b"2")], b"2")
    assert values(await all_of(bus, topic)) == [b"1", b"2"]


async def test_an_oversized_record_leaves_the_source_usable(bus: Bus, topic: str, name: str) -> None:
    source = bus.source(name)
    await source.position()
    with pytest.raises(Rejected):
        await source.commit([Message(topic, b"large", bytes(5 << 20))], b"1")
    await source.commit([Message(topic, b"small", b"small")], b"2")
    assert values(await all_of(bus, topic)) == [b"small"]


async def test_a_source_is_opened_by_asking_its_position(bus: Bus, topic: str, name: str) -> None:
    with pytest.raises(RuntimeError, match="position"):
        await bus.source(name).commit([Message(topic, b"key", b"1")], b"1")
