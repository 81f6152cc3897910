"""Waiting: the first record behind a committed offset, and how long it has been the first."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Waiting:
    """One partition's; ``end`` is the last stable offset, which counts the markers of transactions as well."""

    committed: int
    offset: int
    end: int
    received_us: int

    @property
    def records(self) -> int:
        """How many wait, at most."""
        return self.end - self.offset


class Standstill:
    """For how long partitions have had the same record waiting: whatever the consumer itself believes."""

    def __init__(self) -> None:
        self._since: dict[tuple[int, int], float] = {}

    def look(self, found: Mapping[int, Waiting], now: float) -> float:
        """Seconds since the look that first found what still waits; 0 when all has moved on."""
        places = [(partition, waiting.committed) for partition, waiting in found.items()]
        self._since = {place: self._since.get(place, now) for place in places}
        return now - min(self._since.values(), default=now)
