"""Balance: accepted = delivered + applied + filtered + dead-lettered + in flight, counted on the records themselves.

A request is a record on case-requests. It is *delivered* when it opened a case that stands in a department's topic,
*applied* when it is a command to a case, *filtered* when it repeats a submission already taken, *dead-lettered* when
a dead letter names its place, *in flight* when the router has not committed beyond it. What is none of these is lost.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

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


@dataclass(frozen=True, slots=True)
class Delivered:
    """What the departments' topics hold: the cases, and the events that stand there twice."""

    cases: frozenset[bytes]
    doubled: tuple[str, ...]


def delivered(records: Iterable[Stored]) -> Delivered:
    """Reads the departments' topics; an event is known by its topic and its ``ce_id``."""
    cases: set[bytes] = set()
    seen: set[tuple[str, bytes]] = set()
    doubled: list[str] = []
    for record in records:
        event = (record.topic, record.header("ce_id") or b"%d-%d" % (record.partition, record.offset))
        if event in seen:
            doubled.append(f"{record.topic} {event[1].decode(errors='replace')}")
        seen.add(event)
        cases.add(record.key or b"")
    return Delivered(frozenset(cases), tuple(doubled))


def dead_places(records: Iterable[Stored]) -> frozenset[Place]:
    """The places on case-requests that dead letters name."""
    return frozenset(
        (int(record.header("dl_partition") or -1), int(record.header("dl_offset") or -1))
        for record in records
        if record.header("dl_topic") == CASE_REQUESTS.encode()
    )


def balance(
    requests: Iterable[Stored], departments: Delivered, dead: Collection[Place], processed: Mapping[int, int]
) -> Balance:
    """The account; ``processed`` is the offset up to which the router has committed, by partition."""
    counts = dict.fromkeys(("delivered", "applied", "filtered", "dead_lettered", "in_flight"), 0)
    lost: list[Place] = []
    opened: set[bytes] = set()
    from_zero: set[int] = set()
    accepted = 0
    for record in requests:
        accepted += 1
        if record.offset == 0:
            from_zero.add(record.partition)
        fate = _fate(record, departments.cases, dead, processed, opened)
        if fate is None:
            lost.append((record.partition, record.offset))
        else:
            counts[fate] += 1
    # Requests are kept for a shorter time than what follows from them: only a log that begins at 0 can explain all.
    is_whole = from_zero >= {partition for partition, offset in processed.items() if offset}
    strays = departments.cases - opened if is_whole else frozenset[bytes]()
    unexplained = tuple(sorted(key.decode(errors="replace") for key in strays))
    return Balance(accepted, **counts, lost=tuple(lost), doubled=departments.doubled, unexplained=unexplained)


def _fate(
    record: Stored,
    cases: Collection[bytes],
    dead: Collection[Place],
    processed: Mapping[int, int],
    opened: set[bytes],
) -> str | None:
    if (record.partition, record.offset) in dead:
        return "dead_lettered"
    if record.offset >= processed.get(record.partition, 0):
        return "in_flight"
    kind, case = record.header("ce_type"), record.key or b""
    if kind != SUBMITTED:
        return "applied" if kind else None
    if case in opened:
        return "filtered"
    opened.add(case)
    return "delivered" if case in cases else None
