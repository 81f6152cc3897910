"""Lookout: ends the process when records wait in front of an offset that does not move, whatever we believe.

The watchdog sees work that was begun and is not finished. This sees work that never came: a flow that was not
resumed after a rebalance, a fetch that stalls, a group that cannot be joined.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping
from time import monotonic
from typing import Protocol

import structlog
from aiokafka.errors import KafkaError

from services.runtime.transaction.waiting import Standstill, Waiting

_log = structlog.get_logger(__name__)

WITHIN = 10.0
"""Seconds for one look; a cluster that does not answer is no proof of anything."""
SOON = 5.0
"""Seconds between looks while the state is being restored: nothing else knows what waits."""

Ask = Callable[[Collection[int] | None], Awaitable[Mapping[int, Waiting]]]


class Watched(Protocol):
    """Whom it looks after; the stage."""

    def partitions(self) -> Collection[int] | None:
        """Its partitions; None while it has not joined: then any that stands still is its business."""
        ...

    def restoring(self) -> bool:
        """Whether it has a reason not to go on; that gives up by itself."""
        ...


class Lookout:
    """``found`` is what waited at the last look."""

    def __init__(self, ask: Ask, watched: Watched, bark: Callable[[float], None], patience: float) -> None:
        self._ask = ask
        self._watched = watched
        self._bark = bark
        self._patience = patience
        self._standstill = Standstill()
        self.found: Mapping[int, Waiting] = {}

    async def run(self) -> None:
        """Until cancelled."""
        looked = monotonic()
        while True:
            await asyncio.sleep(min(1.0, self._patience / 4))
            pause = min(SOON, self._patience / 2) if self._watched.restoring() else self._patience / 2
            if monotonic() - looked >= pause:
                await self.look()
                looked = monotonic()

    async def look(self) -> None:
        """One look; barks when something has waited for longer than the patience."""
        partitions = self._watched.partitions()
        try:
            async with asyncio.timeout(WITHIN):
                self.found = await self._ask(partitions)
        except (KafkaError, OSError, TimeoutError) as error:
            _log.info("no look from outside", reason=type(error).__name__)
            self.found = {}
        excused = self._watched.restoring() or self._watched.partitions() != partitions
        still = self._standstill.look({} if excused else self.found, monotonic())
        if still > self._patience:
            self._bark(still)
