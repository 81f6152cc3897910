"""Publisher: many callers share record batches, and each waits only for the acknowledgement of its own.

Idempotent and acks=all. A partition has at most one batch on its way; what arrives meanwhile becomes the next one.
So a lone message goes out at once, and under load batches grow by themselves.
"""

import asyncio
import math
import os
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from time import monotonic
from typing import Any

import structlog
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError, MessageSizeTooLargeError, UnknownTopicOrPartitionError
from aiokafka.structs import TopicPartition

from schemas.errors import Problem, Reason, Rejected, Unavailable
from schemas.message import Message, partition_for
from services.runtime.bus import Acknowledged, unheeded
from services.runtime.record_size import size_of

_log = structlog.get_logger(__name__)
_PAUSE = 0.5
"""Seconds between two attempts to connect."""


@dataclass(frozen=True, slots=True)
class PublisherLimits:
    """What bounds waiting and memory; bytes and seconds."""

    message_bytes: int = 900 << 10
    batch_bytes: int = 256 << 10
    in_flight_bytes: int = 32 << 20
    deadline: float = 5.0
    answer: float = 10.0
    """What a connection may owe. Then it counts as dead, and its batches go to whoever leads their partitions now."""
    linger: float = 0.0
    """How long a batch waits for company when nothing is on its way to its partition."""


@dataclass(slots=True)
class _Open:
    """A batch that still takes messages; everyone in it waits for ``acknowledged``."""

    builder: Any
    acknowledged: asyncio.Future[None]
    bytes: int = 0


@dataclass(slots=True)
class _Lane:
    """The order of one partition: the open batch, and whether one is on its way."""

    open: _Open | None = None
    busy: bool = False
    full: list[_Open] = field(default_factory=list)


def _end_process(error: BaseException) -> None:
    _log.critical("publisher failed", exit_code=70, reason=type(error).__name__)
    os._exit(70)


