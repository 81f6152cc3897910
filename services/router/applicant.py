"""Applicant: papers asked for and supplied, with the clock that stands still in between; withdrawal.

Papers count as complete from receipt until the lead asks for some. What is supplied counts as all that was missing: a
period goes on, or begins anew, on the day it came. Where something still lacks the lead asks again; the clock stops
again, and a period that starts with the complete papers (§ 42a Abs. 2 Satz 2 VwVfG) begins anew with what comes last.
"""

from typing import Any

from services.router.authority import as_lead, as_lead_or_from_outside
from services.router.case import involved
from services.router.closing import close
from services.router.draft import Draft, timers_of
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
    draft.happened(
        "ApplicantAsked", until=until, papers=len(papers), suspended_at=draft.asked_at, timers=[timer]
    )  # fmt: skip
    draft.tell(lead["department"], "ApplicantAsked", text=body["text"], papers=tuple(papers), due_at=until)


def supply(draft: Draft, body: _Body) -> None:
    """The applicant answers; the period goes on by the days really suspended, or begins anew, as the recipe says."""
    as_lead_or_from_outside(draft, body)
    case = draft.case
    came = body["received_at"] if body["arrived_at"] is None else body["arrived_at"]
    refuse_unless(came <= max(draft.now, body["received_at"]), Why.DATE)
    resumed_at = min(max(came, case["suspended_at"] or 0), draft.now)
    restarts = _restarts(draft)
    due = _due_after(draft, resumed_at, restarts=restarts)
    draft.happened(
        "DocumentsSupplied",
        late=case["papers_until"] is not None and came >= case["papers_until"],
        papers=len(body["papers"]),
        suspended_at=case["suspended_at"],
        resumed_at=resumed_at,
        clock="restarts" if restarts else "continues",
        due_at=due.at,
        timers=timers_of(due, "case", "", draft.now),
    )
    draft.tell(draft.lead_department, "DocumentsSupplied", papers=tuple(body["papers"]), due_at=due.at)


def withdraw(draft: Draft, body: _Body) -> None:
    """The applicant takes the application back; the case is closed."""
    as_lead_or_from_outside(draft, body)
    departments = dict.fromkeys((draft.lead_department, *involved(draft.case)))
    draft.happened("CaseWithdrawn")
    close(draft, "withdrawn")
    for department in departments:
        draft.tell(department, "CaseWithdrawn", text=body["reason"] or None)


def _restarts(draft: Draft) -> bool:
    deadline = draft.plan.term.deadline
    return deadline.resume == "restart" or deadline.starts == "completeness"


def _due_after(draft: Draft, resumed_at: int, *, restarts: bool) -> Due:
    case, term = draft.case, draft.plan.term
    target = term.target(draft.content["form"])
    if restarts:
        return term.running(resumed_at, (), case["extended"], target)
    halts = [*case["suspensions"], {"since": case["suspended_at"] or resumed_at, "until": resumed_at}]
    return term.running(case["started_at"], halts, case["extended"], target)  # type: ignore[arg-type]
