"""Observer: what the stage tells others while it runs; metrics and readiness are built on it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from services.runtime.account import Account


class Phase(StrEnum):
    """What the stage is doing, in one word for /readyz."""

    STARTING = "starting"
    JOINING = "joining"
    RESTORING = "restoring"
    RUNNING = "running"
    STOPPING = "stopping"


@dataclass(frozen=True, slots=True)
class Committed:
    """One committed transaction."""

    records_in: int
    messages_out: Mapping[str, int]
    """By topic; state and dead letters included."""
    seconds: float
    """From the arrival of its first record in this process to the commit."""
    transaction_seconds: float
    account: Account = field(default_factory=Account)


@dataclass(frozen=True, slots=True)
class Lag:
    """How far one partition is behind."""

    records: int
    seconds: float
    """Since the oldest record that is not yet committed was received at the edge."""


class Observer(Protocol):
    """Callbacks of the stage, all synchronous, quick, and called in its event loop."""

    def phase(self, phase: Phase) -> None:
        """The stage now does something else."""
        ...

    def committed(self, transaction: Committed) -> None:
        """After each commit."""
        ...

    def lag(self, lags: Mapping[int, Lag]) -> None:
        """About once a second, for every assigned partition; those that are missing belong to somebody else."""
        ...

    def connected(self, there: bool) -> None:
        """About once a second: whether the group's coordinator answers."""
        ...

    def restoring(self, partition: int, records: int, total: int) -> None:
        """Progress of one partition's state, at most about once a second; at the end records equals total."""
        ...


class Silent:
    """Observes nothing."""

    def phase(self, phase: Phase) -> None:
        """Ignores it."""

    def committed(self, transaction: Committed) -> None:
        """Ignores it."""

    def lag(self, lags: Mapping[int, Lag]) -> None:
        """Ignores it."""

    def connected(self, there: bool) -> None:
        """Ignores it."""

    def restoring(self, partition: int, records: int, total: int) -> None:
        """Ignores it."""
