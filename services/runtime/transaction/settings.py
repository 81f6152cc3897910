"""Settings of one worker slot; what an installation may decide of them comes from services.runtime.settings."""

from dataclasses import dataclass, field

from services.runtime.transaction.limiter import DeadLetterLimit
from services.runtime.transaction.tools import Limits


@dataclass(frozen=True, slots=True)
class StageSettings:
    """One worker slot of one stage; times in seconds."""

    group: str
    slot: int
    input_topic: str
    dead_letter_topic: str
    state_topic: str | None = None
    session_timeout: float = 10.0
    heartbeat: float = 0.3
    """Short, because it is also how soon a worker notices that another one left."""
    transaction_timeout: float = 10.0
    patience: float = 60.0
    """How long records may wait without any of them being finished, before the watchdog ends the process."""
    stop_within: float = 5.0
    limits: Limits = field(default_factory=Limits)
    dead_letters: DeadLetterLimit = field(default_factory=DeadLetterLimit)

    @property
    def transactional_id(self) -> str:
        """Stable per slot: a restarted slot ends what its predecessor left open."""
        return f"{self.group}-{self.slot}"
