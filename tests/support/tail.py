"""Tail: the in-memory twin of the key log; a test may let somebody work whenever it is looked at."""

from collections.abc import Callable
from dataclasses import dataclass

from schemas.message import Stored
from services.runtime.memory import MemoryBus


@dataclass(slots=True)
class MemoryKeyLog:
    """See services.runtime.key_log.News; ``before`` runs before every look."""

    bus: MemoryBus
    topic: str
    key: bytes
    before: Callable[[], object] = lambda: None
    seen: int = 0

    async def news(self) -> list[Stored]:
        """See services.runtime.key_log.News."""
        self.before()
        records = [record for record in self.bus.records(self.topic) if record.key == self.key]
        fresh, self.seen = records[self.seen :], len(records)
        return fresh
