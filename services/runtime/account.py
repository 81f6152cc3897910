"""Account: what became of the records of one transaction; it counts when, and only when, that is committed."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple


class Outcome(StrEnum):
    """What became of one record, or of one duty that fell due without any."""

    ROUTED = "routed"
    COMMAND = "command"
    REFUSED = "refused"
    REPEAT = "repeat"
    DUPLICATE = "duplicate"
    DEAD_LETTER = "dead-letter"
    TIMER = "timer"


class Place(NamedTuple):
    """Where a case was sent, and by which rule: a station of a recipe."""

    municipality: str
    department: str
    recipe: str
    station: str


@dataclass(slots=True)
class Account:
    """Kept by a processor while it works, handed over once a transaction."""

    outcomes: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    """Dead letters by reason."""
    slips: defaultdict[Place, list[int]] = field(default_factory=lambda: defaultdict(list))
    """Cases sent to a department: of each, when it had been received at the edge (µs), or 0 if it was no new one."""

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

    def add(self, other: "Account") -> None:
        """Takes over everything of another one."""
        self.outcomes.update(other.outcomes)
        self.reasons.update(other.reasons)
        for place, receipts in other.slips.items():
            self.slips[place] += receipts
