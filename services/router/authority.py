"""Authority: whether an actor may act at a station, in whose stead, and how that stays visible."""

from typing import Any

from schemas.actor import APPLICANT, is_staff, is_system
from schemas.form import days
from services.router.case import StationState, involved, station_of
from services.router.deadlines.instant import day_of, from_us
from services.router.draft import Draft
from services.router.refusal import Refused, Why, refuse_unless


def station_named(draft: Draft, body: dict[str, Any]) -> StationState:
    """The station that the command names, opened at any time before."""
    station = station_of(draft.case, body["station"])
    if station is None:
        raise Refused(Why.UNKNOWN_STATION)
    return station


def at_open_station(draft: Draft, body: dict[str, Any]) -> StationState:
    """The open station that the command names, its actor entitled to act there."""
    station = station_named(draft, body)
    refuse_unless(station["status"] == "open", Why.STATION_NOT_OPEN)
    act_for(draft, body, station["department"], station["holder"])
    return station


def as_lead(draft: Draft, body: dict[str, Any]) -> StationState:
    """The open deciding station, the actor entitled to act there."""
    lead = station_of(draft.case, draft.case["lead"])
    if lead is None or lead["status"] != "open":
        raise Refused(Why.STATION_NOT_OPEN)
    act_for(draft, body, lead["department"], lead["holder"])
    return lead


def as_lead_or_from_outside(draft: Draft, body: dict[str, Any]) -> None:
    """The applicant, a system that speaks for the applicant, or the lead's department."""
    if body["actor"] == APPLICANT or is_system(body["actor"]):
        return
    act_for(draft, body, draft.lead_department, None)


def as_involved(draft: Draft, body: dict[str, Any]) -> None:
    """Anybody in a department that takes part."""
    refuse_unless(body["department"] in involved(draft.case), Why.NOT_YOUR_DEPARTMENT)
    act_for(draft, body, body["department"], None)


def as_system(body: dict[str, Any], station: StationState) -> None:
    """The system that delivers to the station's department."""
    refuse_unless(is_system(body["actor"]), Why.NOT_ALLOWED)
    refuse_unless(body["department"] == station["department"], Why.NOT_YOUR_DEPARTMENT)


def act_for(draft: Draft, body: dict[str, Any], department: str, holder: str | None) -> None:
    """Checks department and person, and records for whom the actor stands in."""
    actor, absent = body["actor"], body["acting_for"]
    refuse_unless(is_staff(actor), Why.NOT_ALLOWED)
    if body["department"] != department:
        refuse_unless(_stands_in(draft, department, body["department"]), Why.NOT_YOUR_DEPARTMENT)
        draft.acted_for = department
    if absent is not None:
        refuse_unless(is_staff(absent) and _stands_in(draft, absent, actor), Why.NO_SUBSTITUTE)
        draft.acted_for = absent
    refuse_unless(holder is None or holder in {actor, absent}, Why.CLAIMED_BY_ANOTHER)


def _stands_in(draft: Draft, who: str, deputy: str) -> bool:
    town = draft.plan.town
    office = town.departments.get(who)
    if office is not None and office.deputy == deputy:
        return True
    today = day_of(from_us(draft.asked_at))
    named, number = today.isoformat(), days(today)
    return any(
        (absence.who, absence.deputy) == (who, deputy) and absence.since <= named <= absence.until
        for absence in town.absences
    ) or any(
        (absence["who"], absence["deputy"]) == (who, deputy) and absence["since"] <= number <= absence["until"]
        for absence in draft.case["substitutes"]
    )
