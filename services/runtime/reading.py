"""Reading: committed records of many topics over one connection, up to where they end now, with progress.

A municipality has some twenty departments, each with a topic of its own: one connection a topic would cost seconds.
"""

from collections.abc import AsyncGenerator, Callable, Iterable, Mapping
from dataclasses import dataclass
from time import monotonic
from typing import Any

from aiokafka import AIOKafkaConsumer
from aiokafka.structs import TopicPartition

from schemas.errors import Problem, Unavailable
from schemas.message import Stored
from services.runtime.admin import Admin
from services.runtime.log_reader import stored

_POLL_MS = 50
_PATIENCE_S = 30.0
_CHUNK = 2000

Progress = Callable[[int, int], None]
"""Called with how many offsets have been passed, and of how many."""


@dataclass(frozen=True, slots=True)
class Span:
    """What there is to read of one partition: from the first offset to before the last."""

    start: int
    end: int


Spans = Mapping[tuple[str, int], Span]


def spans(admin: Admin, topics: Iterable[str], only: Callable[[str, int], bool] = lambda _t, _p: True) -> Spans:
    """The filled part of each partition, open transactions included; empty partitions are left out."""
    counts = admin.partitions(topics)
    wanted = [(topic, number) for topic, count in counts.items() for number in range(count) if only(topic, number)]
    starts, ends = admin.starts(wanted), admin.ends(wanted, committed=False)
    return {place: Span(starts[place], ends[place]) for place in wanted if starts[place] < ends[place]}


async def read_spans(
    client: Mapping[str, Any], wanted: Spans, progress: Progress = lambda _d, _t: None
) -> AsyncGenerator[Stored, None]:
    """Every committed record in the spans, per partition in order; waits for transactions that are still open."""
    if not wanted:
        return
    consumer = AIOKafkaConsumer(
        **client, enable_auto_commit=False, auto_offset_reset="earliest", isolation_level="read_committed"
    )
    pending = {TopicPartition(*place): span for place, span in wanted.items()}
    await consumer.start()
    try:
        consumer.assign(list(pending))
        for place, span in pending.items():
            consumer.seek(place, span.start)
        async for record in _records(consumer, pending, progress):
            yield record
    finally:
        await consumer.stop()


async def _records(
    consumer: AIOKafkaConsumer, pending: dict[TopicPartition, Span], progress: Progress
) -> AsyncGenerator[Stored, None]:
    total = sum(span.end - span.start for span in pending.values())
    left, moved = total, monotonic()
    while pending:
        found = await consumer.getmany(*pending, timeout_ms=_POLL_MS, max_records=_CHUNK)
        for place, records in found.items():
            for record in records:
                if record.offset < pending[place].end:
                    yield stored(record)
        remaining = 0
        for place, span in list(pending.items()):
            position = await consumer.position(place)
            remaining += max(0, span.end - position)
            if position >= span.end:
                del pending[place]
        if remaining < left:
            left, moved = remaining, monotonic()
            progress(total - left, total)
        elif monotonic() - moved > _PATIENCE_S:
            raise _hidden(next(iter(pending)).topic)


def _hidden(topic: str) -> Unavailable:
    return Unavailable(
        Problem(
            topic,
            "Eine offene Transaktion verdeckt das Ende. Sie endet von selbst, spätestens nach einer Minute.",
            "An open transaction hides the end. It ends by itself, after a minute at the latest.",
        )
    )


async def follow(client: Mapping[str, Any], counts: Mapping[str, int]) -> AsyncGenerator[Stored, None]:
    """Committed records of topics with so many partitions, from the beginning and then on, until closed."""
    consumer = AIOKafkaConsumer(
        **client, enable_auto_commit=False, auto_offset_reset="earliest", isolation_level="read_committed"
    )
    await consumer.start()
    try:
        places = [TopicPartition(topic, number) for topic, count in counts.items() for number in range(count)]
        consumer.assign(places)
        await consumer.seek_to_beginning(*places)
        while True:
            for records in (await consumer.getmany(timeout_ms=_POLL_MS)).values():
                for record in records:
                    yield stored(record)
    finally:
        await consumer.stop()
