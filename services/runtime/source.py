"""Source: the exactly-once writing end of a pull connector.

The position travels in the same transaction as the records it stands for, to a compacted topic keyed by the
source's name. The transactional id fences: whoever opens a source ends every earlier writer of that name.
"""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaConnectionError, KafkaError, ProducerFenced
from aiokafka.producer.message_accumulator import BatchBuilder
from aiokafka.structs import TopicPartition

from schemas.errors import Problem, Reason, Rejected, Unavailable
from schemas.message import Message, partition_for
from services.runtime.bus import Fenced
from services.runtime.log_reader import LogReader
from services.runtime.record_size import size_of
from services.runtime.transaction.producer import transactional_producer

POSITIONS = "source-positions"
MAX_MESSAGE_BYTES = 900 << 10
TRANSACTION_TIMEOUT = 30.0


class KafkaSource:
    """See services.runtime.bus.Source."""

    def __init__(self, client: dict[str, Any], name: str) -> None:
        self._client = client
        self._name = name
        self._producer: Any = None
        self._closing: set[asyncio.Task[None]] = set()

    async def position(self) -> bytes | None:
        """Opens, and with that fences, then reads what was committed last. See services.runtime.bus.Source."""
        await self.stop()
        self._producer = transactional_producer(
            self._client, f"source-{self._name}", int(TRANSACTION_TIMEOUT * 1000), max_batch_size=1 << 20
        )
        try:
            async with asyncio.timeout(TRANSACTION_TIMEOUT):
                await self._producer.start()
                return await self._last_position()
        except (KafkaConnectionError, TimeoutError) as error:
            await self.stop()
            raise _unavailable() from error

    async def commit(self, messages: Sequence[Message], position: bytes) -> None:
        """Writes both or neither. See services.runtime.bus.Source."""
        if self._producer is None:
            raise RuntimeError("a source is opened by asking its position")
        for message in messages:
            if (size := size_of(message)) > MAX_MESSAGE_BYTES:
                text = f"{size} Bytes, erlaubt sind {MAX_MESSAGE_BYTES}."
                text_en = f"{size} bytes, {MAX_MESSAGE_BYTES} are allowed."
                raise Rejected(Reason.OVERSIZE, Problem(message.topic, text, text_en))
        record = Message(POSITIONS, self._name.encode(), position)
        work = asyncio.ensure_future(self._transaction([*messages, record]))
        done, _ = await asyncio.wait([work], timeout=TRANSACTION_TIMEOUT)
        if not done:
            work.cancel()
            self._abandon()
            raise _unavailable()
        try:
            work.result()
        except ProducerFenced as error:
            raise Fenced(self._name) from error
        except KafkaError as error:
            self._abandon()
            raise _unavailable() from error

    async def stop(self) -> None:
        """Disconnects; an open transaction is ended by whoever opens the source next."""
        self._abandon()
        if self._closing:
            await asyncio.wait(self._closing)

    def _abandon(self) -> None:
        """Nothing is written any more before the position has been asked again: the outcome is unknown."""
        producer, self._producer = self._producer, None
        if producer is not None:
            closing = asyncio.create_task(_close(producer))
            self._closing.add(closing)
            closing.add_done_callback(self._closing.discard)

    async def _transaction(self, messages: Sequence[Message]) -> None:
        producer = self._producer
        batches = await self._batches(messages)
        await producer.begin_transaction()
        for round_ in range(max(len(builders) for builders in batches.values())):
            sent = [
                await producer.send_batch(builders[round_], place.topic, partition=place.partition)
                for place, builders in batches.items()
                if round_ < len(builders)
            ]
            await asyncio.gather(*sent)
        await producer.commit_transaction()

    async def _batches(self, messages: Sequence[Message]) -> dict[TopicPartition, list[BatchBuilder]]:
        counts = {t: len(await self._producer.partitions_for(t)) for t in {m.topic for m in messages}}
        batches: dict[TopicPartition, list[BatchBuilder]] = {}
        for message in messages:
            partition = message.partition
            if partition is None:
                partition = partition_for(message.key or b"", counts[message.topic])
            builders = batches.setdefault(TopicPartition(message.topic, partition), [])
            if not builders or not _append(builders[-1], message):
                builders.append(self._producer.create_batch())
                _append(builders[-1], message)
        return batches

    async def _last_position(self) -> bytes | None:
        key = self._name.encode()
        async with LogReader(self._client) as reader:
            partition = partition_for(key, max(1, len(await reader.partitions(POSITIONS))))
            ends = await reader.high_watermarks(POSITIONS, [partition])
            position: bytes | None = None
            async for _, records, _ in reader.read(POSITIONS, ends):
                for record in records:
                    if record.key == key:
                        position = record.value
            return position


def _append(builder: BatchBuilder, message: Message) -> bool:
    appended = builder.append(timestamp=None, key=message.key, value=message.value, headers=list(message.headers))
    return appended is not None


async def _close(producer: AIOKafkaProducer) -> None:
    with suppress(TimeoutError, KafkaError):
        await asyncio.wait_for(producer.stop(), 5.0)


def _unavailable() -> Unavailable:
    text = "Der Nachrichtendienst antwortet nicht."
    return Unavailable(Problem("kafka", text, "The message broker does not answer."), retry_after=5.0)
