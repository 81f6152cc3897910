"""Extension: more time, once and with a reason: for the case, or for a department that was asked for its opinion."""

from typing import Any

from schemas.deadline import Deadline
from schemas.length import Length, Unit, parse_length
from services.router.authority import as_lead, station_named
from services.router.case import StationState, involved
from services.router.draft import Draft, timers_of
from services.router.refusal import Refused, Why, refuse_unless
from services.router.terms import Term

_Body = dict[str, Any]


def extend(draft: Draft, body: _Body) -> None:
    """The lead extends the case's deadline, or a consulted station's time."""
    as_lead(draft, body)
    refuse_unless(body["reason"].strip(), Why.REASON_MISSING)
    if body["station"] is None:
        _extend_case(draft, body)
    else:
        _extend_station(draft, body, station_named(draft, body))


def _extend_case(draft: Draft, body: _Body) -> None:
    case, term = draft.case, draft.plan.term
    refuse_unless(case["status"] == "open", Why.WRONG_STATE)
    refuse_unless(case["extended"] is None, Why.ALREADY_DONE)
    by = _length(body["by"], term.deadline)
    due = term.running(case["started_at"], case["suspensions"], by.en, term.target(draft.content["form"]))
    draft.happened("DeadlineExtended", by=by.en, due_at=due.at, timers=timers_of(due, "case", "", draft.now))
    for department in involved(draft.case):
        draft.tell(department, "DeadlineExtended", text=body["reason"], due_at=due.at)


def _extend_station(draft: Draft, body: _Body, station: StationState) -> None:
    refuse_unless(station["status"] == "open" and station["task"] == "consult", Why.STATION_NOT_OPEN)
    refuse_unless(station["extended"] is None, Why.ALREADY_DONE)
    if station["due_at"] is None:
        raise Refused(Why.NO_EXTENSION)
    name, department = station["station"], station["department"]
    stop = draft.plan.stop.get(name)
    by = _length(body["by"], stop.term.deadline if stop and stop.term else None)
    term = stop.term if stop and stop.term else Term(Deadline(within=by), draft.plan.calendar)
    due = term.longer(station["due_at"], by)
    timers = timers_of(due, "station", name, draft.now)
    draft.happened("StationExtended", station=name, department=department, by=by.en, due_at=due.at, timers=timers)
    for told in dict.fromkeys((department, draft.lead_department)):
        draft.tell(told, "StationExtended", name, text=body["reason"], due_at=due.at)


def _length(text: str | None, deadline: Deadline | None) -> Length:
    """What was asked for, or what the recipe grants; hours for a period of hours, and for no other."""
    granted = deadline.extension if deadline else None
    try:
        by = parse_length(text) if text is not None else granted
    except ValueError:
        raise Refused(Why.MALFORMED) from None
    if by is None or (deadline is not None and not _fits(by, deadline)):
        raise Refused(Why.NO_EXTENSION)
    return by


def _fits(by: Length, deadline: Deadline) -> bool:
    return deadline.within is not None and (by.unit is Unit.HOURS) == (deadline.within.unit is Unit.HOURS)
