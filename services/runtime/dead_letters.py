"""Dead letters: what waits, what was done with it, and how it goes back to where it came from."""

import fnmatch
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any

from schemas.codec import Codec
from schemas.dead_letter import PREFIX, TOPIC
from schemas.errors import Problem
from schemas.events import earlier_schemas, event_schema
from schemas.message import Message, Stored
from schemas.topics import DEAD_LETTER_OUTCOMES
from services.runtime.bus import Bus

_LONGEST_NUMBER = 19
WRITER = "dead-letters"
"""The name of the source that settles dead letters: a second operator at the same time fences the first."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was done with a dead letter."""

    action: str
    at: int
    by: str
    why: str


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """One record on the topic dead-letters, and what was done with it."""

    record: Stored
    outcome: Outcome | None = None

    def text(self, name: str) -> str:
        """A header of the context, without its prefix."""
        return (self.record.header(PREFIX + name) or b"").decode(errors="replace")

    def number(self, name: str) -> int | None:
        """A header that holds a number."""
        text = self.text(name)
        return int(text) if text.isdecimal() and len(text) <= _LONGEST_NUMBER else None

    @property
    def id(self) -> str:
        """``partition:offset``, by which an operator names it."""
        return f"{self.record.partition}:{self.record.offset}"

    @property
    def reason(self) -> str:
        """The bounded reason."""
        return self.text("reason") or "unknown"

    @property
    def at(self) -> int:
        """When it became one, µs since the epoch."""
        return self.number("at") or self.record.timestamp * 1000

    @property
    def replays(self) -> int:
        """How often it was replayed before."""
        return self.number("replays") or 0

    @property
    def place(self) -> str:
        """Where the record stood: on a topic, or in a file."""
        if self.text("topic"):
            return f"{self.text('topic')} {self.text('partition')}:{self.text('offset')}"
        return f"{self.text('file')} line {self.text('line')}" if self.text("file") else ""

    @property
    def status(self) -> str:
        """open, replayed or discarded."""
        return self.outcome.action if self.outcome else "open"

    def summary(self) -> dict[str, Any]:
        """What a list shows: no content."""
        return {
            "id": self.id,
            "at": self.at,
            "reason": self.reason,
            "stage": self.text("stage"),
            "place": self.place,
            "detail": self.text("detail"),
            "replays": self.replays,
            "status": self.status,
        }


@dataclass(frozen=True, slots=True)
class Selection:
    """Which dead letters are meant; nothing chosen means all that are open."""

    ids: frozenset[str] = frozenset()
    reason: str = ""
    stage: str = ""
    file: str = ""
    since: int = 0
    until: int = 2**63
    settled: bool = False

    def __contains__(self, letter: DeadLetter) -> bool:
        return (
            (not self.ids or letter.id in self.ids)
            and self.reason in {"", letter.reason}
            and self.stage in {"", letter.text("stage")}
            and (not self.file or fnmatch.fnmatchcase(letter.text("file"), self.file))
            and self.since <= letter.at < self.until
            and (self.settled or letter.outcome is None)
        )


async def dead_letters(
    bus: Bus, selection: Selection, progress: Callable[[int], None] = lambda _: None
) -> list[DeadLetter]:
    """Those selected, oldest first within each partition. Reads outcomes last, so that none is overlooked."""
    letters = []
    seen = 0
    async for record in bus.read(TOPIC):
        seen += 1
        progress(seen)
        letter = DeadLetter(record)
        if letter in selection:
            letters.append(letter)
    outcomes = {(record.key or b"").decode(): record async for record in bus.read(DEAD_LETTER_OUTCOMES)}
    settled = (DeadLetter(a.record, outcome_of(outcomes[a.id])) if a.id in outcomes else a for a in letters)
    return [letter for letter in settled if letter in selection]


@cache
def _codec() -> Codec:
    return Codec((event_schema("DeadLetterOutcome"),), earlier_schemas())


def outcome_of(record: Stored) -> Outcome | None:
    """The outcome in a record; None for a tombstone, which opens the dead letter again."""
    if record.value is None:
        return None
    _, content = _codec().decode(record.value)
    return Outcome(content["outcome"], content["at"], content["actor"], content["reason"])


def outcome_message(letter: DeadLetter, outcome: Outcome) -> Message:
    """The record of what was done."""
    encode = _codec().encoder(event_schema("DeadLetterOutcome"))
    content = {
        "partition": letter.record.partition,
        "offset": letter.record.offset,
        "outcome": outcome.action,
        "actor": outcome.by,
        "reason": outcome.why,
        "at": outcome.at,
    }
    return Message(DEAD_LETTER_OUTCOMES, letter.id.encode(), encode(content))


def obstacle(letter: DeadLetter, max_replays: int) -> Problem | None:
    """Why it cannot be replayed, in words for the operator; None when it can."""
    if letter.replays >= max_replays:
        return Problem(
            letter.id,
            f"Schon {letter.replays}-mal erneut gesendet und wieder gescheitert. Abhilfe: die Ursache beheben (siehe "
            "detail) und --max-replays erhöhen, oder verwerfen.",
            f"Replayed {letter.replays} times already, and failed again. Remedy: mend the cause (see detail) and raise "
            "--max-replays, or discard it.",
        )
    if not letter.text("topic"):
        return Problem(
            letter.id,
            f"Stand in einer Datei ({letter.place}) und kam nie auf ein Topic. Abhilfe: die Zeile mit „laufzettel "
            f"dead-letters show {letter.id} --raw“ ausgeben, verbessern und als eigene Datei einliefern.",
            f"Stood in a file ({letter.place}) and never reached a topic. Remedy: write the row out with “laufzettel "
            f"dead-letters show {letter.id} --raw”, mend it, and hand it in as a file of its own.",
        )
    return None


def replayed(letter: DeadLetter, value: bytes | None = None) -> Message:
    """The record on its way back: same topic, partition, key and headers; ``value`` where it was corrected."""
    original = None if letter.text("null") else letter.record.value
    kept = [(name, content) for name, content in letter.record.headers if not name.startswith(PREFIX)]
    headers = [*kept, (PREFIX + "replays", b"%d" % (letter.replays + 1))]
    content = original if value is None else value
    return Message(letter.text("topic"), letter.record.key, content, headers, letter.number("partition"))


def grouped(letters: Iterable[DeadLetter]) -> dict[tuple[str, str, str], int]:
    """How many there are, by status, stage and reason."""
    counts: dict[tuple[str, str, str], int] = {}
    for letter in letters:
        kind = (letter.status, letter.text("stage"), letter.reason)
        counts[kind] = counts.get(kind, 0) + 1
    return dict(sorted(counts.items()))
