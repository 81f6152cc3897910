"""Completeness: whether all papers are there; it begins the periods that run from the complete papers.

A deemed approval runs from the complete papers (§ 42a Abs. 2 Satz 2 VwVfG), and an authority says without delay what is
missing (§ 71b Abs. 4, § 25 Abs. 2 VwVfG). An application that nobody looked at must not be granted by the clock, nor
may a clerk keep the clock from starting by saying nothing. So after each receipt of papers the lead has the recipe's
``check_within`` to ask for what is missing; who asks for nothing has found them complete. Two Länder have it like
that: ten working days in § 71 Abs. 1 BauO NRW, three weeks in Art. 68 Abs. 2 BayBO.

Until then each receipt begins the period anew. Afterwards a question stops the clock and no longer turns it back.
"""

from typing import Any

from services.router.authority import as_lead
from services.router.clock import case_timers, ends
from services.router.draft import Draft
from services.router.refusal import Why, refuse_unless


def confirm(draft: Draft, body: dict[str, Any]) -> None:
    """The lead says that all papers are there, and since when where that is not the last receipt."""
    as_lead(draft, body)
    case, since = draft.case, body["complete_since"]
    refuse_unless(not case["papers_complete"], Why.ALREADY_DONE)
    refuse_unless(since is None or since <= draft.asked_at, Why.DATE)
    _found(draft, case["started_at"] if since is None else max(since, case["received_at"]), deemed=False)


def nothing_missing(draft: Draft) -> None:
    """The time for the check is over, and the lead has asked for nothing."""
    _found(draft, draft.case["started_at"], deemed=True)


def _found(draft: Draft, since: int, *, deemed: bool) -> None:
    case = draft.case
    started = since if draft.plan.term.deadline.starts == "completeness" else case["started_at"]
    due = ends(draft, started, case["suspensions"], case["extended"])
    draft.happened(
        "PapersFoundComplete",
        deemed=deemed,
        complete_since=since,
        started_at=started,
        due_at=due.at,
        timers=case_timers(draft, due),
    )
    draft.tell(
        draft.lead_department, "PapersFoundComplete", due_at=due.at, detail="deemed" if deemed else "confirmed"
    )  # fmt: skip
