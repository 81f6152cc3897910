"""Transitions: in which state a case takes which request, and what may happen then; ``transitions.md`` shows it.

The router refuses what is not in here; tests hold the events against it, and the page too.
"""

from services.router.case import CaseStatus

Row = dict[CaseStatus, tuple[str, ...]]

_ONGOING: tuple[CaseStatus, ...] = ("open", "waiting")
_UNCLOSED: tuple[CaseStatus, ...] = ("open", "waiting", "decided")
_ALWAYS: tuple[CaseStatus, ...] = ("open", "waiting", "decided", "closed")


def _in(states: tuple[CaseStatus, ...], *events: str) -> Row:
    return dict.fromkeys(states, events)


TRANSITIONS: dict[str, Row] = {
    "Claim": _in(_ONGOING, "StationClaimed"),
    "Release": _in(_ONGOING, "StationReleased"),
    "Forward": _in(_ONGOING, "CaseForwarded"),
    "Return": _in(_ONGOING, "CaseReturned"),
    "Correct": _in(_ONGOING, "RoutingCorrected"),
    "Consult": _in(_ONGOING, "DepartmentConsulted"),
    "RevokeConsultation": _in(_ONGOING, "ConsultationRevoked"),
    "GiveOpinion": _in(_ALWAYS, "OpinionGiven"),
    "AskApplicant": _in(_ONGOING, "ApplicantAsked"),
    "SupplyDocuments": _in(("waiting",), "DocumentsSupplied"),
    "Decide": _in(_ONGOING, "DecisionProposed", "CaseDecided"),
    "CountersignDecision": _in(_ONGOING, "CaseDecided", "DecisionSentBack"),
    "Withdraw": _in(_ONGOING, "CaseWithdrawn"),
    "Reopen": _in(("decided", "closed"), "CaseReopened"),
    "AddNote": _in(_UNCLOSED, "NoteAdded"),
    "Substitute": _in(_UNCLOSED, "SubstituteNamed"),
    "ExtendDeadline": _in(("open",), "DeadlineExtended"),
    "ConfirmDelivery": _in(_ALWAYS, "DeliveryConfirmed"),
    "ReportDeliveryFailure": _in(_ALWAYS, "DeliveryFailed"),
    "TimerFired": {
        "open": ("ReminderDue", "DeadlineMissed", "StationLapsed", "CaseDecided", "CaseClosed"),
        "waiting": ("ReminderDue", "DeadlineMissed", "StationLapsed", "ApplicantDeadlineExpired"),
        "decided": ("CaseClosed",),
        "closed": ("CaseErased",),
    },
}
"""Request → state → the first event, one of these; what else follows from it stands in FOLLOWING."""

FOLLOWING: dict[str, tuple[str, ...]] = {
    "CaseReceived": ("StationsOpened",),
    "CaseForwarded": (),
    "OpinionGiven": ("StationsOpened", "OpinionsComplete"),
    "StationLapsed": ("StationsOpened", "OpinionsComplete"),
    "ConsultationRevoked": ("StationsOpened", "OpinionsComplete"),
    "CaseDecided": ("StationsOpened",),
    "CaseWithdrawn": ("CaseClosed",),
    "CaseReopened": ("StationsOpened",),
    "DeadlineMissed": ("DeadlineEscalated",),
}
"""Event → events that may follow it within one decision, in this order; CitizenStatusChanged may end any of them."""
