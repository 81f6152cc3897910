"""Trunk: the way of one assignment's records through the processor into transactions.

While transaction k is being committed, the records of transaction k+1 are already processed: a transaction thus
holds what arrived during the one before, which makes it small and quick when idle and large under load.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import chain
from time import time_ns

from aiokafka.structs import TopicPartition

from schemas.message import Message, Stored, partition_for
from services.runtime.transaction.batch import Batch, weight
from services.runtime.transaction.commit import commit
from services.runtime.transaction.group import Group
from services.runtime.transaction.lag import lag_of, received_us
from services.runtime.transaction.membership import Membership
from services.runtime.transaction.observer import Lag
from services.runtime.transaction.producer import GenerationFenced
from services.runtime.transaction.tools import Tools
from services.runtime.transaction.waiting import Waiting

_NOTHING: Mapping[int, Waiting] = {}


class Trunk:
    """One assignment: ``put`` records, ``close`` before the partitions are given back."""

    def __init__(self, number: int, membership: Membership, partitions: frozenset[int], tools: Tools) -> None:
        self.number = number
        self.membership = membership
        self.partitions = partitions
        self._tools = tools
        self._queue: deque[Batch] = deque()
        self._backlog = dict.fromkeys(partitions, 0)
        self._weight = dict.fromkeys(partitions, 0)
        self._received = dict.fromkeys(partitions, 0)
        self._next_offset: dict[int, int] = {}
        self._ready: set[int] = set()
        self._wide: set[str] = set()
        """Topics that have all of our partitions; asked of aiokafka once."""
        self._wake = asyncio.Event()
        self._closing = False
        self._tick_due = False
        self._nothing_on_the_way: Callable[[int], bool] = lambda _: True
        self._committing: asyncio.Task[None] | None = None
        self._uncommitted: tuple[Group, ...] = ()
        """The group being committed and the one being filled, oldest first; the watchdog's thread looks as well."""
        self._last_size = 0
        self.fenced: GenerationFenced | None = None

    # -- what the stage calls

    def wanted(self) -> set[int]:
        """The partitions whose state is there and whose backlog has room."""
        limits = self._tools.limits
        return {
            p
            for p in self._ready
            if self._backlog[p] < limits.backlog and self._weight[p] < limits.backlog_bytes and not self._closing
        }

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
        self._weight[batch.partition] += weight(batch.records)
        self._queue.append(batch)
        self._wake.set()

    @property
    def received(self) -> int:
        """How many batches have arrived."""
        return sum(self._received.values())

    def tick(self, nothing_on_the_way: Callable[[int], bool] = lambda _: True) -> None:
        """Lets the processor look at its clock, between two batches; asked for each partition when it comes to it."""
        self._tick_due = True
        self._nothing_on_the_way = nothing_on_the_way
        self._wake.set()

    def close(self) -> None:
        """No more records; what is processed will still be committed, what only waits is dropped."""
        self._closing = True
        self._wake.set()

    def busy(self) -> bool:
        """Whether something waits to be finished; a processor that never returns included."""
        return bool(self._queue) or any(self._uncommitted)

    # -- the loop

    async def run(self) -> None:
        """Ends when closed or fenced; anything else that it raises ends the process."""
        while (group := await self._gather()) and not self.fenced:
            await self._committed()
            if not self.fenced:
                self._last_size = group.records_in
                self._committing = asyncio.create_task(commit(group, self.membership, self._tools))
                self._committing.add_done_callback(lambda _: self._wake.set())
        await self._committed()
        self._closing = True

    async def _committed(self) -> None:
        """Ends the commit before; raises what it raised, unless the generation was over."""
        if self._committing is None:
            return
        try:
            await self._committing
        except GenerationFenced as fenced:
            self._tools.ledger.drop(self.partitions)
            self.fenced = fenced
        self._committing = None
        self._uncommitted = self._uncommitted[1:]

    async def _gather(self) -> Group:
        """The next group: filled at least until the commit before is over. Empty when the trunk closes."""
        group = self._new_group()
        self._uncommitted += (group,)
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
        batch = self._queue[0]  # it stays there until it is done: a recall or processor that hangs is no progress
        step = self._tools.limits.slice
        for start in range(0, len(batch.records), step):
            records = batch.records[start : start + step]
            done = start + len(records)
            last = done == len(batch.records)
            await self._recall(batch.partition, records)
            self._process(group, batch.partition, records)
            self._consumed(group, batch, batch.next_offset if last else records[-1].offset + 1, records)
            await asyncio.sleep(0)
            if not last and (self._closing or self._full(group)):
                rest = Batch(batch.partition, 0, batch.records[done:], batch.next_offset, batch.arrived)
                self._queue[0] = rest
                return
        self._queue.popleft()

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

    def _consumed(self, group: Group, batch: Batch, next_offset: int, records: Sequence[Stored]) -> None:
        self._backlog[batch.partition] -= len(records)
        self._weight[batch.partition] -= weight(records)
        self._next_offset[batch.partition] = next_offset
        group.consumed(self._tp(batch.partition), next_offset, records, batch.arrived)

    def _tick(self, group: Group) -> None:
        self._tick_due = False
        now = time_ns() // 1000
        for partition in sorted(self._ready & self._next_offset.keys()):
            until = self._known_until(partition, now)
            if until is None:
                continue
            messages = self._tools.processor.tick(partition, until)
            self._add(group, partition, messages)
            if messages:  # the offsets are committed again: they carry the fence
                group.consumed(self._tp(partition), self._next_offset[partition], ())

    def _known_until(self, partition: int, now: int) -> int | None:
        """Up to which instant nothing waits that was asked before: after an outage, what fell due comes in its turn."""
        first = next((batch.records[0] for batch in self._queue if batch.partition == partition), None)
        if first is not None:
            return min(now, received_us(first))
        return now if self._nothing_on_the_way(partition) else None

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

    # -- lag

    def lag(
        self, unread: Callable[[int], int | None], now: int, found: Mapping[int, Waiting] = _NOTHING
    ) -> dict[int, Lag]:
        """By partition: what is not yet committed; ``now`` in microseconds.

        ``unread`` is what our consumer has not read, ``found`` what somebody else has found behind the committed
        offsets: it counts as long as we have not come there.
        """
        return {p: lag_of(self._here(p, unread), self._oldest(p), self._ahead(p, found), now) for p in self.partitions}

    def _here(self, partition: int, unread: Callable[[int], int | None]) -> int:
        done = sum(group.consumed_of[partition] for group in self._uncommitted)
        return (unread(partition) or 0) + self._backlog[partition] + done

    def _ahead(self, partition: int, found: Mapping[int, Waiting]) -> Waiting | None:
        waiting = found.get(partition)
        return waiting if waiting is not None and self._next_offset.get(partition, 0) <= waiting.offset else None

    def _oldest(self, partition: int) -> Stored | None:
        """The first record that is not yet committed, of those that are here."""
        done = (group.first_of[partition] for group in self._uncommitted if partition in group.first_of)
        waiting = (batch.records[0] for batch in self._queue if batch.partition == partition)
        return next(chain(done, waiting), None)
