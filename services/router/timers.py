"""Timers: what the router does by itself when a duty falls due and is still open."""

from collections.abc import Callable
from typing import Any

from schemas.deadline import Deadline
from services.router.case import StationState, TimerKind, station_of
from services.router.closing import close
from services.router.completeness import nothing_missing
from services.router.consultation import is_consent
from services.router.decision import decided
from services.router.draft import Draft
from services.router.refusal import Refused, Why

_Body = dict[str, Any]


def fire(draft: Draft, body: _Body) -> None:
    """The duty of one timer; one that is no longer in the case has been done meanwhile."""
    kind, name = body["kind"], body["station"]
    if not any(t["kind"] == kind and t["station"] == name for t in draft.case["timers"]):
        raise Refused(Why.ALREADY_DONE)
    _DUTIES[kind](draft, name)


def _remind_case(draft: Draft, _: str) -> None:
    due_at = draft.case["due_at"]
    draft.happened("ReminderDue", kind="case_reminder", station="", due_at=due_at)
    draft.tell(draft.lead_department, "ReminderDue", due_at=due_at)


def _remind_station(draft: Draft, name: str) -> None:
    station = _station(draft, name)
    draft.happened("ReminderDue", kind="station_reminder", station=name, due_at=station["due_at"])
    draft.tell(station["department"], "ReminderDue", name, due_at=station["due_at"])


def _case_due(draft: Draft, _: str) -> None:
    deadline = _deadline(draft)
    if deadline.on_expiry == "consent":
        decided(
            draft, outcome="granted", text_ref="", decided_by=draft.actor, decided_for=[], countersigned_by=None,
            deemed=True, basis=deadline.basis,
        )  # fmt: skip
    elif deadline.on_expiry == "close":
        close(draft, "expired")
        draft.tell_everybody("CaseClosed")
    else:
        due_at = draft.case["due_at"]
        _missed(draft, "", draft.lead_department, due_at, deadline)


def _deadline(draft: Draft) -> Deadline:
    """Silence ends an application that nobody has decided (§ 42a VwVfG); one taken up again is for people to decide."""
    deadline = draft.plan.term.deadline
    if draft.case["reopened"] and deadline.on_expiry in {"consent", "close"}:
        return deadline.model_copy(update={"on_expiry": "escalate"})
    return deadline


def _station_due(draft: Draft, name: str) -> None:
    station = _station(draft, name)
    stop = draft.plan.stop.get(name)
    deadline = stop.term.deadline if stop and stop.term else None
    returned = bool(station["returned_by"]) and station["department"] == draft.plan.triage
    if deadline and (station["task"] == "decide" or deadline.on_expiry == "escalate" or returned):
        # Whoever returned the case has not kept silent, and whom triage will ask has not been asked.
        _missed(draft, name, station["department"], station["due_at"], deadline)
        return
    consent = is_consent(draft, station)
    draft.happened(
        "StationLapsed",
        station=name,
        department=station["department"],
        consent=consent,
        basis=deadline.basis if deadline else "",
    )
    for department in dict.fromkeys((station["department"], draft.lead_department)):
        draft.tell(department, "StationLapsed", name, detail="consents" if consent else "lapsed")


def _missed(draft: Draft, station: str, department: str, due_at: int | None, deadline: Deadline) -> None:
    draft.happened("DeadlineMissed", station=station, due_at=due_at, basis=deadline.basis)
    for name in dict.fromkeys((department, draft.lead_department)):
        draft.tell(name, "DeadlineMissed", station, due_at=due_at)
    if deadline.on_expiry == "escalate":
        above = draft.plan.escalation(deadline.escalate_to)
        draft.happened("DeadlineEscalated", station=station, to_department=above)
        draft.tell(above, "DeadlineEscalated", station, due_at=due_at)


def _papers_due(draft: Draft, _: str) -> None:
    until = draft.case["papers_until"]
    draft.happened("ApplicantDeadlineExpired", until=until)
    draft.tell(draft.lead_department, "ApplicantDeadlineExpired", due_at=until)


def _papers_checked(draft: Draft, _: str) -> None:
    nothing_missing(draft)


def _objection_over(draft: Draft, _: str) -> None:
    close(draft, "objection_period_over")


def _retention_over(draft: Draft, _: str) -> None:
    draft.happened("CaseErased")


def _station(draft: Draft, name: str) -> StationState:
    station = station_of(draft.case, name)
    if station is None:
        raise Refused(Why.UNKNOWN_STATION)
    return station


_DUTIES: dict[TimerKind, Callable[[Draft, str], None]] = {
    "case_reminder": _remind_case,
    "case_due": _case_due,
    "station_reminder": _remind_station,
    "station_due": _station_due,
    "papers_due": _papers_due,
    "papers_check": _papers_checked,
    "objection_end": _objection_over,
    "retention_end": _retention_over,
}
