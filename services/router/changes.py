"""Changes: what each type of event makes of a case; the functions behind :mod:`services.router.evolve`.

Each gets a copy of the case that nobody else holds, and replaces what it changes; lists and records are shared.
"""

from collections.abc import Callable

from services.router import clock_changes, outcome_changes, station_changes
from services.router.amending import Body
from services.router.case import Case


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


CHANGES: dict[str, Callable[[Case, Body], None]] = {
    "StationsOpened": station_changes.stations_opened,
    "StationClaimed": station_changes.claimed,
    "StationReleased": station_changes.released,
    "CaseForwarded": station_changes.forwarded,
    "CaseReturned": station_changes.returned,
    "RoutingCorrected": station_changes.corrected,
    "DepartmentConsulted": station_changes.consulted,
    "ConsultationRevoked": station_changes.revoked,
    "OpinionGiven": station_changes.opinion,
    "StationLapsed": station_changes.lapsed,
    "OpinionsComplete": station_changes.opinions_complete,
    "ApplicantAsked": clock_changes.asked,
    "ApplicantDeadlineExpired": clock_changes.expired,
    "DocumentsSupplied": clock_changes.supplied,
    "PapersFoundComplete": clock_changes.papers_complete,
    "DecisionProposed": outcome_changes.proposed,
    "DecisionSentBack": outcome_changes.sent_back,
    "CaseDecided": outcome_changes.decided,
    "CaseWithdrawn": outcome_changes.withdrawn,
    "CaseClosed": outcome_changes.closed,
    "CaseReopened": outcome_changes.reopened,
    "SubstituteNamed": station_changes.substituted,
    "DeadlineExtended": clock_changes.extended,
    "StationExtended": clock_changes.station_extended,
    "DeliveryConfirmed": station_changes.delivered,
    "DeliveryFailed": station_changes.undelivered,
    "ReminderDue": clock_changes.reminded,
    "DeadlineMissed": clock_changes.missed,
}
