"""Following: a topic as it is and as it grows, for a process that keeps an image of it in memory."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from functools import partial
from typing import Any, Protocol

from aiokafka import AIOKafkaConsumer
from aiokafka.errors import KafkaError
from aiokafka.structs import TopicPartition

from schemas.errors import Problem, Unavailable
from schemas.message import Stored
from services.runtime.bus import Bus
from services.runtime.log_reader import stored

_WAIT_MS = 250
_STOP_SECONDS = 5.0


class Follow(Protocol):
    """How to follow a topic; whoever stops early closes the generator."""

    def __call__(self, topic: str, caught_up: Callable[[], None]) -> AsyncGenerator[Stored, None]:
        """Every committed record from the beginning, and then each new one, without end.

        Calls ``caught_up`` once, after the last record that stood there when following began. Raises Unavailable when
        the broker cannot be reached or does not have the topic: begin again, from the beginning.
        """
        ...


def follow_kafka(client: dict[str, Any]) -> Follow:
    """Follows on the cluster that ``Connection.client()`` describes."""
    return partial(_follow, client)


def follow_once(bus: Bus) -> Follow:
    """What stands there now, and then nothing more: enough where one process is the only writer, as in a test."""

    async def follow(topic: str, caught_up: Callable[[], None]) -> AsyncGenerator[Stored, None]:
        async for record in bus.read(topic):
            yield record
        caught_up()
        await asyncio.Event().wait()

    return follow


async def _follow(client: dict[str, Any], topic: str, caught_up: Callable[[], None]) -> AsyncGenerator[Stored, None]:
    consumer = AIOKafkaConsumer(
        topic,
        **client,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        isolation_level="read_committed",
        # Rather a little later than one round trip for every record that somebody writes.
        fetch_min_bytes=1 << 16,
        fetch_max_wait_ms=_WAIT_MS,
    )
    try:
        await consumer.start()
        async with aclosing(_records(consumer, topic, caught_up)) as records:
            async for record in records:
                yield record
    except KafkaError as error:
        raise _unavailable(topic) from error
    finally:
        # aiokafka lets the cancellation of its own task escape from stop(); it must not be taken for ours.
        await asyncio.wait({asyncio.ensure_future(consumer.stop())}, timeout=_STOP_SECONDS)


async def _records(consumer: Any, topic: str, caught_up: Callable[[], None]) -> AsyncGenerator[Stored, None]:  # noqa: ANN401 - untyped client
    places = consumer.assignment()
    if not places:
        raise _unavailable(topic)
    behind: dict[TopicPartition, int] = await consumer.end_offsets(places)
    while True:
        for place in [place for place, end in behind.items() if await consumer.position(place) >= end]:
            del behind[place]
            if not behind:
                caught_up()
        found = await consumer.getmany(timeout_ms=_WAIT_MS if not behind else 10, max_records=2000)
        for record in (record for records in found.values() for record in records):
            yield stored(record)


def _unavailable(topic: str) -> Unavailable:
    return Unavailable(
        Problem(topic, "Das Topic ist gerade nicht lesbar.", "the topic cannot be read at the moment"), retry_after=1.0
    )
