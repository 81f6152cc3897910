"""Pause: stations whose time begins anew with papers that were missing, where the recipe says so.

Silence consents only to a complete request: whoever is asked for its Einvernehmen must say in time what is missing, and
then the two months begin with it (BVerwG, 16.09.2004, 4 C 7.03). The lead passes that on to the applicant; once it has
found the papers complete, what it asks for no longer concerns the stations.
"""

from collections.abc import Iterable

from services.router.case import StationState, open_stations, station_of
from services.router.draft import Draft
from services.router.plan import Stop
from services.router.terms import Due, Term


def pausing(draft: Draft) -> list[str]:
    """The open stations whose time ends with the lead's question to the applicant."""
    if draft.case["papers_complete"]:
        return []
    return [s["station"] for s in open_stations(draft.case) if s["due_at"] is not None and _term(draft, s)]


def resuming(draft: Draft) -> dict[str, Due]:
    """The stations whose time begins anew, with its end; the papers are theirs from now on."""
    form = draft.content["form"]
    terms = {s["station"]: _term(draft, s) for s in open_stations(draft.case) if s["due_at"] is None}
    return {name: term.starting(draft.now, term.target(form)) for name, term in terms.items() if term}


def tell_stations(draft: Draft, what: str, names: Iterable[str]) -> None:
    """Tells the departments that their time has no end, or a new one."""
    for name in names:
        station = station_of(draft.case, name)
        if station is not None:
            draft.tell(station["department"], what, name, due_at=station["due_at"])


def _term(draft: Draft, station: StationState) -> Term | None:
    stop: Stop | None = draft.plan.stop.get(station["station"])
    return stop.term if stop and stop.term and stop.term.deadline.waits_for_papers else None
