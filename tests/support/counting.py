"""A processor small enough to be checked by eye: it numbers the records of each key and answers each of them.

Every input yields one output with its count; the count is state. Keys that are ``due`` are answered once more by
the clock. A value that starts with ``poison`` is a dead letter; after ``close`` a key is put aside.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from struct import Struct

from schemas.message import Message, Stored
from services.runtime.account import Account, Outcome

STATE = "state"
OUTPUT = "output"
DEAD = "dead"

_STATE = Struct(">qq")
"""Count, and when it is due (0: never)."""


@dataclass(slots=True)
class _Partition:
    counts: dict[bytes, int] = field(default_factory=dict)
    due: dict[bytes, int] = field(default_factory=dict)
    aside: dict[bytes, int] = field(default_factory=dict)
    closed: set[bytes] = field(default_factory=set)
    unwritten: Counter[bytes] = field(default_factory=Counter)


@dataclass(slots=True)
class CountingProcessor:
    """See the module; topic names can be prefixed so that tests do not meet."""

    prefix: str = ""
    partitions: dict[int, _Partition] = field(default_factory=dict)
    restored: list[int] = field(default_factory=list)
    forgotten: list[int] = field(default_factory=list)
    recalls: int = 0
    accounted: Account = field(default_factory=Account)

    def _of(self, partition: int) -> _Partition:
        return self.partitions.setdefault(partition, _Partition())

    def restore(self, partition: int, records: Iterable[Stored]) -> None:
        here = self._of(partition)
        for record in records:
            key = record.key or b""
            for known in (here.counts, here.due, here.aside):
                known.pop(key, None)
            if record.value is None:
                continue
            if record.header("closed"):
                here.aside[key] = record.offset
            else:
                self._load(here, key, record.value)
            self.restored.append(partition)

    @staticmethod
    def _load(here: _Partition, key: bytes, value: bytes) -> None:
        here.counts[key], due = _STATE.unpack(value)
        if due:
            here.due[key] = due

    def recall(self, record: Stored) -> int | None:
        key = record.key or b""
        here = self._of(record.partition)
        return None if key in here.counts else here.aside.get(key)

    def recalled(self, partition: int, state: Stored) -> None:
        self.recalls += 1
        self._load(self._of(partition), state.key or b"", state.value or b"")

    def process(self, partition: int, records: Sequence[Stored], now: int) -> list[Message]:
        messages = []
        for record in records:
            messages += self._answers(self._of(partition), record, now)
            self.accounted.outcomes[_outcome(record.value or b"")] += 1
        return messages

    def _answers(self, here: _Partition, record: Stored, now: int) -> list[Message]:
        key, value = record.key or b"", record.value or b""
        if value.startswith(b"poison"):
            return [Message(self.prefix + DEAD, key, value)]
        if value.startswith(b"duplicate"):
            return []
        if value.startswith(b"bug"):
            raise ZeroDivisionError
        if value.startswith(b"huge"):
            value = bytes(3 << 20)
        here.counts[key] = count = here.counts.get(key, 0) + 1
        if value.startswith(b"due"):
            here.due[key] = now + 100_000
        closed = value.startswith(b"close")
        (here.closed.add if closed else here.closed.discard)(key)
        headers = [("count", b"%d" % count), *((n, v) for n, v in record.headers if n == "received_at")]
        return [
            Message(self.prefix + OUTPUT, key, value, headers),
            self._state(here, key, closed=closed),
        ]

    def _state(self, here: _Partition, key: bytes, *, closed: bool) -> Message:
        here.unwritten[key] += 1
        value = _STATE.pack(here.counts[key], here.due.get(key, 0))
        return Message(self.prefix + STATE, key, value, [("closed", b"1")] if closed else [])

    def tick(self, partition: int, now: int) -> list[Message]:
        here = self._of(partition)
        messages = []
        for key in [key for key, due in here.due.items() if due <= now]:
            del here.due[key]
            here.counts[key] += 1
            messages.append(Message(self.prefix + OUTPUT, key, b"timer", [("count", b"%d" % here.counts[key])]))
            messages.append(self._state(here, key, closed=False))
        return messages

    def written(self, partition: int, states: Sequence[tuple[bytes, int]]) -> None:
        here = self._of(partition)
        for key, offset in states:
            here.unwritten[key] -= 1
            if key in here.closed and not here.unwritten[key]:  # a newer state may be on its way
                here.aside[key] = offset
                here.counts.pop(key, None)
                here.due.pop(key, None)
                here.closed.discard(key)
                del here.unwritten[key]

    def account(self) -> Account:
        taken, self.accounted = self.accounted, Account()
        return taken

    def forget(self, partition: int) -> None:
        self.forgotten.append(partition)
        self.partitions.pop(partition, None)


def _outcome(value: bytes) -> Outcome:
    if value.startswith(b"poison"):
        return Outcome.DEAD_LETTER
    return Outcome.DUPLICATE if value.startswith(b"duplicate") else Outcome.ROUTED
