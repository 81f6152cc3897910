"""Budget: how many bytes of bodies this process holds at once, being read or waiting for the broker."""

from types import TracebackType
from typing import Self

from services.intake.kinds import BUSY
from services.intake.problems import Refused

RETRY_AFTER = 1.0


class Budget:
    """The bytes in flight of all requests together, and of each portal's."""

    __slots__ = ("held", "limit", "used")

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.used = 0
        self.held: dict[str, int] = {}

    def lease(self, portal: str, share: float = 1.0) -> "Lease":
        """What one request takes, given back when its ``with`` ends; its portal may hold that share of the limit."""
        return Lease(self, portal, share)


class Lease:
    """One request's bytes."""

    __slots__ = ("_budget", "_most", "_portal", "held")

    def __init__(self, budget: Budget, portal: str, share: float) -> None:
        self._budget, self._portal = budget, portal
        self._most = budget.limit * share
        self.held = 0

    def hold(self, total: int) -> None:
        """Takes what is missing to ``total`` bytes. Raises Refused(BUSY) when the budget or the share is used up."""
        more = total - self.held
        if more <= 0:
            return
        if self._budget.used + more > self._budget.limit or self._crowds(more):
            raise Refused(BUSY, retry_after=RETRY_AFTER)
        self._take(more)

    def _crowds(self, more: int) -> bool:
        """A portal's only request may take more than its share: refused, it would be so for ever."""
        return self._of_portal() > self.held and self._of_portal() + more > self._most

    def _of_portal(self) -> int:
        return self._budget.held.get(self._portal, 0)

    def _take(self, more: int) -> None:
        self._budget.used += more
        self._budget.held[self._portal] = self._of_portal() + more
        self.held += more

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._take(-self.held)
