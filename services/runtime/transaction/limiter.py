"""Limiter: a dead-letter path without a limit turns one wrong deployment into a thousand lost cases."""

from collections import deque
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class DeadLetterLimit:
    """When a stage stops instead of filling the dead letters; a share is judged over ``window`` records."""

    share: float = 0.5
    window: int = 1000
    streak: int = 500


class TooManyDeadLetters(Exception):
    """The input as a whole does not fit this installation; nothing of the last transaction was committed."""


@dataclass(slots=True)
class DeadLetterLimiter:
    """Counts by transaction; ``check`` comes before the commit, so that what tripped it can be processed again."""

    limit: DeadLetterLimit
    _recent: deque[tuple[int, int]] = field(default_factory=deque)
    _records: int = 0
    _dead: int = 0
    _streak: int = 0

    def check(self, records: int, dead: int, what: object = "") -> None:
        """Raises TooManyDeadLetters when this transaction crosses the limit; ``what`` says where it came from."""
        if not records and not dead:
            return
        self._count(records, dead)
        if self._streak >= self.limit.streak:
            raise TooManyDeadLetters(f"{self._streak} dead letters in a row; {what}")
        if self._records >= self.limit.window and self._dead > self.limit.share * self._records:
            raise TooManyDeadLetters(f"{self._dead} of the last {self._records} records became dead letters; {what}")

    def _count(self, records: int, dead: int) -> None:
        self._streak = self._streak + dead if dead >= records else 0
        self._recent.append((records, dead))
        self._records += records
        self._dead += dead
        while self._recent and self._records - self._recent[0][0] >= self.limit.window:
            records, dead = self._recent.popleft()
            self._records -= records
            self._dead -= dead
