"""Transitions: in which state a case takes which request, and what may happen then; ``transitions.md`` shows it.

The router refuses what is not in here; tests hold the events against it, and the page too.
"""

from pathlib import Path

from services.router.case import CaseStatus

PAGE = Path(__file__).with_suffix(".md")
Row = dict[CaseStatus, tuple[str, ...]]

_ONGOING: tuple[CaseStatus, ...] = ("open", "waiting")
_UNCLOSED: tuple[CaseStatus, ...] = ("open", "waiting", "decided")
_ALWAYS: tuple[CaseStatus, ...] = (*_UNCLOSED, "closed")


def _in(states: tuple[CaseStatus, ...], *events: str) -> Row:
    return dict.fromkeys(states, events)


TRANSITIONS: dict[str, Row] = {
    "Claim": _in(_ONGOING, "StationClaimed"),
    "Release": _in(_ONGOING, "StationReleased"),
    "Forward": _in(_ONGOING, "CaseForwarded"),
    "Return": _in(_UNCLOSED, "CaseReturned"),
    "Correct": _in(_UNCLOSED, "RoutingCorrected"),
    "Consult": _in(_ONGOING, "DepartmentConsulted"),
    "RevokeConsultation": _in(_ONGOING, "ConsultationRevoked"),
    "GiveOpinion": _in(_ALWAYS, "OpinionGiven"),
    "AskApplicant": _in(_ONGOING, "ApplicantAsked"),
    "SupplyDocuments": _in(_ONGOING, "DocumentsSupplied"),
    "ConfirmCompleteness": _in(("open",), "PapersFoundComplete"),
    "Decide": _in(_ONGOING, "DecisionProposed", "CaseDecided"),
    "CountersignDecision": _in(_ONGOING, "CaseDecided", "DecisionSentBack"),
    "Withdraw": _in(_ONGOING, "CaseWithdrawn"),
    "Reopen": _in(("decided", "closed"), "CaseReopened"),
    "AddNote": _in(_UNCLOSED, "NoteAdded"),
    "Substitute": _in(_UNCLOSED, "SubstituteNamed"),
    "ExtendDeadline": {"open": ("DeadlineExtended", "StationExtended"), "waiting": ("StationExtended",)},
    "ConfirmDelivery": _in(_ALWAYS, "DeliveryConfirmed"),
    "ReportDeliveryFailure": _in(_ALWAYS, "DeliveryFailed"),
    "TimerFired": {
        "open": ("ReminderDue", "DeadlineMissed", "StationLapsed", "CaseDecided", "CaseClosed", "PapersFoundComplete"),
        "waiting": (
            "ReminderDue",
            "DeadlineMissed",
            "StationLapsed",
            "CaseDecided",
            "CaseClosed",
            "ApplicantDeadlineExpired",
        ),
        "decided": ("CaseClosed",),
        "closed": ("CaseErased",),
    },
}
"""Request → state → the first event, one of these; what else follows from it stands in FOLLOWING."""

FOLLOWING: dict[str, tuple[str, ...]] = {
    "CaseReceived": ("StationsOpened",),
    "OpinionGiven": ("StationsOpened", "OpinionsComplete"),
    "StationLapsed": ("StationsOpened", "OpinionsComplete"),
    "ConsultationRevoked": ("StationsOpened", "OpinionsComplete"),
    "CaseDecided": ("StationsOpened",),
    "CaseWithdrawn": ("CaseClosed",),
    "CaseReopened": ("StationsOpened",),
    "DeadlineMissed": ("DeadlineEscalated",),
}
"""Event → events that may follow it within one decision, in this order; CitizenStatusChanged may end any of them."""

_INTRODUCTION = """\
# What a case does when asked

Rows are requests, columns the states of a case. A cell names the event that comes first; a dash means that the router
answers CommandRefused. Written by `python -m services.router.transitions`; tests hold page and code to each other.

A case is *open*, *waiting* for the applicant (its clock stands still, if it is one that can), *decided* (objections are
still possible) or *closed*. CaseSubmitted begins it: CaseReceived, StationsOpened.
"""


def page() -> str:
    """The tables as ``transitions.md``."""
    lines = [_INTRODUCTION, f"| request | {' | '.join(_ALWAYS)} |", "|---|" + "---|" * len(_ALWAYS)]
    for request, row in TRANSITIONS.items():
        cells = [" or ".join(row.get(state, ())) or "-" for state in _ALWAYS]
        lines.append(f"| {request} | {' | '.join(cells)} |")
    lines += ["", "What may follow the first event, in this order; CitizenStatusChanged may end any of them.", ""]
    lines += ["| first | then |", "|---|---|"]
    lines += [f"| {first} | {', '.join(then)} |" for first, then in FOLLOWING.items()]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
