"""Routing: which stations become due, and the aggregator that tells the lead when all opinions are in."""

from typing import Any

from schemas.rules import Facts
from services.router.case import Case, StationState, Timer, open_stations, station_of
from services.router.draft import Draft, timers_of
from services.router.plan import Plan, Stop


def facts_of(content: dict[str, Any], case: Case | None = None) -> Facts:
    """All that conditions may look at."""
    stations = case["stations"] if case else ()
    opinions = {s["station"]: s["opinion"] for s in stations if s["opinion"] is not None}
    return Facts(content["form"], content["municipality"], content["channel"], opinions)


def due_stops(plan: Plan, case: Case, facts: Facts) -> list[Stop]:
    """The stations not yet opened whose turn it is and whose condition holds.

    A station has its turn when all that it needs are finished; one that does not apply counts as finished. Stations
    that need nothing have had their turn at receipt: what they look at never changes.
    """
    known = {station["station"]: station for station in case["stations"]}
    finished = {name for name, station in known.items() if station["status"] != "open"}
    waiting = [stop for stop in plan.stops if stop.name not in known]
    due: list[Stop] = []
    moved = True
    while moved:
        moved = False
        for stop in tuple(waiting):
            if not stop.needs <= finished:
                continue
            waiting.remove(stop)
            moved = True
            if stop.station.task == "decide":
                applies = stop.name == case["lead"]
            else:
                applies = (bool(stop.needs) or not known) and stop.holds(facts)
            if applies:
                due.append(stop)
            if not applies or stop.station.task == "inform":
                finished.add(stop.name)
    return due


def open_stops(draft: Draft, stops: list[Stop], opened_by: str, at: int) -> None:
    """Opens stations; their periods start at ``at``."""
    if not stops:
        return
    timers: list[Timer] = []
    opened = []
    for stop in stops:
        term = stop.term
        due = None
        if term is not None:
            due = term.starting(at, term.target(draft.content["form"]))
            if stop.station.task != "inform":
                timers += timers_of(due, "station", stop.name, draft.now)
        opened.append(_opened(stop, due.at if due else None))
    draft.happened("StationsOpened", opened_by=opened_by, stations=opened, timers=timers)
    for station in draft.case["stations"][-len(opened) :]:
        draft.slip(station, opened_by)


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
        due = due_stops(plan, case, facts_of(draft.content, case))
        if case["status"] == "decided":
            due = [stop for stop in due if stop.station.task == "inform"]
        open_stops(draft, due, opened_by, draft.now)
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


def lead_station(case: Case) -> StationState | None:
    """The deciding station; None while it waits for others."""
    return station_of(case, case["lead"])
