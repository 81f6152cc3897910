"""Extension: more time, once and with a reason: for the case, or for a department that was asked for its opinion.

What a recipe sets is extended by what it grants and no further, because mostly it repeats the law (the two months of
§ 36 Abs. 2 BauGB have no extension); a date that the lead set itself, by as much as it likes.
"""

from collections.abc import Callable
from typing import Any

from schemas.deadline import Deadline
from schemas.length import Length, Unit, parse_length
from services.router.authority import act_for, as_lead, station_named
from services.router.case import StationState, involved
from services.router.clock import case_timers, ends, station_timers
from services.router.draft import Draft
from services.router.refusal import Refused, Why, refuse_unless
from services.router.terms import Due, Term

_Body = dict[str, Any]


def extend(draft: Draft, body: _Body) -> None:
    """Extends the case's deadline, or a consulted station's time."""
    if body["station"] is None:
        as_lead(draft, body)
        _extend_case(draft, body)
    else:
        _extend_station(draft, body)


def _extend_case(draft: Draft, body: _Body) -> None:
    case = draft.case
    refuse_unless(case["status"] == "open", Why.WRONG_STATE)
    by, due = _granted(
        body,
        case["extended"],
        draft.plan.term.deadline,
        lambda more: ends(draft, case["started_at"], case["suspensions"], more.en),
    )
    draft.happened("DeadlineExtended", by=by.en, due_at=due.at, timers=case_timers(draft, due))
    for department in involved(draft.case):
        draft.tell(department, "DeadlineExtended", text=body["reason"], due_at=due.at)


def _extend_station(draft: Draft, body: _Body) -> None:
    station = station_named(draft, body)
    stop = draft.plan.stop.get(station["station"])
    term = stop.term if stop else None
    _entitled(draft, body, station, term)
    refuse_unless(station["status"] == "open" and station["task"] == "consult", Why.STATION_NOT_OPEN)
    due_at = station["due_at"]
    if due_at is None:
        raise Refused(Why.NO_EXTENSION)
    own = term or Term(Deadline(within=Length(1, Unit.DAYS)), draft.plan.calendar)
    by, due = _granted(
        body, station["extended"], term.deadline if term else None, lambda more: own.longer(due_at, more)
    )
    name, department = station["station"], station["department"]
    timers = station_timers(draft, due, name)
    draft.happened("StationExtended", station=name, department=department, by=by.en, due_at=due.at, timers=timers)
    for told in dict.fromkeys((department, draft.lead_department)):
        draft.tell(told, "StationExtended", name, text=body["reason"], due_at=due.at)


def _entitled(draft: Draft, body: _Body, station: StationState, term: Term | None) -> None:
    if term is not None and term.deadline.extended_by == "station":
        act_for(draft, body, station["department"], station["holder"])
    else:
        as_lead(draft, body)


def _granted(
    body: _Body, extended: str | None, deadline: Deadline | None, longer: Callable[[Length], Due]
) -> tuple[Length, Due]:
    """By how long, and the end that follows; without ``deadline`` nobody but the lead has set a limit."""
    refuse_unless(body["reason"].strip(), Why.REASON_MISSING)
    refuse_unless(extended is None, Why.ALREADY_DONE)
    most = deadline.extension if deadline else None
    by = _length(body["by"]) or most
    if by is None or (deadline and (most is None or not _fits(by, deadline))):
        raise Refused(Why.NO_EXTENSION)
    due = longer(by)
    refuse_unless(most is None or due.at <= longer(most).at, Why.NO_EXTENSION)
    return by, due


def _length(text: str | None) -> Length | None:
    try:
        return None if text is None else parse_length(text)
    except ValueError:
        raise Refused(Why.MALFORMED) from None


def _fits(by: Length, deadline: Deadline) -> bool:
    """Hours for a period of hours, and for no other."""
    return deadline.within is not None and (by.unit is Unit.HOURS) == (deadline.within.unit is Unit.HOURS)
