"""Consultation: opinions that the lead asks for beyond the recipe, and opinions given, in time, late or unasked."""

from typing import Any

from schemas.recipe import ON_REQUEST
from services.router.authority import act_for, as_lead, station_named
from services.router.case import StationState, station_of
from services.router.draft import Draft, timers_of
from services.router.refusal import Refused, Why, refuse_unless
from services.router.terms import Due

MAX_ASKED = 20
"""How many departments one case may consult beyond its recipe."""

_Body = dict[str, Any]


def consult(draft: Draft, body: _Body) -> None:
    """The lead asks a department that the recipe did not name."""
    lead = as_lead(draft, body)
    department = draft.department(body["to_department"])
    refuse_unless(department != lead["department"], Why.SAME_DEPARTMENT)
    refuse_unless(draft.case["asked"] < MAX_ASKED, Why.TOO_MANY)
    refuse_unless(body["question"].strip(), Why.REASON_MISSING)
    refuse_unless(body["until"] > draft.asked_at, Why.DATE)
    name = f"{ON_REQUEST}-{draft.case['asked'] + 1}"
    due = Due(body["until"], body["remind_at"])
    draft.happened(
        "DepartmentConsulted",
        station=name,
        department=department,
        view=draft.plan.view_for(department, name),
        due_at=due.at,
        timers=timers_of(due, "station", name, draft.now),
    )
    draft.keep(name, question=body["question"])
    opened = station_of(draft.case, name)
    if opened is not None:
        draft.slip(opened, "DepartmentConsulted")
    draft.tell(department, "DepartmentConsulted", name, text=body["question"], due_at=due.at)


def revoke(draft: Draft, body: _Body) -> None:
    """The lead no longer waits for an opinion that it had asked for itself; what the recipe asks for stays asked."""
    as_lead(draft, body)
    station = station_named(draft, body)
    refuse_unless(station["station"].startswith(f"{ON_REQUEST}-"), Why.NOT_REVOCABLE)
    refuse_unless(station["status"] == "open", Why.STATION_NOT_OPEN)
    draft.happened("ConsultationRevoked", station=station["station"], department=station["department"])
    draft.tell(station["department"], "ConsultationRevoked", station["station"], text=body["reason"])


def give_opinion(draft: Draft, body: _Body) -> None:
    """A department's opinion. It is kept whenever it comes; late ones and those after revocation are marked."""
    station = station_named(draft, body)
    refuse_unless(station["task"] == "consult", Why.NOT_ALLOWED)
    act_for(draft, body, station["department"], station["holder"])
    if station["status"] == "done" or (station["status"] == "revoked" and station["opinion"] is not None):
        raise Refused(Why.ALREADY_DONE)
    late = _is_late(draft, station, body["received_at"])
    given = {
        "late": late,
        "after_revocation": station["status"] == "revoked",
        "counts": _counts(draft, station, late=late),
    }
    name, said = station["station"], body["opinion"]
    draft.happened("OpinionGiven", station=name, department=station["department"], opinion=said, **given)
    draft.keep(name, answer=body["text"])
    draft.tell(draft.lead_department, "OpinionGiven", name, text=body["text"], detail=said, mark=_mark(**given))


def _mark(*, late: bool, after_revocation: bool, counts: bool) -> str | None:
    if after_revocation:
        return "after-revocation"
    return None if not late else "late" if counts else "too-late"


def _is_late(draft: Draft, station: StationState, received_at: int) -> bool:
    over = station["status"] == "ended" or draft.case["status"] in {"decided", "closed"}
    return over or (station["due_at"] is not None and received_at >= station["due_at"])


def _counts(draft: Draft, station: StationState, *, late: bool) -> bool:
    """Silence that counted as consent stands; but whoever had answered in time was not silent."""
    if station["status"] != "lapsed":
        return station["status"] != "revoked"
    return not late or not is_consent(draft, station)


def is_consent(draft: Draft, station: StationState) -> bool:
    """Whether the recipe counts this station's silence as consent."""
    stop = draft.plan.stop.get(station["station"])
    return stop is not None and stop.term is not None and stop.term.deadline.on_expiry == "consent"
