"""Log reader: reads partitions with read_committed up to the high watermark, not only to the last stable offset.

A transaction whose outcome is decided may still lack its marker on one partition; a reader that stops at the last
stable offset would miss it without noticing. This one waits for the marker.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Sequence
from contextlib import aclosing
from time import monotonic
from types import TracebackType
from typing import Any, Self

from aiokafka import AIOKafkaConsumer
from aiokafka.structs import ConsumerRecord, TopicPartition

from schemas.errors import Unavailable
from schemas.message import Stored

POLL_MS = 10
"""How long one look waits: aiokafka does not report that it passed a marker, so the position is looked at again."""


def stored(record: ConsumerRecord) -> Stored:
    """The client's record as ours."""
    return Stored(
        record.topic, record.partition, record.offset, record.key, record.value, record.headers, record.timestamp
    )


class LogReader:
    """Two clients without a group: one sees how far the log goes, the other reads what is committed."""

    def __init__(self, client: dict[str, Any], patience: float = 30.0) -> None:
        self._arguments = client
        self._patience = patience
        self._heads: Any = None
        self._records: Any = None

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def start(self) -> None:
        """Connects both clients."""
        common = {**self._arguments, "enable_auto_commit": False, "auto_offset_reset": "earliest"}
        self._heads = AIOKafkaConsumer(**common, isolation_level="read_uncommitted")
        self._records = AIOKafkaConsumer(
            **common,
            isolation_level="read_committed",
            fetch_max_wait_ms=100,
            max_partition_fetch_bytes=4 << 20,
        )
        try:
            await self._heads.start()
            await self._records.start()
        except BaseException:
            await self.stop()
            raise

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    async def stop(self) -> None:
        """Closes both connections; harmless when they never opened."""
        for consumer in (self._records, self._heads):
            if consumer is not None:
                await _stop(consumer)

    async def partitions(self, topic: str) -> list[int]:
        """The topic's partitions; empty when it does not exist."""
        await self._heads._client.add_topic(topic)  # noqa: SLF001 - the public call answers from a cache
        return sorted(self._heads.partitions_for_topic(topic) or ())

    async def high_watermarks(self, topic: str, partitions: Iterable[int]) -> dict[int, int]:
        """The ends of the log, open transactions included."""
        ends = await self._heads.end_offsets([TopicPartition(topic, p) for p in partitions])
        return {tp.partition: end for tp, end in ends.items()}

    async def read(
        self, topic: str, ends: dict[int, int], starts: dict[int, int] | None = None
    ) -> AsyncGenerator[tuple[int, Sequence[Stored], bool], None]:
        """Yields (partition, records, complete) until every partition has been read to its end.

        Raises Unavailable when an open transaction hides the rest for longer than ``patience`` seconds.
        """
        pending = {TopicPartition(topic, p): end for p, end in ends.items()}
        self._records.assign(list(pending))
        for tp in pending:
            self._records.seek(tp, (starts or {}).get(tp.partition, 0))
        try:
            async for chunk in self._until(pending):
                yield chunk
        finally:
            # Not unsubscribe: it lets aiokafka's fetcher run into a subscription that is None, and die.
            self._records.pause(*self._records.assignment())

    async def _until(self, pending: dict[TopicPartition, int]) -> AsyncIterator[tuple[int, Sequence[Stored], bool]]:
        moved = monotonic()
        while pending:
            found = await self._records.getmany(*pending, timeout_ms=POLL_MS, max_records=2000)
            for tp in list(pending):
                complete = await self._records.position(tp) >= pending[tp]
                records = [stored(record) for record in found.get(tp, ()) if record.offset < pending[tp]]
                if complete:
                    del pending[tp]
                if records or complete:
                    moved = monotonic()
                    yield tp.partition, records, complete
            if monotonic() - moved > self._patience:
                raise Unavailable(
                    f"{next(iter(pending)).topic}: an open transaction hides the end of the log", retry_after=1.0
                )

    async def one(self, topic: str, partition: int, offset: int) -> Stored:
        """The committed record at ``offset``."""
        async with aclosing(self.read(topic, {partition: offset + 1}, {partition: offset})) as chunks:
            async for _, records, _ in chunks:
                for record in records:
                    if record.offset == offset:
                        return record
        raise LookupError(f"{topic}-{partition} holds no committed record at offset {offset}")


async def _stop(consumer: AIOKafkaConsumer) -> None:
    """Stops a client; one cancellation is not enough when it comes just after ``unsubscribe``.

    aiokafka's fetcher, busy with the end of its assignment, swallows it and waits for another assignment for ever.
    """
    stopping = asyncio.ensure_future(consumer.stop())
    while not (await asyncio.wait({stopping}, timeout=0.1))[0]:
        consumer._fetcher._fetch_task.cancel()  # noqa: SLF001 - see above
    stopping.result()


async def committed_records(client: dict[str, Any], topic: str) -> AsyncIterator[Stored]:
    """Every committed record of a topic as it stands when reading begins."""
    async with LogReader(client) as reader:
        ends = await reader.high_watermarks(topic, await reader.partitions(topic))
        async for _, records, _ in reader.read(topic, ends):
            for record in records:
                yield record
            await asyncio.sleep(0)
