"""Fetching: what the partitions of one assignment bring, as batches, and how much of it is still to be read."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from time import monotonic
from typing import Any

from aiokafka.errors import IllegalStateError, KafkaError
from aiokafka.structs import TopicPartition

from services.runtime.log_reader import stored
from services.runtime.transaction.batch import Batch
from services.runtime.transaction.wiring import Wiring

BLOCKED_POLL = 0.02
"""Seconds between looks while a partition is not wanted: its records wait, so it must not hold up the others."""
IDLE_POLL = 0.1
FETCH_PAUSE = 0.003
"""Seconds between two fetches that bring little: each costs as much as twenty records."""
LITTLE = 100

HandOver = Callable[[TopicPartition, list[Any], int, Batch], Awaitable[None]]
"""Is given the records as they came, the number of their assignment, and the batch of them."""


class Fetching:
    """Reads with aiokafka's consumer; an assignment is over when another one is wanted, or when Faust's flow stops."""

    def __init__(self, client: Any, wiring: Wiring, flows: Callable[[], bool], hand_over: HandOver) -> None:
        self._client = client
        self._wiring = wiring
        self._flows = flows
        self._hand_over = hand_over
        self._handed_out: Counter[tuple[int, int]] = Counter()

    def begin(self) -> None:
        """A new assignment: its batches are counted from one."""
        self._handed_out.clear()

    async def report_positions(self, assignment: int) -> int:
        """Tells the assignee where reading begins; the assignment, or -1 when it is over."""
        try:
            positions = {tp.partition: await self._client.position(tp) for tp in self._client.assignment()}
        except IllegalStateError:  # revoked meanwhile
            return -1
        if self._is_over(assignment):
            return -1
        self._wiring.assignee.positioned(positions)
        return assignment

    async def once(self, assignment: int, wanted: set[int]) -> None:
        """One fetch, handed over partition by partition."""
        assigned = self._client.assignment()
        tps = [tp for tp in assigned if tp.partition in wanted]
        timeout = IDLE_POLL if len(tps) == len(assigned) else BLOCKED_POLL
        if not tps:
            await asyncio.sleep(BLOCKED_POLL)
            return
        found = await self._client.getmany(*tps, timeout_ms=int(timeout * 1000))
        arrived = monotonic()
        if self._is_over(assignment):
            self._put_back(found)
            return
        for tp, records in found.items():
            if self._is_over(assignment):
                return  # what is left belonged to the old assignment: whoever owns it now reads it again
            self._handed_out[assignment, tp.partition] += 1
            await self._hand_over(tp, records, assignment, self._batch(assignment, tp, records, arrived))
        if 0 < sum(map(len, found.values())) < LITTLE:
            await asyncio.sleep(FETCH_PAUSE)

    def handed_out(self, assignment: int) -> int:
        """How many batches of this assignment were given to Faust."""
        return sum(count for (number, _), count in self._handed_out.items() if number == assignment)

    def unread(self, partition: int) -> int | None:
        """Offsets between what was read and the last stable one, as the last fetch saw it; None before the first.

        Markers are counted as well.
        """
        tp = TopicPartition(self._wiring.topic, partition)
        try:
            end = self._client.last_stable_offset(tp)
        except (IllegalStateError, KafkaError):
            return None
        return max(0, end - self._position(tp)) if end is not None else None

    def _is_over(self, assignment: int) -> bool:
        return not self._flows() or self._wiring.assignee.wanted()[0] != assignment

    def _put_back(self, found: Mapping[TopicPartition, list[Any]]) -> None:
        """Un-reads: a fetch that outlived its assignment has taken the first records of the next one."""
        for tp, records in found.items():
            self._client.seek(tp, records[0].offset)

    def _batch(self, assignment: int, tp: TopicPartition, records: list[Any], arrived: float) -> Batch:
        return Batch(
            partition=tp.partition,
            number=self._handed_out[assignment, tp.partition],
            records=[stored(record) for record in records],
            next_offset=max(records[-1].offset + 1, self._position(tp)),
            arrived=arrived,
        )

    def _position(self, tp: TopicPartition) -> int:
        """Behind the markers and aborted records that followed the last record, when they came with it."""
        state = self._client._subscription.subscription.assignment.state_value(tp)
        return int(state.position) if state is not None and state.has_valid_position else 0
