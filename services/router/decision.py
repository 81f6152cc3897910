"""Decision: one person's, or two persons' where the recipe asks for four eyes; reopening."""

import re
from typing import Any

from schemas.actor import is_staff
from services.router.authority import act_for, as_lead
from services.router.case import Proposal, StationState, station_of
from services.router.draft import Draft, timers_of
from services.router.refusal import Refused, Why, refuse_unless
from services.router.terms import Due, objection

_TEXT_REF = re.compile(r"[A-Za-z0-9][A-Za-z0-9:/._#?=&~-]{0,199}|")
"""A reference, in which no sentence can hide: it travels in case-events."""

_Body = dict[str, Any]


def decide(draft: Draft, body: _Body) -> None:
    """The lead decides, or proposes where a second person must agree."""
    lead = as_lead(draft, body)
    refuse_unless(_TEXT_REF.fullmatch(body["text_ref"]), Why.MALFORMED)
    stop = draft.plan.stop.get(lead["station"])
    if stop is None or not stop.station.four_eyes:
        _decided(draft, body["outcome"], body["text_ref"], draft.actor, draft.acted_for)
        return
    draft.happened(
        "DecisionProposed",
        station=lead["station"],
        department=lead["department"],
        outcome=body["outcome"],
        text_ref=body["text_ref"],
    )
    draft.tell(lead["department"], "DecisionProposed", lead["station"], detail=body["outcome"])


def countersign(draft: Draft, body: _Body) -> None:
    """The second person agrees or sends it back; never the first, nor anybody who stands in for the first."""
    lead = station_of(draft.case, draft.case["lead"])
    proposal = draft.case["proposal"]
    if lead is None or proposal is None:
        raise Refused(Why.NO_PROPOSAL)
    act_for(draft, body, lead["department"], None)
    refuse_unless(_is_second(proposal, draft.actor, body["acting_for"]), Why.SAME_PERSON)
    if body["agrees"]:
        _decided(
            draft, proposal["outcome"], proposal["text_ref"], proposal["actor"], proposal["acted_for"], draft.actor
        )
        return
    draft.happened("DecisionSentBack", station=lead["station"], department=lead["department"])
    draft.tell(lead["department"], "DecisionSentBack", lead["station"], text=body["reason"] or None)


def _is_second(proposal: Proposal, actor: str, acting_for: str | None) -> bool:
    first = {proposal["actor"], *filter(is_staff, proposal["acted_for"])}
    return first.isdisjoint({actor, acting_for})


def _decided(
    draft: Draft, outcome: str, text_ref: str, by: str, acted_for: list[str], countersigned_by: str | None = None
) -> None:
    decided(
        draft, outcome=outcome, text_ref=text_ref, decided_by=by, decided_for=acted_for,
        countersigned_by=countersigned_by, deemed=False, basis="",
    )  # fmt: skip


def decided(draft: Draft, **how: Any) -> None:  # noqa: ANN401 - the record of CaseDecided
    """Records the decision, starts the time for objections and tells everybody who took part."""
    plan = draft.plan
    until = objection(plan.objection, plan.recipe.notified_by, draft.now, plan.calendar)[1].at_us
    timer = {"at": until, "kind": "objection_end", "station": ""}
    draft.happened("CaseDecided", objection_until=until, timers=[timer], **how)
    draft.tell_everybody("CaseDecided", detail="deemed" if how["deemed"] else how["outcome"])


def reopen(draft: Draft, body: _Body) -> None:
    """A decided or closed case is taken up again: its period begins anew, and opinions may come that were in time."""
    case, now = draft.case, draft.now
    act_for(draft, body, draft.lead_department, None)
    refuse_unless(body["reason"].strip(), Why.REASON_MISSING)
    term = draft.plan.term
    due = term.starting(now, term.target(draft.content["form"]))
    timers = timers_of(due, "case", "", now)
    asked = [station for station in case["stations"] if _in_time(station, now)]
    for station in asked:
        if station["due_at"] is not None:
            timers += timers_of(Due(station["due_at"], None), "station", station["station"], now)
    opened = [case["lead"], *(station["station"] for station in asked)]
    draft.happened("CaseReopened", lead=case["lead"], stations=opened, due_at=due.at, timers=timers)
    for station in draft.case["stations"]:
        if station["station"] in opened:
            draft.slip(station, "CaseReopened")
    draft.tell_everybody("CaseReopened", text=body["reason"])


def _in_time(station: StationState, now: int) -> bool:
    """Whether an opinion was still waited for when the case ended, and may still come."""
    ended = station["task"] == "consult" and station["status"] == "ended"
    return ended and (station["due_at"] is None or now < station["due_at"])
