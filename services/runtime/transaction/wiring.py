"""Wiring: what the consumer needs from outside of Faust, and whom it tells."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from services.runtime.transaction.membership import Membership


class Assignee(Protocol):
    """What the consumer reports to; the stage."""

    async def assigned(self, membership: Membership, partitions: frozenset[int]) -> None:
        """Inside the rebalance, before anything is fetched; heartbeats stand still."""
        ...

    async def revoked(self) -> None:
        """Inside the rebalance, before partitions are given back; returns when the last transaction is over."""
        ...

    def wanted(self) -> tuple[int, set[int]]:
        """The number of the current assignment, and those of its partitions that can take records now."""
        ...

    def positioned(self, positions: Mapping[int, int]) -> None:
        """The offset from which each partition of the current assignment is read."""
        ...

    def crashed(self, error: BaseException) -> None:
        """Something that nobody expected; the process ends."""
        ...


@dataclass(frozen=True, slots=True)
class Wiring:
    """What the consumer needs from outside of Faust."""

    client: Mapping[str, Any]
    group: str
    instance_id: str
    topic: str
    assignee: Assignee
    session_timeout: float
    heartbeat: float
    rebalance_timeout: float
    max_records: int
