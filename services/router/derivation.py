"""Derivation: how a case's dates came about, in sentences that a clerk can put into the file.

Each is computed again from the case's events, and shown only where that gives the date in the file: the calendar, or a
closed day of the town, may have changed since.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from schemas.submission import SINGLE_CONTACT
from services.router.case import Case, StationState
from services.router.deadlines.computed import Computed
from services.router.deadlines.notification import post_by
from services.router.deadlines.steps import NotifiedBy, Step
from services.router.event import Event
from services.router.plan import Plan
from services.router.terms import objection

Steps = tuple[Step, ...]


def derivation(case: Case, plan: Plan, form: Mapping[str, Any] | None = None) -> Steps:
    """The steps to the case's end as it stands; none where it is counted back from a date and the form is not given."""
    term = plan.term
    if term.deadline.before is not None and form is None:
        return ()
    started, elsewhere = case["started_at"], term.start(case["received_at"], SINGLE_CONTACT)
    via = started == elsewhere != case["received_at"]
    computed = term.computed(
        case["received_at"] if via else started,
        case["suspensions"],
        case["extended"],
        term.target(dict(form or {})),
        via_single_contact=via,
    )
    steps = _if_it_is(computed, case["due_at"])
    if steps and term.deadline.on_expiry == "consent":
        end = computed.date
        return (*steps[:-1], NotifiedBy(end, post_by(end)), steps[-1])
    return steps


def station_derivation(station: StationState, events: Sequence[Event], plan: Plan) -> Steps:
    """The steps to the end of a station's time, where the recipe sets one."""
    stop = plan.stop.get(station["station"])
    started = _opened_at(station["station"], events)
    if stop is None or stop.term is None or stop.term.deadline.before or started is None:
        return ()
    return _if_it_is(stop.term.computed(started, (), station["extended"]), station["due_at"])


def objection_derivation(events: Sequence[Event], plan: Plan) -> Steps:
    """The steps to the end of the time for objections, after the last decision."""
    decided = next((body for kind, body in reversed(events) if kind == "CaseDecided"), None)
    if decided is None:
        return ()
    notified, until = objection(plan.objection, plan.recipe.notified_by, decided["at"], plan.calendar)
    return (*notified.steps, *_if_it_is(until, decided["objection_until"]))


def _opened_at(station: str, events: Sequence[Event]) -> int | None:
    """When the time of the department that holds the station began."""
    started: int | None = None
    received = next((body["received_at"] for kind, body in events if kind == "CaseReceived"), None)
    for kind, body in events:
        if kind == "StationsOpened" and any(each["station"] == station for each in body["stations"]):
            started = received if body["opened_by"] == "CaseReceived" else body["at"]
        elif _begins_anew(kind, body, station):
            started = body["at"]
    return started


def _begins_anew(kind: str, body: Mapping[str, Any], station: str) -> bool:
    if kind == "RoutingCorrected":
        return body["station"] == station and body["due_at"] is not None
    return kind == "DocumentsSupplied" and any(each["station"] == station for each in body["stations"])


def _if_it_is(computed: Computed, at: int | None) -> Steps:
    return computed.steps if computed.at_us == at else ()
