"""Evolve: what each event makes of a case. Replaying a case's events gives its state, content aside.

Content is what people wrote and the submission itself; it never stands in ``case-events`` (DESIGN.md, section 4).
"""

import hashlib
from collections.abc import Iterable
from functools import reduce

from services.router.amending import Body
from services.router.case import Case, Change
from services.router.changes import CHANGES, received
from services.router.event import Event

REMEMBERED = 16
"""How many changes a case remembers: to know a repeated command, and to say what a stale one has missed."""
HEARD = 64
"""How many requests it remembers that name no version: after others a repeat of any other is stale, of these not."""
FROM_OUTSIDE = frozenset({"CaseWithdrawn", "DeliveryConfirmed", "DeliveryFailed", "DocumentsSupplied", "OpinionGiven"})
"""What follows from requests that need to name no version."""

_CAUSE_BYTES = 8


def evolve(case: Case | None, event: Event) -> Case | None:
    """The case after the event; None before CaseReceived and after CaseErased."""
    kind, body = event
    if case is None:
        return received(body) if kind == "CaseReceived" else None
    if kind == "CaseErased":
        return None
    new = case.copy()
    if change := CHANGES.get(kind):
        change(new, body)
    if body["version"] > 1 and kind != "CommandRefused":
        new["recent"] = _remember(case["recent"], kind, body)
    if kind in FROM_OUTSIDE:
        new["heard"] = [*case["heard"][1 - HEARD :], digest_of(body["cause"])]
    new["version"] = body["version"]
    return new


def replay(events: Iterable[Event]) -> Case | None:
    """The state that follows from all events of one case, in order."""
    return reduce(evolve, events, None)


def digest_of(cause: str) -> bytes:
    """What a case remembers of a request's id."""
    return hashlib.sha256(cause.encode()).digest()[:_CAUSE_BYTES]


def _remember(recent: list[Change], kind: str, body: Body) -> list[Change]:
    if recent and recent[-1]["version"] == body["version"]:
        last = recent[-1]
        return [*recent[:-1], Change(version=last["version"], cause=last["cause"], what=[*last["what"], kind])]
    fresh = Change(version=body["version"], cause=digest_of(body["cause"]), what=[kind])
    return [*recent[1 - REMEMBERED :], fresh]
