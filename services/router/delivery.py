"""Delivery: what a department's system reports about the messages it was sent."""

import re
from typing import Any

from services.router.authority import as_system, station_named
from services.router.draft import Draft
from services.router.refusal import Why, refuse_unless

_PROBLEM = re.compile(r"[a-z][a-z0-9-]{0,49}")

_Body = dict[str, Any]


def confirm(draft: Draft, body: _Body) -> None:
    """The system has it."""
    station = station_named(draft, body)
    as_system(body, station)
    refuse_unless(station["delivery"] != "confirmed", Why.ALREADY_DONE)
    draft.happened("DeliveryConfirmed", station=station["station"], department=station["department"])


def report_failure(draft: Draft, body: _Body) -> None:
    """The system could not take it; triage is told, because the department may never learn of it."""
    station = station_named(draft, body)
    as_system(body, station)
    refuse_unless(_PROBLEM.fullmatch(body["problem"]), Why.MALFORMED)
    refuse_unless(station["delivery"] == "sent", Why.ALREADY_DONE)
    name, department = station["station"], station["department"]
    draft.happened("DeliveryFailed", station=name, department=department, problem=body["problem"])
    draft.tell(draft.plan.triage, "DeliveryFailed", name, detail=body["problem"])
