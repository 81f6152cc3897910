"""Changes: what each type of event makes of a case; the functions behind :mod:`services.router.evolve`.

Each gets a copy of the case that nobody else holds, and replaces what it changes; lists and records are shared.
"""

from collections.abc import Callable
from typing import Any

from schemas.actor import is_staff
from services.router.absence import not_over
from services.router.case import Case, StationState, Timer, TimerKind

Body = dict[str, Any]

_CASE_TIMERS: tuple[TimerKind, ...] = ("case_reminder", "case_due")
_CLOCK: tuple[TimerKind, ...] = (*_CASE_TIMERS, "papers_check")
_STATION_TIMERS: tuple[TimerKind, ...] = ("station_reminder", "station_due")


def received(body: Body) -> Case:
    """The case that CaseReceived begins."""
    return {
        "case_id": body["case_id"], "version": body["version"], "status": "open", "reference": body["reference"],
        "municipality": body["municipality"], "recipe": body["recipe"], "recipe_version": body["recipe_version"],
        "received_at": body["received_at"], "lead": body["lead"], "due_at": body["due_at"],
        "started_at": body["started_at"], "suspensions": [], "extended": None, "suspended_at": None,
        "papers_until": None, "papers_complete": False, "begun": False, "reopened": False, "complete": False,
        "asked": 0, "stations": [],
        "timers": body["timers"], "watchers": [], "proposal": None, "outcome": None, "substitutes": [], "recent": [],
        "heard": [], "submission": b"",
    }  # fmt: skip


def _station(body: Body, version: int) -> StationState:
    inform = body["task"] == "inform"
    return {
        "station": body["station"], "task": body["task"], "status": "done" if inform else "open",
        "department": body["department"], "view": body["view"], "since": version, "due_at": body["due_at"],
        "extended": None, "holder": None, "opinion": "settled" if inform else None, "delivery": "sent", "hops": 0,
        "returned_by": [], "question": None, "answer": None,
    }  # fmt: skip


def _stations_opened(case: Case, body: Body) -> None:
    opened = [_station(station, body["version"]) for station in body["stations"]]
    case["stations"] = case["stations"] + opened
    case["timers"] = case["timers"] + body["timers"]
    if any(station["status"] == "open" and station["task"] == "consult" for station in opened):
        case["complete"] = False


def _consulted(case: Case, body: Body) -> None:
    _stations_opened(case, body | {"stations": [body | {"task": "consult"}]})
    case["asked"] += 1
    case["begun"] = True


def _amend(case: Case, name: str, **changes: Any) -> None:  # noqa: ANN401 - any field of StationState
    case["stations"] = [
        {**station, **changes} if station["station"] == name else station  # type: ignore[typeddict-item]
        for station in case["stations"]
    ]


def _stop(case: Case, kinds: tuple[TimerKind, ...], station: str = "") -> None:
    case["timers"] = [t for t in case["timers"] if t["kind"] not in kinds or t["station"] != station]


def _finish(case: Case, body: Body, **changes: Any) -> None:  # noqa: ANN401 - any field of StationState
    _amend(case, body["station"], holder=None, **changes)
    _stop(case, _STATION_TIMERS, body["station"])


def _claimed(case: Case, body: Body) -> None:
    # A department holds nothing: what its deputy takes on is the deputy's, or nobody could ever give it back.
    holder = next(filter(is_staff, body["acted_for"]), body["actor"])
    _amend(case, body["station"], holder=holder)
    case["begun"] = case["begun"] or body["station"] == case["lead"]


def _released(case: Case, body: Body) -> None:
    _amend(case, body["station"], holder=None)


def _moved(case: Case, body: Body) -> StationState:
    old = next(station for station in case["stations"] if station["station"] == body["station"])
    _amend(
        case,
        body["station"],
        department=body["to_department"],
        view=body["view"],
        holder=None,
        delivery="sent",
        hops=old["hops"] + 1,
    )
    if body["station"] == case["lead"]:
        case["proposal"] = None
    return old


def _forwarded(case: Case, body: Body) -> None:
    _moved(case, body)
    if body["stays_involved"] and body["from_department"] not in case["watchers"]:
        case["watchers"] = [*case["watchers"], body["from_department"]]


def _returned(case: Case, body: Body) -> None:
    old = _moved(case, body)
    _amend(case, body["station"], returned_by=[*old["returned_by"], body["from_department"]])


def _corrected(case: Case, body: Body) -> None:
    _moved(case, body)
    if body["due_at"] is not None:
        _stop(case, _STATION_TIMERS, body["station"])
        case["timers"] = case["timers"] + body["timers"]
        _amend(case, body["station"], due_at=body["due_at"])


def _revoked(case: Case, body: Body) -> None:
    _finish(case, body, status="revoked")


def _opinion(case: Case, body: Body) -> None:
    if body["counts"]:
        _finish(case, body, status="done", opinion=body["opinion"])
    elif body["after_revocation"]:
        _amend(case, body["station"], opinion=body["opinion"])


def _lapsed(case: Case, body: Body) -> None:
    _finish(case, body, status="lapsed", opinion="lapsed")


def _complete(case: Case, _: Body) -> None:
    case["complete"] = True


