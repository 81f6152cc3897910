"""Event: one thing that happened to a case, by its type's name and its record; and who may be shown it."""

from typing import Any, Literal, NamedTuple

Audience = Literal["internal", "involved", "applicant"]


class Event(NamedTuple):
    """``body`` is the record of ``schemas/events/<kind>.avsc``."""

    kind: str
    body: dict[str, Any]


AUDIENCE: dict[str, Audience] = {
    "CaseReceived": "applicant",
    "StationsOpened": "involved",
    "StationClaimed": "internal",
    "StationReleased": "internal",
    "CaseForwarded": "involved",
    "CaseReturned": "internal",
    "RoutingCorrected": "internal",
    "DepartmentConsulted": "involved",
    "ConsultationRevoked": "involved",
    "OpinionGiven": "involved",
    "StationLapsed": "involved",
    "OpinionsComplete": "involved",
    "ApplicantAsked": "applicant",
    "ApplicantDeadlineExpired": "applicant",
    "DocumentsSupplied": "applicant",
    "PapersFoundComplete": "applicant",
    "DecisionProposed": "internal",
    "DecisionSentBack": "internal",
    "CaseDecided": "applicant",
    "CaseWithdrawn": "applicant",
    "CaseClosed": "applicant",
    "CaseReopened": "applicant",
    "CaseErased": "internal",
    "NoteAdded": "internal",
    "SubstituteNamed": "internal",
    "DeadlineExtended": "applicant",
    "StationExtended": "involved",
    "DeliveryConfirmed": "internal",
    "DeliveryFailed": "internal",
    "ReminderDue": "internal",
    "DeadlineMissed": "internal",
    "DeadlineEscalated": "internal",
    "CitizenStatusChanged": "applicant",
    "CommandRefused": "internal",
}
