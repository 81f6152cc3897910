"""Station changes: what events make of the stations of a case, and of who stands in for whom."""

from schemas.actor import is_staff
from services.router.absence import not_over
from services.router.amending import STATION_TIMERS, Body, amend, finish, stop
from services.router.case import Case, StationState


def _station(body: Body, version: int) -> StationState:
    inform = body["task"] == "inform"
    return {
        "station": body["station"], "task": body["task"], "status": "done" if inform else "open",
        "department": body["department"], "view": body["view"], "since": version, "due_at": body["due_at"],
        "extended": None, "holder": None, "opinion": "settled" if inform else None, "delivery": "sent", "hops": 0,
        "returned_by": [], "question": None, "answer": None,
    }  # fmt: skip


def stations_opened(case: Case, body: Body) -> None:
    """Further stations are due; one that is asked means that not all opinions are in."""
    opened = [_station(station, body["version"]) for station in body["stations"]]
    case["stations"] = case["stations"] + opened
    case["timers"] = case["timers"] + body["timers"]
    if any(station["status"] == "open" and station["task"] == "consult" for station in opened):
        case["complete"] = False


def consulted(case: Case, body: Body) -> None:
    """A department that the recipe did not name is asked."""
    stations_opened(case, body | {"stations": [body | {"task": "consult"}]})
    case["asked"] += 1
    case["begun"] = True


def claimed(case: Case, body: Body) -> None:
    """A person takes the station on."""
    # A department holds nothing: what its deputy takes on is the deputy's, or nobody could ever give it back.
    holder = next(filter(is_staff, body["acted_for"]), body["actor"])
    amend(case, body["station"], holder=holder)
    case["begun"] = case["begun"] or body["station"] == case["lead"]


def released(case: Case, body: Body) -> None:
    """Whoever held the station gives it back."""
    amend(case, body["station"], holder=None)


def _moved(case: Case, body: Body) -> StationState:
    old = next(station for station in case["stations"] if station["station"] == body["station"])
    amend(
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


def forwarded(case: Case, body: Body) -> None:
    """Another department has the station; the sender may stay involved."""
    _moved(case, body)
    if body["stays_involved"] and body["from_department"] not in case["watchers"]:
        case["watchers"] = [*case["watchers"], body["from_department"]]


def returned(case: Case, body: Body) -> None:
    """The station is at triage, which must know who does not want it."""
    old = _moved(case, body)
    amend(case, body["station"], returned_by=[*old["returned_by"], body["from_department"]])


def corrected(case: Case, body: Body) -> None:
    """Triage has found the right department; it has the whole time where it is asked."""
    _moved(case, body)
    if body["due_at"] is not None:
        stop(case, STATION_TIMERS, body["station"])
        case["timers"] = case["timers"] + body["timers"]
        amend(case, body["station"], due_at=body["due_at"])


def revoked(case: Case, body: Body) -> None:
    """Nobody waits for the answer any more."""
    finish(case, body, status="revoked")


def opinion(case: Case, body: Body) -> None:
    """An answer; one that came too late is kept and settles nothing."""
    if body["counts"]:
        finish(case, body, status="done", opinion=body["opinion"])
    elif body["after_revocation"]:
        amend(case, body["station"], opinion=body["opinion"])


def lapsed(case: Case, body: Body) -> None:
    """The time for an answer is over."""
    finish(case, body, status="lapsed", opinion="lapsed")


def opinions_complete(case: Case, _: Body) -> None:
    """The lead knows that all opinions are in."""
    case["complete"] = True


def substituted(case: Case, body: Body) -> None:
    """Somebody stands in; those whose time is over are forgotten."""
    case["substitutes"] = [
        *not_over(case["substitutes"], body["at"]),
        {"who": body["who"], "deputy": body["deputy"], "since": body["since"], "until": body["until"]},
    ]


def delivered(case: Case, body: Body) -> None:
    """The department's system has it."""
    amend(case, body["station"], delivery="confirmed")


def undelivered(case: Case, body: Body) -> None:
    """The department's system could not be given it."""
    amend(case, body["station"], delivery="failed")
