"""Draining: one source from its inlet to the bus; ``done`` is said only after the commit."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from time import monotonic

from connectors.base import Delivery, Inlet, Limit
from schemas.errors import Unavailable
from services.importer.core import MAX_RECORDS, Accept, Batch, drain
from services.importer.position import Position, Progress, decode, encode
from services.importer.watch import Watch
from services.runtime.bus import Source
from services.runtime.clock import Clock

LONGEST_PAUSE = 60.0


@dataclass(slots=True)
class Draining:
    """One source being drained. What it knows of its position is forgotten whenever the outcome is unknown."""

    name: str
    inlet: Inlet
    writer: Source
    accept: Accept
    limit: Limit
    watch: Watch
    clock: Clock
    records: int = MAX_RECORDS
    seconds: Callable[[], float] = monotonic
    _position: Position | None = None

    async def run(self, stop: asyncio.Event, poll_seconds: float = 1.0) -> None:
        """Until ``stop``: takes what is there, waits when nothing is, backs off when the other side is away."""
        failures = 0
        while not stop.is_set():
            try:
                found = await self.step(stop)
            except Unavailable as error:
                self._position = None
                self.watch.stalled(self.name, error)
                failures += 1
                await _wait(stop, pause_after(failures, error.retry_after))
                continue
            failures = 0
            self.watch.stalled(self.name, None)
            if not found:
                await _wait(stop, poll_seconds)

    async def step(self, stop: asyncio.Event) -> bool:
        """Takes one delivery and reads it to its end, or to ``stop``; False when there is none. Raises Unavailable."""
        if self._position is None:
            self._position = decode(await self.writer.position())
            self.watch.waiting(self.name, len(self._position.open))
        delivery = await asyncio.to_thread(self.inlet.poll, self.seconds())
        if delivery is None:
            return False
        self.watch.begun(self.name, delivery)
        if delivery.fingerprint in self._position.done:
            await self._put_away(delivery, self._position)
        else:
            await self._read(delivery, self._position, stop)
        return True

    async def _put_away(self, delivery: Delivery, position: Position) -> None:
        """Of what is done already: left over from a process that was killed before it could say so, or a repeat."""
        duplicate = not (delivery.taken_before and position.done[-1] == delivery.fingerprint)
        await asyncio.to_thread(self.inlet.done, delivery, duplicate=duplicate)
        self.watch.ended(self.name, delivery, "duplicate" if duplicate else "done", None)

    async def _read(self, delivery: Delivery, position: Position, stop: asyncio.Event) -> None:
        progress = position.open.get(delivery.fingerprint) or Progress(self.clock())
        if not delivery.taken_before:
            progress = progress.handed_in_again()
        items = self.inlet.read(delivery, progress.mark, progress.received_at)
        batches = drain(items, progress, self.accept, self.limit, self.clock, self.records)
        batch = await asyncio.to_thread(next, batches)
        while not (batch.finished or batch.paused):
            # The next batch is read while this one is being written.
            batch = await _both(self._commit(delivery, batch), asyncio.to_thread(next, batches))
            if stop.is_set():
                return
        await self._commit(delivery, batch)
        await self._end(delivery, batch)

    async def _commit(self, delivery: Delivery, batch: Batch) -> None:
        position = self._position or Position()
        at = position.at(delivery.fingerprint, batch.progress)
        after = at.finished(delivery.fingerprint) if batch.finished else at
        await self.writer.commit(batch.messages, encode(after))
        self._position = after
        self.watch.committed(self.name, batch)
        if batch.finished or batch.paused:
            self.watch.waiting(self.name, len(after.open))

    async def _end(self, delivery: Delivery, batch: Batch) -> None:
        if batch.paused:
            await asyncio.to_thread(self.inlet.pause, delivery, batch.paused)
        else:
            await asyncio.to_thread(self.inlet.done, delivery, duplicate=False)
        self.watch.ended(self.name, delivery, "paused" if batch.paused else "done", batch)


def pause_after(failures: int, first: float) -> float:
    """Seconds to wait after so many failures in a row: doubled each time, up to LONGEST_PAUSE."""
    return min(LONGEST_PAUSE, first * 2.0 ** min(failures - 1, 20))


async def _both(first: Awaitable[None], second: Awaitable[Batch]) -> Batch:
    """The result of the second, when both have ended: a failure must not leave the other running."""
    failed, batch = await asyncio.gather(first, second, return_exceptions=True)
    if isinstance(failed, BaseException):
        raise failed
    if isinstance(batch, BaseException):
        raise batch
    return batch


async def _wait(stop: asyncio.Event, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await stop.wait()
    except TimeoutError:
        pass