def _asked(case: Case, body: Body) -> None:
    _stop(case, ("papers_due",))
    case["status"], case["papers_until"], case["begun"], case["proposal"] = "waiting", body["until"], True, None
    if body["suspended_at"] is not None:
        _stop(case, _CLOCK)
        case["suspended_at"] = case["suspended_at"] or body["suspended_at"]
    for station in body["stations"]:
        _stop(case, _STATION_TIMERS, station)
        _amend(case, station, due_at=None)
    case["timers"] = case["timers"] + body["timers"]


def _supplied(case: Case, body: Body) -> None:
    _stop(case, ("papers_due",) if body["clock"] == "runs" else (*_CLOCK, "papers_due"))
    if body["clock"] == "restarts":
        case["started_at"], case["suspensions"] = body["resumed_at"], []
    elif body["clock"] == "continues":
        case["suspensions"] = [*case["suspensions"], {"since": body["suspended_at"], "until": body["resumed_at"]}]
    for station in body["stations"]:
        _amend(case, station["station"], due_at=station["due_at"])
    case["status"] = "open"
    case["papers_until"] = case["suspended_at"] = case["proposal"] = None
    case["due_at"], case["timers"] = body["due_at"], case["timers"] + body["timers"]


def _complete_papers(case: Case, body: Body) -> None:
    _stop(case, _CLOCK)
    case["papers_complete"], case["started_at"] = True, body["started_at"]
    case["due_at"], case["timers"] = body["due_at"], case["timers"] + body["timers"]


def _proposed(case: Case, body: Body) -> None:
    case["begun"] = True
    case["proposal"] = {
        "outcome": body["outcome"],
        "text_ref": body["text_ref"],
        "actor": body["actor"],
        "acted_for": body["acted_for"],
    }


def _sent_back(case: Case, _: Body) -> None:
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


def _decided(case: Case, body: Body) -> None:
    case["status"], case["outcome"] = "decided", "deemed" if body["deemed"] else body["outcome"]
    _end(case, body["timers"])


def _withdrawn(case: Case, _: Body) -> None:
    case["outcome"] = "withdrawn"


def _closed(case: Case, body: Body) -> None:
    case["status"] = "closed"
    _end(case, body["timers"])


def _reopened(case: Case, body: Body) -> None:
    case["status"], case["outcome"] = "open", None
    case["begun"] = case["reopened"] = True
    case["complete"] = body["stations"] == [body["lead"]]
    case["started_at"], case["suspensions"], case["extended"] = body["at"], [], None
    case["papers_complete"] = True
    case["due_at"], case["timers"] = body["due_at"], body["timers"]
    for name in body["stations"]:
        _amend(case, name, status="open", holder=None, since=body["version"])


def _substituted(case: Case, body: Body) -> None:
    case["substitutes"] = [
        *not_over(case["substitutes"], body["at"]),
        {"who": body["who"], "deputy": body["deputy"], "since": body["since"], "until": body["until"]},
    ]


def _extended(case: Case, body: Body) -> None:
    _stop(case, _CASE_TIMERS)
    case["extended"], case["due_at"], case["timers"] = body["by"], body["due_at"], case["timers"] + body["timers"]


def _station_extended(case: Case, body: Body) -> None:
    _stop(case, _STATION_TIMERS, body["station"])
    case["timers"] = case["timers"] + body["timers"]
    _amend(case, body["station"], extended=body["by"], due_at=body["due_at"])


def _delivered(case: Case, body: Body) -> None:
    _amend(case, body["station"], delivery="confirmed")


def _undelivered(case: Case, body: Body) -> None:
    _amend(case, body["station"], delivery="failed")


def _expired(case: Case, _: Body) -> None:
    _stop(case, ("papers_due",))


def _reminded(case: Case, body: Body) -> None:
    _stop(case, (body["kind"],), body["station"])


def _missed(case: Case, body: Body) -> None:
    _stop(case, ("station_due",) if body["station"] else ("case_due",), body["station"])


CHANGES: dict[str, Callable[[Case, Body], None]] = {
    "StationsOpened": _stations_opened,
    "StationClaimed": _claimed,
    "StationReleased": _released,
    "CaseForwarded": _forwarded,
    "CaseReturned": _returned,
    "RoutingCorrected": _corrected,
    "DepartmentConsulted": _consulted,
    "ConsultationRevoked": _revoked,
    "OpinionGiven": _opinion,
    "StationLapsed": _lapsed,
    "OpinionsComplete": _complete,
    "ApplicantAsked": _asked,
    "ApplicantDeadlineExpired": _expired,
    "DocumentsSupplied": _supplied,
    "PapersFoundComplete": _complete_papers,
    "DecisionProposed": _proposed,
    "DecisionSentBack": _sent_back,
    "CaseDecided": _decided,
    "CaseWithdrawn": _withdrawn,
    "CaseClosed": _closed,
    "CaseReopened": _reopened,
    "SubstituteNamed": _substituted,
    "DeadlineExtended": _extended,
    "StationExtended": _station_extended,
    "DeliveryConfirmed": _delivered,
    "DeliveryFailed": _undelivered,
    "ReminderDue": _reminded,
    "DeadlineMissed": _missed,
}