class KafkaPublisher:
    """See services.runtime.bus.Publisher. A producer that lost its sequence cannot recover: the process ends."""

    def __init__(
        self,
        client: dict[str, Any],
        limits: PublisherLimits | None = None,
        fatal: Callable[[BaseException], None] = _end_process,
        acknowledged: Acknowledged = unheeded,
    ) -> None:
        self._client = client
        self._limits = limits or PublisherLimits()
        self._fatal = fatal
        self._durable = acknowledged
        self._producer: Any = None
        self._connecting: asyncio.Task[None] | None = None
        self._lanes: dict[TopicPartition, _Lane] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._in_flight = 0
        self._heard = 0.0
        self._reported: type[KafkaError] | None = None

    async def publish(self, messages: Sequence[Message]) -> None:
        """Returns when every message is durable. See services.runtime.bus.Publisher."""
        sizes = [self._checked(message) for message in messages]
        if self._in_flight + sum(sizes) > self._limits.in_flight_bytes:
            raise Unavailable("Zu viele Vorgänge zugleich.", retry_after=1.0)
        loop = asyncio.get_running_loop()
        deadline = loop.time() + self._limits.deadline
        if self._producer is None or any(self._partitions(message.topic) is None for message in messages):
            await self._ready(messages, deadline)
        waiting = {self._append(message, size).acknowledged for message, size in zip(messages, sizes, strict=True)}
        await self._acknowledged(waiting, deadline - loop.time())

    def silence(self) -> float:
        """See services.runtime.bus.Publisher."""
        connecting = self._connecting is not None and not self._connecting.done()
        return monotonic() - self._heard if connecting or self._in_flight else 0.0

    async def stop(self) -> None:
        """Waits for what is on its way, as long as one deadline, and disconnects."""
        if self._connecting is not None and not self._connecting.done():
            self._connecting.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=self._limits.deadline)
        if self._producer is not None:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._producer.stop(), self._limits.deadline)

    # -- before

    def _checked(self, message: Message) -> int:
        size = size_of(message)
        if size > self._limits.message_bytes:
            text = f"{size} Bytes, erlaubt sind {self._limits.message_bytes}."
            text_en = f"{size} bytes, {self._limits.message_bytes} are allowed."
            raise Rejected(Reason.OVERSIZE, Problem(message.topic, text, text_en))
        return size

    async def _ready(self, messages: Sequence[Message], deadline: float) -> None:
        """Waits until the cluster and the partitions of every topic are known."""
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout_at(deadline):
                await self._connected()
                for topic in {m.topic for m in messages if self._partitions(m.topic) is None}:
                    await self._producer.partitions_for(topic)
        except TimeoutError:
            raise self._unavailable() from None
        except KafkaError as error:
            self._report(error)
            raise self._unavailable() from error
        if loop.time() >= deadline:
            raise self._unavailable()

    async def _connected(self) -> None:
        if self._connecting is None:
            self._heard = monotonic()
            self._connecting = asyncio.create_task(self._connect())
        await asyncio.shield(self._connecting)

    async def _connect(self) -> None:
        """Tries until it succeeds: what the broker refuses today, such as rights, somebody may grant meanwhile."""
        while True:
            producer = self._new_producer()
            try:
                await producer.start()
            except KafkaError as error:
                self._report(error)
                await producer.stop()
                await asyncio.sleep(_PAUSE)
            else:
                self._producer, self._reported = producer, None
                return

    def _new_producer(self) -> Any:  # noqa: ANN401 - untyped client
        producer = AIOKafkaProducer(
            **self._client,
            acks="all",
            enable_idempotence=True,
            linger_ms=0,
            max_batch_size=max(self._limits.batch_bytes, self._limits.message_bytes) + 1024,
            max_request_size=8 << 20,
            request_timeout_ms=int(self._limits.answer * 1000),
        )
        # A batch that expires without a leader breaks the sequence; aiokafka takes this time from the one above.
        producer._message_accumulator._batch_ttl = math.inf  # noqa: SLF001 - there is no other way to it
        return producer

    def _report(self, error: KafkaError) -> None:
        """A line for each new reason, not for each attempt."""
        if type(error) is not self._reported:
            self._reported = type(error)
            _log.error("publisher waits", reason=type(error).__name__)

    def _partitions(self, topic: str) -> int | None:
        found = self._producer.client.cluster.partitions_for_topic(topic)
        return len(found) if found else None

    # -- batches

    def _append(self, message: Message, size: int) -> _Open:
        """Adds to the open batch of the message's partition, which is sent as soon as its lane is free."""
        count = self._partitions(message.topic) or 1
        partition = partition_for(message.key or b"", count) if message.partition is None else message.partition
        place = TopicPartition(message.topic, partition)
        lane = self._lanes.setdefault(place, _Lane())
        if lane.open is not None and lane.open.bytes + size > self._limits.batch_bytes:
            lane.full.append(lane.open)
            lane.open = None
        if lane.open is None:
            lane.open = self._new_batch()
        batch = lane.open
        appended = batch.builder.append(
            timestamp=None, key=message.key, value=message.value, headers=list(message.headers)
        )
        if appended is None:
            raise AssertionError("a batch with room refuses a record")
        batch.bytes += size
        if not self._in_flight:
            self._heard = monotonic()
        self._in_flight += size
        if not lane.busy:
            lane.busy = True
            task = asyncio.create_task(self._run(place, lane))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        return batch

    def _new_batch(self) -> _Open:
        return _Open(self._producer.create_batch(), asyncio.get_running_loop().create_future())

    async def _run(self, place: TopicPartition, lane: _Lane) -> None:
        """Sends this lane's batches one after the other until none is left."""
        if self._limits.linger:
            await asyncio.sleep(self._limits.linger)
        while (batch := self._next(lane)) is not None:
            try:
                acknowledged = await self._producer.send_batch(batch.builder, place.topic, partition=place.partition)
                await acknowledged
            except UnknownTopicOrPartitionError:  # found out before anything was sent
                batch.acknowledged.set_exception(self._unavailable())
            except MessageSizeTooLargeError as error:
                batch.acknowledged.set_exception(Rejected(Reason.OVERSIZE, Problem(place.topic, str(error))))
                self._fatal(error)  # its sequence numbers are used up
            except Exception as error:  # noqa: BLE001 - the outcome of everything on its way is unknown
                batch.acknowledged.set_exception(self._unavailable())
                self._fatal(error)
            else:
                self._heard = monotonic()
                batch.acknowledged.set_result(None)
                self._durable(place.topic, batch.builder.record_count())
            finally:
                self._in_flight -= batch.bytes
                batch.acknowledged.exception()  # nobody may be waiting any more
        lane.busy = False

    @staticmethod
    def _next(lane: _Lane) -> _Open | None:
        if lane.full:
            return lane.full.pop(0)
        batch, lane.open = lane.open, None
        return batch

    # -- after

    async def _acknowledged(self, waiting: set[asyncio.Future[None]], seconds: float) -> None:
        if not waiting:
            return
        done, pending = await asyncio.wait(waiting, timeout=max(0.0, seconds))
        for future in done:
            future.result()
        if pending:
            raise self._unavailable()

    @staticmethod
    def _unavailable() -> Unavailable:
        text = "Der Nachrichtendienst antwortet nicht."
        return Unavailable(Problem("kafka", text, "The message broker does not answer."), retry_after=5.0)
