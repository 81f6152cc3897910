"""Trunk: the way of one assignment's records through the processor into transactions.

While transaction k is being committed, the records of transaction k+1 are already processed: a transaction thus
holds what arrived during the one before, which makes it small and quick when idle and large under load.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from time import monotonic, time_ns
from typing import Any

import structlog
from aiokafka.structs import TopicPartition

from schemas.message import Message, Stored, instant_in, partition_for
from services.runtime.bus import Processor
from services.runtime.log_reader import LogReader
from services.runtime.transaction.batch import Batch
from services.runtime.transaction.group import Group
from services.runtime.transaction.limiter import DeadLetterLimiter
from services.runtime.transaction.membership import Membership
from services.runtime.transaction.observer import Committed, Lag, Observer
from services.runtime.transaction.presence import require_topics
from services.runtime.transaction.producer import GenerationFenced
from services.runtime.transaction.restore import Ledger

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Limits:
    """What bounds one transaction, and what waits in memory."""

    records: int = 4000
    bytes: int = 4 << 20
    slice: int = 100
    """Records between two turns of the event loop."""
    backlog: int = 4000
    """Records of one partition that wait in memory before no more are fetched."""
    message_bytes: int = (2 << 20) - (4 << 10)
    """One record; the smallest limit of the topics that hold content."""
    state_bytes: int = (4 << 20) - (4 << 10)
    """One state record."""
    tick: float = 1.0
    linger: float = 0.004
    """How long a transaction waits for company when there is load."""
    busy: int = 8
    """Records in the transaction before from which on there is load."""


@dataclass(frozen=True, slots=True)
class Topics:
    """The topics that the stage itself has to know."""

    input: str
    state: str | None
    dead_letters: str


@dataclass(frozen=True, slots=True)
class Tools:
    """What a trunk works with; it outlives the assignment."""

    producer: Any
    processor: Processor
    recaller: LogReader
    ledger: Ledger
    limiter: DeadLetterLimiter
    observer: Observer
    limits: Limits
    topics: Topics
    progressed: Callable[[], None]


class Trunk:
    """One assignment: ``put`` records, ``close`` before the partitions are given back."""

    def __init__(self, number: int, membership: Membership, partitions: frozenset[int], tools: Tools) -> None:
        self.number = number
        self.membership = membership
        self.partitions = partitions
        self._tools = tools
        self._queue: deque[Batch] = deque()
        self._backlog = dict.fromkeys(partitions, 0)
        self._received = dict.fromkeys(partitions, 0)
        self._next_offset: dict[int, int] = {}
        self._ready: set[int] = set()
        self._wide: set[str] = set()
        """Topics that have all of our partitions; asked of aiokafka once."""
        self._wake = asyncio.Event()
        self._closing = False
        self._tick_due = False
        self._committing: asyncio.Task[None] | None = None
        self._last_size = 0
        self.fenced: GenerationFenced | None = None

    # -- what the stage calls

    def wanted(self) -> set[int]:
        """The partitions whose state is there and whose backlog has room."""
        limit = self._tools.limits.backlog
        return {p for p in self._ready if self._backlog[p] < limit and not self._closing}

    def ready(self, partition: int) -> None:
        """The partition's state is complete: its records may come."""
        self._ready.add(partition)
        self._wake.set()

    def positioned(self, positions: Mapping[int, int]) -> None:
        """Where reading begins; what a tick commits until the first record is done."""
        for partition, offset in positions.items():
            self._next_offset.setdefault(partition, offset)

    def put(self, batch: Batch) -> None:
        """Takes the next records of a partition."""
        if self._closing:
            return
        self._received[batch.partition] += 1
        if batch.number != self._received[batch.partition]:
            raise AssertionError(f"a batch of partition {batch.partition} was lost between fetch and trunk")
        self._backlog[batch.partition] += len(batch.records)
        self._queue.append(batch)
        self._wake.set()

    def tick(self) -> None:
        """Lets the processor look at its clock, between two batches."""
        self._tick_due = True
        self._wake.set()

    def close(self) -> None:
        """No more records; what is processed will still be committed, what only waits is dropped."""
        self._closing = True
        self._wake.set()

    def busy(self) -> bool:
        """Whether something waits to be finished."""
        return bool(self._queue) or (self._committing is not None and not self._committing.done())

    # -- the loop

    async def run(self) -> None:
        """Ends when closed or fenced; anything else that it raises ends the process."""
        while (group := await self._gather()) and not self.fenced:
            await self._committed()
            if not self.fenced:
                self._committing = asyncio.create_task(self._commit(group))
                self._committing.add_done_callback(lambda _: self._wake.set())
        await self._committed()
        self._closing = True

    async def _committed(self) -> None:
        if self._committing is not None:
            await self._committing
            self._committing = None

    async def _gather(self) -> Group:
        """The next group: filled at least until the commit before is over. Empty when the trunk closes."""
        group = self._new_group()
        lingered = False
        while not self._closing and not self.fenced:
            self._wake.clear()
            if self._committing is not None and self._committing.done():
                await self._committed()  # raises what the commit raised
            if self._tick_due:
                self._tick(group)
            if self._queue:
                await self._fill(group)
                if self._full(group):
                    break
            elif group and not self._commit_runs():
                if lingered or not (linger := self._linger(group)):
                    break
                lingered = True
                await asyncio.sleep(linger)
            else:
                await self._wake.wait()
        group.account = self._tools.processor.account()
        return group

    def _commit_runs(self) -> bool:
        return self._committing is not None and not self._committing.done()

    def _linger(self, group: Group) -> float:
        """Nothing when idle. Under load, fewer and larger transactions are quicker for everyone."""
        limits = self._tools.limits
        if self._last_size < limits.busy:
            return 0.0
        return limits.linger if group.records_in < limits.slice else 0.0

    def _new_group(self) -> Group:
        tools = self._tools
        limits, topics = tools.limits, tools.topics
        largest = {topics.dead_letters: limits.state_bytes}
        if topics.state is not None:
            largest[topics.state] = limits.state_bytes
        return Group(tools.producer.create_batch, limits.message_bytes, topics.state, largest)

    def _full(self, group: Group) -> bool:
        limits = self._tools.limits
        return group.records_in >= limits.records or group.bytes_out >= limits.bytes

    # -- processing

    async def _fill(self, group: Group) -> None:
        batch = self._queue.popleft()
        step = self._tools.limits.slice
        for start in range(0, len(batch.records), step):
            records = batch.records[start : start + step]
            done = start + len(records)
            last = done == len(batch.records)
            await self._recall(batch.partition, records)
            self._process(group, batch.partition, records)
            self._consumed(group, batch, batch.next_offset if last else records[-1].offset + 1, len(records))
            await asyncio.sleep(0)
            if not last and (self._closing or self._full(group)):
                rest = Batch(batch.partition, 0, batch.records[done:], batch.next_offset, batch.arrived)
                self._queue.appendleft(rest)
                return

    async def _recall(self, partition: int, records: Sequence[Stored]) -> None:
        """Loads what the processor has put aside.

        Asked again after each load: while a record is read, a commit may let the processor put more aside.
        """
        tools = self._tools
        if tools.topics.state is None:
            return
        recall = tools.processor.recall
        while wanted := {offset for record in records if (offset := recall(record)) is not None}:
            for offset in sorted(wanted):
                state = await tools.recaller.one(tools.topics.state, partition, offset)
                tools.processor.recalled(partition, state)

    def _process(self, group: Group, partition: int, records: Sequence[Stored]) -> None:
        self._add(group, partition, self._tools.processor.process(partition, records, time_ns() // 1000))

    def _add(self, group: Group, source: int, messages: Iterable[Message]) -> None:
        for message in messages:
            partition = message.partition
            if partition is None:
                partition = source if message.topic in self._wide else self._target(message, source)
            group.add(message, source, partition)

    def _consumed(self, group: Group, batch: Batch, next_offset: int, records: int) -> None:
        self._backlog[batch.partition] -= records
        self._next_offset[batch.partition] = next_offset
        group.consumed(self._tp(batch.partition), next_offset, records, batch.arrived)

    def _tick(self, group: Group) -> None:
        self._tick_due = False
        now = time_ns() // 1000
        for partition in sorted(self._ready & self._next_offset.keys()):
            messages = self._tools.processor.tick(partition, now)
            self._add(group, partition, messages)
            if messages:  # the offsets are committed again: they carry the fence
                group.consumed(self._tp(partition), self._next_offset[partition], 0)

    def _tp(self, partition: int) -> TopicPartition:
        return TopicPartition(self._tools.topics.input, partition)

    def _target(self, message: Message, source: int) -> int:
        """The source's own partition; by key where the topic has fewer."""
        known = self._tools.producer.client.cluster.partitions_for_topic(message.topic)
        if not known:
            return source
        if max(self.partitions) in known:
            self._wide.add(message.topic)
            return source
        return source if source in known else partition_for(message.key or b"", len(known))

    # -- committing

    async def _commit(self, group: Group) -> None:
        tools = self._tools
        started = monotonic()
        tools.limiter.check(group.records_in, group.messages_out[tools.topics.dead_letters])
        await require_topics(tools.producer.client, {topic for topic, _ in group.destinations})
        await tools.producer.begin_transaction()
        bases = await self._deliver(group)
        try:
            # Not beside the records: the broker refuses to verify one transaction twice at a time, for 100 ms.
            await tools.producer.send_offsets_to_transaction(group.offsets, self.membership)
        except GenerationFenced as fenced:
            await tools.producer.abort_transaction()
            tools.ledger.drop(self.partitions)
            self.fenced = fenced
            return
        await tools.producer.commit_transaction()
        self._last_size = group.records_in
        self._remember(group, bases)
        now = monotonic()
        tools.progressed()
        tools.observer.committed(
            Committed(
                group.records_in, group.messages_out, now - (group.arrived or started), now - started, group.account
            )
        )

    async def _deliver(self, group: Group) -> dict[tuple[str, int], list[int]]:
        """Sends all batches and waits for every acknowledgement; the base offsets by destination."""
        producer = self._tools.producer
        waiting = []
        for round_ in range(max((len(d.builders) for _, d in group.batches()), default=0)):
            # One batch per partition and round: the next one of a partition waits until this one is on its way.
            for (topic, partition), destination in group.batches():
                if round_ < len(destination.builders):
                    future = await producer.send_batch(destination.builders[round_], topic, partition=partition)
                    waiting.append(((topic, partition), future))
        bases: dict[tuple[str, int], list[int]] = {}
        for place, metadata in zip(
            (place for place, _ in waiting),
            await asyncio.gather(*(future for _, future in waiting)),
            strict=True,
        ):
            bases.setdefault(place, []).append(metadata.offset)
        return bases

    def _remember(self, group: Group, bases: dict[tuple[str, int], list[int]]) -> None:
        for partition, states, end in _state_offsets(group, bases, self._tools.topics.state):
            self._tools.ledger.ends_at(partition, end)
            self._tools.processor.written(partition, states)

    # -- lag

    def lag(self, stable_end: Callable[[int], int | None], now: int) -> dict[int, Lag]:
        """By partition: what is not yet committed; ``now`` in microseconds."""
        first: dict[int, Stored] = {}
        for batch in self._queue:
            first.setdefault(batch.partition, batch.records[0])
        return {p: self._lag(p, stable_end(p), first.get(p), now) for p in self.partitions}

    def _lag(self, partition: int, end: int | None, oldest: Stored | None, now: int) -> Lag:
        records = max(0, end - self._next_offset.get(partition, end)) if end is not None else 0
        if oldest is None:
            return Lag(records, 0.0)
        since = instant_in(oldest.header("received_at")) or oldest.timestamp * 1000
        return Lag(max(records, self._backlog[partition]), max(0.0, (now - since) / 1e6))


def _state_offsets(
    group: Group, bases: dict[tuple[str, int], list[int]], state_topic: str | None
) -> Iterator[tuple[int, list[tuple[bytes, int]], int]]:
    """(partition, its states with their offsets, where the topic ends with our marker behind the last record)."""
    for (topic, partition), destination in group.batches():
        if topic == state_topic and destination.states:
            base = bases[topic, partition]
            states = [(key, base[builder] + index) for _, builder, index, key in destination.states]
            yield partition, states, base[-1] + destination.builders[-1].record_count() + 1
