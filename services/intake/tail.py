"""Tail: fills the memory from the topic ``submission-keys`` at start, and with what sibling processes add to it."""

import asyncio
from contextlib import aclosing

import structlog

from schemas.errors import Unavailable
from schemas.topics import SUBMISSION_KEYS
from services.intake.memory import Memory
from services.runtime.clock import Clock
from services.runtime.following import Follow

_log = structlog.get_logger(__name__)


class Tail:
    """``caught_up`` is set when every key that stood in the topic at start is known; until then, intake must wait."""

    def __init__(self, follow: Follow, memory: Memory, clock: Clock) -> None:
        self._follow, self._memory, self._clock = follow, memory, clock
        self.caught_up = asyncio.Event()

    async def run(self) -> None:
        """Follows the topic until cancelled; begins again when the broker comes back."""
        while True:
            try:
                await self._once()
            except Unavailable as error:
                _log.warning("submission_keys_unreadable", topic=SUBMISSION_KEYS, retry_after=error.retry_after)
                await asyncio.sleep(error.retry_after)

    async def _once(self) -> None:
        async with aclosing(self._follow(SUBMISSION_KEYS, self._arrived)) as records:
            async for record in records:
                self._memory.restore(record, self._clock())

    def _arrived(self) -> None:
        if not self.caught_up.is_set():
            _log.info("submission_keys_read", topic=SUBMISSION_KEYS, keys=len(self._memory))
        self.caught_up.set()
