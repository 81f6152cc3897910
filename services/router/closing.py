"""Closing: the last state of a case, and how long its record is kept."""

from typing import Literal

from schemas.actor import ROUTER
from services.router.draft import Draft
from services.router.event import AUDIENCE, Event
from services.router.terms import retention_end


def close(draft: Draft, why: Literal["objection_period_over", "withdrawn", "expired"]) -> None:
    """Records that nothing more is to be done; a timer ends the keeping of the record."""
    retention = draft.plan.recipe.retention
    until = retention_end(retention.years, draft.now)
    timer = {"at": until, "kind": "retention_end", "station": ""}
    draft.happened("CaseClosed", why=why, keep_until=until, basis=retention.basis, timers=[timer])


def erased(case_id: str, version: int, now: int) -> Event:
    """The last event of a case that was closed and out of memory when its time had come."""
    body = {
        "event_id": f"{case_id}:{version}:1", "case_id": case_id, "version": version, "at": now,
        "audience": AUDIENCE["CaseErased"], "cause": "timer:retention_end:", "actor": ROUTER, "acted_for": [],
    }  # fmt: skip
    return Event("CaseErased", body)
