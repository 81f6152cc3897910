"""Way: what all submissions have in common that go the same way through the same plan.

It is taken from the first that goes it, and filled in for those that follow: their events and their state differ in
ids, instants and content only.
"""

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any

from services.router.case import Case
from services.router.event import Event
from services.router.letter import Slip

Key = Hashable
"""Everything that the common part depends on: lead, stations and their deadlines, channel, source, date applied."""

EVENT_HOLES = frozenset({"event_id", "case_id", "at", "reference", "received_at", "started_at"})
STATE_HOLES = frozenset({"reference", "received_at", "started_at", "submission"})

_MOST = 1_000
WAYS_KEPT = 10_000
"""Of all plans together: so many encodings are kept. With 5,000 departments there are half as many ways a day."""


@dataclass(frozen=True, slots=True, eq=False)
class Way:
    """The first decision that went this way."""

    events: tuple[Event, ...]
    slips: tuple[Slip, ...]
    case: Case

    def follow(self, record: dict[str, Any], raw: bytes, now: int, started_at: int) -> tuple[list[Event], Case]:
        """The events and the case of another submission that goes this way."""
        case_id, received_at = record["case_id"], record["received_at"]
        own = {"case_id": case_id, "at": now}
        facts = {**own, "reference": record["reference"], "received_at": received_at, "started_at": started_at}
        events = [
            Event(kind, {**body, **(own if number > 1 else facts), "event_id": f"{case_id}:1:{number}"})
            for number, (kind, body) in enumerate(self.events, start=1)
        ]
        case: Case = {
            **self.case,
            "case_id": case_id,
            "reference": record["reference"],
            "received_at": received_at,
            "started_at": started_at,
            "submission": raw,
        }
        return events, case


class Ways:
    """The ways known to a plan, a bounded number of them."""

    def __init__(self) -> None:
        self._ways: dict[Key, Way] = {}

    def get(self, key: Key) -> Way | None:
        """The way of that key, if somebody has gone it."""
        return self._ways.get(key)

    def remember(self, key: Key, way: Way) -> None:
        """Keeps a way for those that follow."""
        if len(self._ways) >= _MOST:
            self._ways.clear()
        self._ways[key] = way
