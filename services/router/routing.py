"""Routing: which stations become due, and the aggregator that tells the lead when all opinions are in."""

from typing import Any

from schemas.rules import Facts
from schemas.slip import due as due_now
from services.router.case import Case, StationState, Timer, open_stations, station_of
from services.router.draft import Draft, timers_of
from services.router.plan import Plan, Stop
from services.router.terms import Due


def facts_of(plan: Plan, content: dict[str, Any], case: Case | None = None) -> Facts:
    """All that conditions may look at."""
    stations = case["stations"] if case else ()
    opinions = {s["station"]: s["opinion"] for s in stations if s["opinion"] is not None}
    return Facts(content["form"], content["municipality"], content["channel"], opinions, plan.town.land)


def due_stops(plan: Plan, stations: list[StationState], lead: str, facts: Facts) -> list[Stop]:
    """The stations not yet opened whose turn it is and whose condition holds."""
    if not plan.has_later_stops:
        return [] if stations else due_now(plan.stops, lead, facts, set())
    known = {station["station"] for station in stations}
    finished = {station["station"] for station in stations if station["status"] != "open"}
    return due_now((stop for stop in plan.stops if stop.name not in known), lead, facts, finished)


def dues_of(stops: list[Stop], form: dict[str, Any], at: int) -> list[tuple[Stop, Due | None]]:
    """The stations with the ends of their periods, which start at ``at``."""
    return [(stop, stop.term.starting(at, stop.term.target(form)) if stop.term else None) for stop in stops]


def open_stops(draft: Draft, dues: list[tuple[Stop, Due | None]], opened_by: str, since: int) -> None:
    """Opens stations; of their reminders, those count that lie after ``since``."""
    if not dues:
        return
    timers: list[Timer] = []
    for stop, due in dues:
        if stop.station.task != "inform":
            timers += timers_of(due, "station", stop.name, since)
    opened = [_opened(stop, due.at if due else None) for stop, due in dues]
    draft.happened("StationsOpened", opened_by=opened_by, stations=opened, timers=timers)
    for station in draft.case["stations"][-len(opened) :]:
        draft.slip(station, opened_by)
        for name in draft.plan.stop[station["station"]].station.hears:
            _pass_on(draft, name, station["department"])


def _pass_on(draft: Draft, name: str, department: str) -> None:
    heard = station_of(draft.case, name)
    if heard is not None and heard["answer"] is not None:
        draft.tell(department, "OpinionGiven", name, text=heard["answer"], detail=heard["opinion"])


def _opened(stop: Stop, due_at: int | None) -> dict[str, Any]:
    station = stop.station
    return {
        "station": stop.name, "task": station.task, "department": stop.department, "view": stop.name,
        "rule": stop.rule, "basis": station.basis, "due_at": due_at,
    }  # fmt: skip


def settle(draft: Draft, opened_by: str) -> None:
    """What follows from a change: stations whose turn has come, and the lead told when nothing is left to wait for."""
    case = draft.result
    if case is None or case["status"] == "closed":
        return
    plan = draft.plan
    if plan.has_later_stops and len(case["stations"]) - case["asked"] < len(plan.stops):
        due = due_stops(plan, case["stations"], case["lead"], facts_of(plan, draft.content, case))
        if case["status"] == "decided":
            due = [stop for stop in due if stop.station.task == "inform"]
        open_stops(draft, dues_of(due, draft.content["form"], draft.now), opened_by, draft.now)
    if draft.case["status"] != "decided":
        _aggregate(draft)


def _aggregate(draft: Draft) -> None:
    case = draft.case
    asked = [station for station in case["stations"] if station["task"] == "consult"]
    if case["complete"] or not asked or any(s["task"] == "consult" for s in open_stations(case)):
        return
    opinions = [
        f"{s['station']}={s['opinion']}" for s in asked if s["opinion"] is not None and s["status"] != "revoked"
    ]
    draft.happened("OpinionsComplete", lead=case["lead"], opinions=opinions)
    draft.tell(draft.lead_department, "OpinionsComplete", case["lead"])
