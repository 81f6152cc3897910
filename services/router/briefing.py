"""Briefing: what a department, or its deputy, must know that takes a station over from another."""

from services.router.case import StationState
from services.router.draft import Draft


def brief(draft: Draft, station: StationState, opened_by: str, deputy: str | None = None) -> None:
    """The case itself, the question put to the station, and to the lead the opinions given so far."""
    department = station["department"]
    draft.slip(station, opened_by, deputy)
    if station["question"]:
        asked = {"text": station["question"], "due_at": station["due_at"]}
        draft.tell(department, "DepartmentConsulted", station["station"], deputy=deputy, **asked)
    if station["station"] == draft.case["lead"]:
        _opinions(draft, department, deputy)


def _opinions(draft: Draft, department: str, deputy: str | None) -> None:
    for station in draft.case["stations"]:
        if station["answer"] is not None:
            said = {"text": station["answer"], "detail": station["opinion"]}
            draft.tell(department, "OpinionGiven", station["station"], deputy=deputy, **said)
