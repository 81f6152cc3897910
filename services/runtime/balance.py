"""Balance: accepted = delivered + applied + filtered + dead-lettered + in flight, counted on the records themselves.

A request is a record on case-requests. It is *delivered* when it opened a case that stands in a department's topic,
*applied* when it is a command and an event on case-events names it as the cause, be it its refusal, *filtered* when it
repeats a submission already taken, *dead-lettered* when a dead letter names its place, *in flight* when the router has
not committed beyond it. What is none of these is lost.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cache
from typing import Any

from schemas.codec import Codec
from schemas.command import LONGEST_ID
from schemas.errors import Rejected
from schemas.events import earlier_schemas, event_schemas
from schemas.message import Stored
from schemas.topics import CASE_REQUESTS

SUBMITTED = b"CaseSubmitted"
_SHOWN = 20

Place = tuple[int, int]
"""Partition and offset on case-requests."""


@dataclass(frozen=True, slots=True)
class Balance:
    """The account of every request, and what does not fit into it."""

    accepted: int
    delivered: int
    applied: int
    filtered: int
    dead_lettered: int
    in_flight: int
    lost: tuple[Place, ...] = ()
    doubled: tuple[str, ...] = ()
    unexplained: tuple[str, ...] = ()

    @property
    def is_even(self) -> bool:
        """Nothing lost, nothing done twice, nothing delivered that nobody asked for."""
        return not (self.lost or self.doubled or self.unexplained)

    def to_json(self) -> dict[str, Any]:
        """For machines; of a long list of findings the first twenty, with the full count."""
        found = {name: list(getattr(self, name)) for name in ("lost", "doubled", "unexplained")}
        counts = {name: value for name, value in asdict(self).items() if name not in found}
        return {
            **counts,
            **{name: {"count": len(values), "first": values[:_SHOWN]} for name, values in found.items()},
            "even": self.is_even,
        }


class Ledger:
    """Takes every record once: first what departments, case-events and dead letters hold, then the requests."""

    def __init__(self, processed: Mapping[int, int]) -> None:
        """``processed`` is the offset up to which the router has committed, by partition."""
        self._processed = processed
        self._dead: set[Place] = set()
        self._cases: set[bytes] = set()
        self._events: set[tuple[str, bytes]] = set()
        self._causes: set[tuple[bytes, str]] = set()
        self._doubled: list[str] = []
        self._opened: set[bytes] = set()
        self._from_zero: set[int] = set()
        self._lost: list[Place] = []
        self._counts = dict.fromkeys(("delivered", "applied", "filtered", "dead_lettered", "in_flight"), 0)

    def delivered(self, record: Stored) -> None:
        """A record on a department's topic; an event is known by its topic and its ``ce_id``."""
        event = (record.topic, record.header("ce_id") or b"%d:%d" % (record.partition, record.offset))
        if event in self._events:
            self._doubled.append(f"{record.topic} {event[1].decode(errors='replace')}")
        self._events.add(event)
        self._cases.add(record.key or b"")

    def happened(self, record: Stored) -> None:
        """A record on case-events."""
        if cause := _text(record, "cause"):
            self._causes.add((record.key or b"", cause))

    def died(self, record: Stored) -> None:
        """A record on the topic dead-letters; those from files never were requests."""
        if record.header("dl_topic") == CASE_REQUESTS.encode():
            self._dead.add((int(record.header("dl_partition") or -1), int(record.header("dl_offset") or -1)))

    def asked(self, record: Stored) -> None:
        """A record on case-requests, per partition in order."""
        if record.offset == 0:
            self._from_zero.add(record.partition)
        fate = self._fate(record)
        if fate is None:
            self._lost.append((record.partition, record.offset))
        else:
            self._counts[fate] += 1

    def _fate(self, record: Stored) -> str | None:
        if (record.partition, record.offset) in self._dead:
            return "dead_lettered"
        if record.offset >= self._processed.get(record.partition, 0):
            return "in_flight"
        kind, case = record.header("ce_type"), record.key or b""
        if kind and kind != SUBMITTED:
            return "applied" if (case, _text(record, "command_id")) in self._causes else None
        if case in self._opened:
            return "filtered"
        self._opened.add(case)
        return "delivered" if case in self._cases else None

    def close(self) -> Balance:
        """The account of all that was taken."""
        accepted = sum(self._counts.values()) + len(self._lost)
        unexplained = tuple(sorted(case.decode(errors="replace") for case in self._strays()))
        return Balance(
            accepted, **self._counts, lost=tuple(self._lost), doubled=tuple(self._doubled), unexplained=unexplained
        )

    def _strays(self) -> set[bytes]:
        """Requests are kept for less time than what follows from them: only a log that begins at 0 explains all."""
        is_whole = self._from_zero >= {partition for partition, offset in self._processed.items() if offset}
        return self._cases - self._opened if is_whole else set()


def _text(record: Stored, field: str) -> str:
    """That field of a command or an event, as long as an id may be; empty when it cannot be read."""
    try:
        _, body = _codec().decode(record.value)
    except Rejected:
        return ""
    return str(body.get(field, ""))[:LONGEST_ID]


@cache
def _codec() -> Codec:
    """Reads every command and event; what a submission says, which only the Kochbuch could tell, does not matter."""
    return Codec(event_schemas(), earlier_schemas())
