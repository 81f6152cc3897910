"""Stations: claim, release, forward, "not ours", and triage's correction."""

from typing import Any

from services.router.authority import at_open_station, at_routed_station
from services.router.briefing import brief
from services.router.case import StationState, station_of
from services.router.clock import station_timers
from services.router.draft import Draft
from services.router.refusal import Why, refuse_unless

MAX_HOPS = 8
"""How often a station may change hands before only triage may move it."""
MAX_CORRECTIONS = 4
"""How often a station may come back to triage before people must talk."""

_Body = dict[str, Any]


def claim(draft: Draft, body: _Body) -> None:
    """Somebody takes the station on."""
    station = at_open_station(draft, body)
    refuse_unless(station["holder"] is None, Why.ALREADY_DONE)
    draft.happened("StationClaimed", station=station["station"], department=station["department"])
    if body["department"] != station["department"]:
        # An absence in the municipality's file begins without anything that happens in the case.
        brief(draft, station, "StationClaimed", body["department"])


def release(draft: Draft, body: _Body) -> None:
    """Gives the station back to the department."""
    station = at_open_station(draft, body)
    refuse_unless(station["holder"] is not None, Why.NOT_CLAIMED)
    draft.happened("StationReleased", station=station["station"], department=station["department"])


def forward(draft: Draft, body: _Body) -> None:
    """Passes the station on; the receiver sees its own fields, the sender loses access unless it stays involved."""
    station = at_open_station(draft, body)
    receiver = draft.department(body["to_department"])
    refuse_unless(receiver != station["department"], Why.SAME_DEPARTMENT)
    refuse_unless(receiver not in station["returned_by"], Why.RETURNED_BEFORE)
    refuse_unless(station["hops"] < MAX_HOPS, Why.LOOP)
    refuse_unless(body["reason"].strip(), Why.REASON_MISSING)
    _hand_over(draft, "CaseForwarded", station, receiver, body["reason"], stays_involved=body["stays_involved"])


def give_back(draft: Draft, body: _Body) -> None:
    """Not ours: triage holds the station until it is corrected."""
    station = at_routed_station(draft, body)
    refuse_unless(station["department"] != draft.plan.triage, Why.SAME_DEPARTMENT)
    refuse_unless(len(station["returned_by"]) < MAX_CORRECTIONS, Why.LOOP)
    refuse_unless(body["reason"].strip(), Why.REASON_MISSING)
    _hand_over(draft, "CaseReturned", station, draft.plan.triage, body["reason"], **_rule(draft, station))


def correct(draft: Draft, body: _Body) -> None:
    """Triage gives a returned station to the right department; the event names the rule that erred."""
    station = at_routed_station(draft, body)
    refuse_unless(station["department"] == draft.plan.triage, Why.NOT_ALLOWED)
    refuse_unless(station["returned_by"], Why.NOT_RETURNED)
    receiver = _corrected_to(draft, body)
    refuse_unless(receiver != draft.plan.triage, Why.SAME_DEPARTMENT)
    stop = draft.plan.stop.get(station["station"])
    erred = stop.department if stop else station["returned_by"][0]
    anew = _anew(draft, station)
    rule = _rule(draft, station)
    _hand_over(draft, "RoutingCorrected", station, receiver, body["reason"], erred_department=erred, **rule, **anew)


def _corrected_to(draft: Draft, body: _Body) -> str:
    named, at = body["to_department"], body["to_station"]
    refuse_unless((named is None) != (at is None), Why.MALFORMED)
    if named is not None:
        return draft.department(named)
    refuse_unless(at in draft.plan.stop, Why.UNKNOWN_STATION)
    return draft.plan.stop[at].department


def _anew(draft: Draft, station: StationState) -> _Body:
    """The whole time for whoever was not asked before: the silence of the wrong department is not theirs."""
    name = station["station"]
    stop = draft.plan.stop.get(name)
    if stop is None or stop.term is None or station["due_at"] is None:
        return {"due_at": None, "timers": []}
    due = stop.term.starting(draft.now, stop.term.target(draft.content["form"]))
    return {"due_at": due.at, "timers": station_timers(draft, due, name)}


def _rule(draft: Draft, station: StationState) -> _Body:
    recipe = draft.plan.recipe
    return {
        "recipe": recipe.recipe,
        "recipe_version": recipe.version,
        "rule": draft.plan.rule(station["station"]),
    }


def _hand_over(draft: Draft, kind: str, station: StationState, receiver: str, reason: str, **more: Any) -> None:  # noqa: ANN401 - the event's own fields
    name, sender = station["station"], station["department"]
    view = draft.plan.view_for(receiver, name)
    draft.happened(kind, station=name, from_department=sender, to_department=receiver, view=view, **more)
    moved = station_of(draft.case, name)
    if moved is not None:
        brief(draft, moved, kind)
    draft.tell(receiver, kind, name, text=reason)
    _tell_lead(draft, kind, name, receiver)
    draft.tell_if_out(sender, name)


def _tell_lead(draft: Draft, kind: str, station: str, receiver: str) -> None:
    """Whoever waits for an opinion knows from whom; the reason is between the other two."""
    if draft.lead_department != receiver:
        draft.tell(draft.lead_department, kind, station, detail=receiver)
