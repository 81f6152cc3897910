"""Applicant: papers asked for and supplied, with the clock that stands still in between; withdrawal.

What is supplied counts as all that was missing: a clock that stood still goes on from the day it came. Where something
still lacks the lead asks again, and the clock stops again. Papers may come unasked too; they are kept, and begin a
period anew that runs from the complete papers, until they are found complete (:mod:`services.router.completeness`).
"""

from typing import Any, Literal

from services.router.authority import as_lead, as_lead_or_from_outside
from services.router.case import Halt, Timer
from services.router.clock import begins_with_papers, case_timers, ends
from services.router.closing import close
from services.router.draft import Draft, check_timers, timers_of
from services.router.pause import pausing, resuming, tell_stations
from services.router.refusal import Why, refuse_unless
from services.router.terms import Due, papers_end

_Body = dict[str, Any]


def ask(draft: Draft, body: _Body) -> None:
    """The lead asks for papers; the clock stops, once, however often it asks."""
    lead = as_lead(draft, body)
    papers = [paper for paper in body["papers"] if paper.strip()]
    refuse_unless(papers, Why.REASON_MISSING)
    refuse_unless(body["until"] > draft.asked_at, Why.DATE)
    until = papers_end(body["until"], draft.plan.calendar)
    timer = {"at": until, "kind": "papers_due", "station": ""}
    paused = pausing(draft)
    draft.happened(
        "ApplicantAsked",
        until=until,
        papers=len(papers),
        suspended_at=draft.asked_at if draft.plan.term.deadline.can_stop else None,
        stations=paused,
        timers=[timer],
    )
    draft.tell(lead["department"], "ApplicantAsked", text=body["text"], papers=tuple(papers), due_at=until)
    tell_stations(draft, "ApplicantAsked", paused)


def supply(draft: Draft, body: _Body) -> None:
    """The applicant answers; a period that stood still goes on by the days really suspended, or begins anew."""
    as_lead_or_from_outside(draft, body)
    papers = tuple(paper for paper in body["papers"] if paper.strip())
    refuse_unless(papers, Why.REASON_MISSING)
    case = draft.case
    came = body["received_at"] if body["arrived_at"] is None else body["arrived_at"]
    refuse_unless(came <= max(draft.now, body["received_at"]), Why.DATE)
    resumed_at = min(max(came, case["suspended_at"] or case["started_at"]), draft.now)
    clock = _clock(draft)
    due = _due_after(draft, clock, resumed_at)
    stations = resuming(draft)
    draft.happened(
        "DocumentsSupplied",
        late=case["papers_until"] is not None and came >= case["papers_until"],
        papers=len(papers),
        suspended_at=case["suspended_at"],
        resumed_at=resumed_at,
        clock=clock,
        due_at=due.at if due else case["due_at"],
        stations=[{"station": name, "due_at": end.at} for name, end in stations.items()],
        timers=[*_timers(draft, due), *_timers_of_stations(draft, stations)],
    )
    draft.tell(draft.lead_department, "DocumentsSupplied", papers=papers, due_at=draft.case["due_at"])
    tell_stations(draft, "DocumentsSupplied", stations)


def withdraw(draft: Draft, body: _Body) -> None:
    """The applicant takes the application back; the case is closed."""
    as_lead_or_from_outside(draft, body)
    draft.happened("CaseWithdrawn")
    close(draft, "withdrawn")
    draft.tell_everybody("CaseWithdrawn", text=body["reason"] or None)


def _clock(draft: Draft) -> Literal["continues", "restarts", "runs"]:
    if begins_with_papers(draft):
        return "restarts"
    if draft.case["suspended_at"] is None:
        return "runs"
    return "restarts" if draft.plan.term.deadline.resume == "restart" else "continues"


def _due_after(draft: Draft, clock: str, resumed_at: int) -> Due | None:
    case, stopped = draft.case, draft.case["suspended_at"]
    if clock == "restarts":
        return ends(draft, resumed_at, (), case["extended"])
    if stopped is None:
        return None
    halts: list[Halt] = [*case["suspensions"], {"since": stopped, "until": resumed_at}]
    return ends(draft, case["started_at"], halts, case["extended"])


def _timers(draft: Draft, due: Due | None) -> list[Timer]:
    if due is None:
        return []
    checks = check_timers(draft.plan, draft.now, due) if begins_with_papers(draft) else []
    return [*checks, *case_timers(draft, due)]


def _timers_of_stations(draft: Draft, stations: dict[str, Due]) -> list[Timer]:
    return [timer for name, due in stations.items() for timer in timers_of(due, "station", name, draft.now)]
