"""Tools: what a trunk works with; it outlives the assignment."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from services.runtime.bus import Processor
from services.runtime.log_reader import LogReader
from services.runtime.record_size import STAGE_BYTES, STATE_BYTES
from services.runtime.transaction.limiter import DeadLetterLimiter
from services.runtime.transaction.observer import Observer
from services.runtime.transaction.restore import Ledger


@dataclass(frozen=True, slots=True)
class Limits:
    """What bounds one transaction, and what waits in memory."""

    records: int = 4000
    bytes: int = 4 << 20
    slice: int = 100
    """Records between two turns of the event loop."""
    backlog: int = 4000
    """Records of one partition that wait in memory before no more are fetched."""
    backlog_bytes: int = 8 << 20
    """The same in bytes: records may be a thousand times as large as they usually are."""
    message_bytes: int = STAGE_BYTES
    state_bytes: int = STATE_BYTES
    tick: float = 1.0
    linger: float = 0.004
    """How long a transaction waits for company when there is load."""
    busy: int = 8
    """Records in the transaction before from which on there is load."""


@dataclass(frozen=True, slots=True)
class Topics:
    """The topics that the stage itself has to know."""

    input: str
    state: str | None
    dead_letters: str


@dataclass(frozen=True, slots=True)
class Tools:
    """What a trunk works with; it outlives the assignment."""

    producer: Any
    processor: Processor
    recaller: LogReader
    ledger: Ledger
    limiter: DeadLetterLimiter
    observer: Observer
    limits: Limits
    topics: Topics
    progressed: Callable[[], None]
