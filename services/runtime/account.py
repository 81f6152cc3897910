"""Account: what became of the records of one transaction; it counts when, and only when, that is committed."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from enum import StrEnum


class Outcome(StrEnum):
    """What became of one record, or of one duty that fell due without any."""

    ROUTED = "routed"
    COMMAND = "command"
    REFUSED = "refused"
    REPEAT = "repeat"
    DUPLICATE = "duplicate"
    DEAD_LETTER = "dead-letter"
    TIMER = "timer"


@dataclass(slots=True)
class Account:
    """Kept by a processor while it works, handed over once a transaction."""

    outcomes: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    """Dead letters by reason."""
    slips: Counter[tuple[str, str]] = field(default_factory=Counter)
    """Cases sent to a department: by ``<municipality>.<department>`` and ``<recipe>/<station>``."""
    receipts: defaultdict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    """By department: when the new cases that it was sent had been received at the edge, µs since the epoch."""

    @property
    def delivered(self) -> int:
        """Requests with an effect that others can see, a refused command's answer included."""
        return self.outcomes[Outcome.ROUTED] + self.outcomes[Outcome.COMMAND] + self.outcomes[Outcome.REFUSED]

    @property
    def filtered(self) -> int:
        """Requests that had their effect before."""
        return self.outcomes[Outcome.DUPLICATE] + self.outcomes[Outcome.REPEAT]

    @property
    def dead_lettered(self) -> int:
        """Requests that could not go on."""
        return self.outcomes[Outcome.DEAD_LETTER]

    def slip(self, department: str, rule: str, received_at: int | None) -> None:
        """A department is sent a case; with ``received_at`` because it is new."""
        self.slips[department, rule] += 1
        if received_at is not None:
            self.receipts[department].append(received_at)

    def add(self, other: "Account") -> None:
        """Takes over everything of another one."""
        self.outcomes.update(other.outcomes)
        self.reasons.update(other.reasons)
        self.slips.update(other.slips)
        for department, received in other.receipts.items():
            self.receipts[department] += received
