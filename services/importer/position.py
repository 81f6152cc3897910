"""Position: how far a source has come; written in the transaction of the records that it stands for.

It knows every delivery that was begun, by the fingerprint of its content, so that a paused one goes on where it
stopped, and the last ones that were finished, so that the same content again is recognised under any name.
"""

from dataclasses import dataclass, field, replace
from typing import Any

import orjson

KEPT_DONE = 500
"""Finished deliveries remembered; beyond them a repeat is found by the router, case by case."""
KEPT_OPEN = 100


@dataclass(frozen=True, slots=True)
class Count:
    """Records that became cases, and records that became dead letters."""

    accepted: int = 0
    rejected: int = 0

    def plus(self, accepted: int, rejected: int) -> "Count":
        """With so many more."""
        return Count(self.accepted + accepted, self.rejected + rejected)


@dataclass(frozen=True, slots=True)
class Progress:
    """One delivery: the instant of receipt, where reading goes on, and what was read: in all, and since handed in.

    ``in_a_row`` is how many bad records came last, without a good one between.
    """

    received_at: int
    mark: tuple[int, ...] = ()
    total: Count = Count()
    recent: Count = Count()
    in_a_row: int = 0

    def handed_in_again(self) -> "Progress":
        """A person has looked: what was bad before no longer counts towards the limit.

        Where no record had become a case, the declaration was wrong, not the data: all of it is read again.
        """
        if not self.total.accepted:
            return Progress(self.received_at)
        return replace(self, recent=Count(), in_a_row=0)


@dataclass(frozen=True, slots=True)
class Position:
    """Everything known of one source, by fingerprints."""

    open: dict[str, Progress] = field(default_factory=dict)
    done: tuple[str, ...] = ()

    def at(self, fingerprint: str, progress: Progress) -> "Position":
        """With the progress of one delivery, the last one touched at the end."""
        others = {key: value for key, value in self.open.items() if key != fingerprint}
        kept = dict(list(others.items())[-(KEPT_OPEN - 1) :])
        return replace(self, open=kept | {fingerprint: progress})

    def finished(self, fingerprint: str) -> "Position":
        """With one delivery done."""
        kept = {key: value for key, value in self.open.items() if key != fingerprint}
        return Position(kept, (*self.done, fingerprint)[-KEPT_DONE:])


def encode(position: Position) -> bytes:
    """As JSON, for the operator who looks at the topic."""
    return orjson.dumps({"version": 1, "open": position.open, "done": position.done})


def decode(data: bytes | None) -> Position:
    """The inverse; a source that never committed is at the very beginning."""
    if data is None:
        return Position()
    content = orjson.loads(data)
    return Position({key: _progress(value) for key, value in content["open"].items()}, tuple(content["done"]))


def _progress(value: dict[str, Any]) -> Progress:
    total, recent = Count(**value["total"]), Count(**value["recent"])
    return Progress(value["received_at"], tuple(value["mark"]), total, recent, value["in_a_row"])
