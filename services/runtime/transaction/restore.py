"""Restore: brings the state of newly assigned partitions into memory before their first batch."""

import asyncio
from collections.abc import Callable, Iterable
from time import monotonic

import structlog

from services.runtime.bus import Processor
from services.runtime.log_reader import LogReader
from services.runtime.transaction.observer import Observer

_log = structlog.get_logger(__name__)

CHUNK = 500
"""Records per call of the processor: between calls the event loop turns, and with it the heartbeats."""


class Ledger:
    """Which partitions' state is in memory, and where the state topic ended after our last transaction.

    When a partition comes back and its state topic still ends there, nobody has written meanwhile: the state in
    memory is the state.
    """

    def __init__(self) -> None:
        self._ends: dict[int, int] = {}

    def known(self) -> set[int]:
        """The partitions whose state is in memory."""
        return set(self._ends)

    def current(self, partition: int, end: int) -> bool:
        """Whether memory holds exactly what the topic holds up to ``end``."""
        return self._ends.get(partition) == end

    def ends_at(self, partition: int, end: int) -> None:
        """Memory and topic agree, and the topic ends at ``end``."""
        self._ends[partition] = end

    def drop(self, partitions: Iterable[int]) -> None:
        """Memory is ahead of the topic, or belongs to somebody else."""
        for partition in partitions:
            self._ends.pop(partition, None)


class Restorer:
    """Restores the partitions of one assignment; outside of the rebalance, where heartbeats would stand still."""

    def __init__(self, reader: LogReader, topic: str, processor: Processor, ledger: Ledger, observer: Observer) -> None:
        self._reader = reader
        self._topic = topic
        self._processor = processor
        self._ledger = ledger
        self._observer = observer

    async def run(self, partitions: frozenset[int], ready: Callable[[int], None]) -> None:
        """Calls ``ready`` for each partition whose state is complete.

        The end is the high watermark as it is after the committed offsets were stable: an earlier owner's
        transaction was decided by then, with all of its records written, and a later one is refused.
        """
        self._forget(self._ledger.known() - partitions)
        if not partitions:
            return
        ends = await self._reader.high_watermarks(self._topic, partitions)
        current = {p for p, end in ends.items() if self._ledger.current(p, end)}
        for partition in sorted(current):
            ready(partition)
        stale = {p: end for p, end in ends.items() if p not in current}
        self._forget(stale)
        if stale:
            await self._read(stale, ready)

    def _forget(self, partitions: Iterable[int]) -> None:
        for partition in sorted(partitions):
            self._ledger.drop([partition])
            self._processor.forget(partition)

    async def _read(self, ends: dict[int, int], ready: Callable[[int], None]) -> None:
        counts = dict.fromkeys(ends, 0)
        started = reported = monotonic()
        unfinished = set(ends)
        try:
            async for partition, records, complete in self._reader.read(self._topic, ends):
                for start in range(0, len(records), CHUNK):
                    self._processor.restore(partition, records[start : start + CHUNK])
                    await asyncio.sleep(0)
                counts[partition] += len(records)
                if complete:
                    unfinished.discard(partition)
                    self._ledger.ends_at(partition, ends[partition])
                    self._observer.restoring(partition, ends[partition], ends[partition])
                    ready(partition)
                elif records and monotonic() - reported > 1.0:
                    reported = monotonic()
                    self._observer.restoring(partition, records[-1].offset + 1, ends[partition])
                    _log.info("state restoring", partition=partition, offset=records[-1].offset, end=ends[partition])
        finally:
            for partition in unfinished:  # half a state is none
                self._processor.forget(partition)
        seconds = round(monotonic() - started, 3)
        _log.info("state restored", partitions=sorted(ends), records=sum(counts.values()), seconds=seconds)
