"""Outcome changes: what a decision, its second signature, an end and a new beginning make of a case."""

from services.router.amending import Body, amend
from services.router.case import Case, Timer


def proposed(case: Case, body: Body) -> None:
    """One of two persons has decided."""
    case["begun"] = True
    case["proposal"] = {
        "outcome": body["outcome"],
        "text_ref": body["text_ref"],
        "actor": body["actor"],
        "acted_for": body["acted_for"],
    }


def sent_back(case: Case, _: Body) -> None:
    """The second person does not agree."""
    case["proposal"] = None


def _end_stations(case: Case) -> None:
    case["stations"] = [
        {**s, "status": "done" if s["station"] == case["lead"] and case["outcome"] else "ended", "holder": None}
        if s["status"] == "open"
        else s
        for s in case["stations"]
    ]


def _end(case: Case, timers: list[Timer]) -> None:
    _end_stations(case)
    case["papers_until"] = case["suspended_at"] = case["proposal"] = None
    case["timers"] = timers


def decided(case: Case, body: Body) -> None:
    """The case is decided; its objection period runs."""
    case["status"], case["outcome"] = "decided", "deemed" if body["deemed"] else body["outcome"]
    _end(case, body["timers"])


def withdrawn(case: Case, _: Body) -> None:
    """The applicant has taken the application back."""
    case["outcome"] = "withdrawn"


def closed(case: Case, body: Body) -> None:
    """The case is over; only its retention runs."""
    case["status"] = "closed"
    _end(case, body["timers"])


def reopened(case: Case, body: Body) -> None:
    """The case is taken up again, with the stations that may still answer; its papers count as complete."""
    case["status"], case["outcome"] = "open", None
    case["begun"] = case["reopened"] = True
    case["complete"] = body["stations"] == [body["lead"]]
    case["started_at"], case["suspensions"], case["extended"] = body["at"], [], None
    case["papers_complete"] = True
    case["due_at"], case["timers"] = body["due_at"], body["timers"]
    for name in body["stations"]:
        amend(case, name, status="open", holder=None, since=body["version"])
