"""Clock changes: what events make of a case's periods and timers."""

from services.router.amending import CASE_TIMERS, CLOCK, STATION_TIMERS, Body, amend, stop
from services.router.case import Case


def asked(case: Case, body: Body) -> None:
    """The case waits for papers; what can stop, stops."""
    stop(case, ("papers_due",))
    case["status"], case["papers_until"], case["begun"], case["proposal"] = "waiting", body["until"], True, None
    if body["suspended_at"] is not None:
        stop(case, CLOCK)
        case["suspended_at"] = case["suspended_at"] or body["suspended_at"]
    for station in body["stations"]:
        stop(case, STATION_TIMERS, station)
        amend(case, station, due_at=None)
    case["timers"] = case["timers"] + body["timers"]


def supplied(case: Case, body: Body) -> None:
    """Papers came; the clock goes on, begins anew, or never stopped."""
    stop(case, ("papers_due",) if body["clock"] == "runs" else (*CLOCK, "papers_due"))
    if body["clock"] == "restarts":
        case["started_at"], case["suspensions"] = body["resumed_at"], []
    elif body["clock"] == "continues":
        case["suspensions"] = [*case["suspensions"], {"since": body["suspended_at"], "until": body["resumed_at"]}]
    for station in body["stations"]:
        amend(case, station["station"], due_at=station["due_at"])
    case["status"] = "open"
    case["papers_until"] = case["suspended_at"] = case["proposal"] = None
    case["due_at"], case["timers"] = body["due_at"], case["timers"] + body["timers"]


def papers_complete(case: Case, body: Body) -> None:
    """From now on the period runs that begins with the complete papers."""
    stop(case, CLOCK)
    case["papers_complete"], case["started_at"] = True, body["started_at"]
    case["due_at"], case["timers"] = body["due_at"], case["timers"] + body["timers"]


def expired(case: Case, _: Body) -> None:
    """The time for papers is over."""
    stop(case, ("papers_due",))


def extended(case: Case, body: Body) -> None:
    """The case has more time, once."""
    stop(case, CASE_TIMERS)
    case["extended"], case["due_at"], case["timers"] = body["by"], body["due_at"], case["timers"] + body["timers"]


def station_extended(case: Case, body: Body) -> None:
    """The station has more time, once."""
    stop(case, STATION_TIMERS, body["station"])
    case["timers"] = case["timers"] + body["timers"]
    amend(case, body["station"], extended=body["by"], due_at=body["due_at"])


def reminded(case: Case, body: Body) -> None:
    """A reminder has been given."""
    stop(case, (body["kind"],), body["station"])


def missed(case: Case, body: Body) -> None:
    """A deadline has passed; it is missed once."""
    stop(case, ("station_due",) if body["station"] else ("case_due",), body["station"])
