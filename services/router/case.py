"""Case: what the router keeps of one case, as schemas/events/CaseState.avsc describes it.

Plain records, because they go to Avro and back with every request; never changed in place.
"""

from collections.abc import Iterator
from typing import Literal, TypedDict

CaseStatus = Literal["open", "waiting", "decided", "closed"]
StationStatus = Literal["open", "done", "lapsed", "revoked", "ended"]
Task = Literal["decide", "consult", "inform"]
TimerKind = Literal[
    "case_reminder",
    "case_due",
    "station_reminder",
    "station_due",
    "papers_due",
    "papers_check",
    "objection_end",
    "retention_end",
]

NEVER = 2**63 - 1


class Timer(TypedDict):
    """An instant at which the router acts by itself, unless the duty ends before."""

    at: int
    kind: TimerKind
    station: str


class StationState(TypedDict):
    """One station that has been opened."""

    station: str
    task: Task
    status: StationStatus
    department: str
    view: str
    since: int
    due_at: int | None
    extended: str | None
    holder: str | None
    opinion: str | None
    delivery: Literal["sent", "confirmed", "failed"]
    hops: int
    returned_by: list[str]
    question: str | None
    answer: str | None


class Proposal(TypedDict):
    """A decision that waits for the second person."""

    outcome: str
    text_ref: str
    actor: str
    acted_for: list[str]


class Substitution(TypedDict):
    """An absence named for this case; days since the epoch, both included."""

    who: str
    deputy: str
    since: int
    until: int


class Halt(TypedDict):
    """A time in which the clock of the case stood still."""

    since: int
    until: int


class Change(TypedDict):
    """One of the last changes: version, the first bytes of its cause's digest, and the types of its events."""

    version: int
    cause: bytes
    what: list[str]


class Case(TypedDict):
    """The state of one case."""

    case_id: str
    version: int
    status: CaseStatus
    reference: str
    municipality: str
    recipe: str
    recipe_version: int
    received_at: int
    lead: str
    due_at: int | None
    started_at: int
    suspensions: list[Halt]
    extended: str | None
    suspended_at: int | None
    papers_until: int | None
    papers_complete: bool
    begun: bool
    reopened: bool
    complete: bool
    asked: int
    stations: list[StationState]
    timers: list[Timer]
    watchers: list[str]
    proposal: Proposal | None
    outcome: str | None
    substitutes: list[Substitution]
    recent: list[Change]
    heard: list[bytes]
    submission: bytes


def next_due(case: Case) -> int:
    """When the case's next timer is due; NEVER when it has none."""
    return min((timer["at"] for timer in case["timers"]), default=NEVER)


def station_of(case: Case, name: str) -> StationState | None:
    """The opened station of that name."""
    return next((station for station in case["stations"] if station["station"] == name), None)


def open_stations(case: Case) -> Iterator[StationState]:
    """The stations at which somebody still has to do something."""
    return (station for station in case["stations"] if station["status"] == "open")


def involved(case: Case) -> tuple[str, ...]:
    """The departments that may see something of this case, each once."""
    holders = (station["department"] for station in case["stations"] if station["status"] != "revoked")
    return tuple(dict.fromkeys((*holders, *case["watchers"])))
