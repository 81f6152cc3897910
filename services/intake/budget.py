"""Budget: how many bytes of bodies this process holds at once, being read or waiting for the broker."""

from types import TracebackType
from typing import Self

from services.intake.kinds import BUSY
from services.intake.problems import Refused

RETRY_AFTER = 1.0


class Budget:
    """The bytes in flight of all requests together."""

    __slots__ = ("limit", "used")

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.used = 0

    def lease(self) -> "Lease":
        """The share of one request, given back when its ``with`` ends."""
        return Lease(self)


class Lease:
    """One request's bytes."""

    __slots__ = ("_budget", "held")

    def __init__(self, budget: Budget) -> None:
        self._budget = budget
        self.held = 0

    def hold(self, total: int) -> None:
        """Takes what is missing to ``total`` bytes. Raises Refused(BUSY) when the budget is used up."""
        more = total - self.held
        if more <= 0:
            return
        if self._budget.used + more > self._budget.limit:
            raise Refused(BUSY, retry_after=RETRY_AFTER)
        self._budget.used += more
        self.held = total

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._budget.used -= self.held
        self.held = 0
