"""Facts for the citizen: the ZBP status, what happens next, until when, whom to call; German, within ZBP's limits."""

from typing import Any, Literal

from services.router.case import Case, station_of
from services.router.citizen_words import WORDS
from services.router.deadlines.instant import day_of, from_us
from services.router.plan import Plan

ZbpStatus = Literal["INITIATED", "SUBMITTED", "RECEIVED", "PROCESSING", "ACTION_REQUIRED", "COMPLETED"]
DETAILS, NEXT_STEP, CONTACT = 50, 100, 100
"""ZBP's limits of statusDetails, additionalInformation and senderName."""

_REMEMBERED = 1_000


def citizen_facts(
    plan: Plan, status: ZbpStatus, department: str, until: int | None, outcome: str | None = None
) -> dict[str, Any]:
    """The record of CitizenStatusChanged, and of ``citizen`` in CaseReceived."""
    key = (status, department, until, outcome)
    known: dict[str, Any] | None = plan.told.get(key)
    if known is None:
        if len(plan.told) >= _REMEMBERED:
            plan.told.clear()
        known = plan.told[key] = _facts(plan, status, department, until, outcome)
    return known


def _facts(plan: Plan, status: ZbpStatus, department: str, until: int | None, outcome: str | None) -> dict[str, Any]:
    office = plan.town.departments[department]
    name = office.name.de
    details, step = WORDS[plan.recipe.kind][(outcome or "") if status == "COMPLETED" else status]
    dated = _dated(plan, status, until)
    return {
        "status": status,
        "details": cut(details, DETAILS),
        "next_step": cut(step.format(department=name), NEXT_STEP - len(dated)) + dated,
        "until": None if status == "COMPLETED" else until,
        "contact": _contact(name, office.contact.phone),
    }


def _contact(name: str, phone: str) -> str:
    called = f", {phone[: CONTACT // 2]}" if phone else ""
    return cut(name, CONTACT - len(called)) + called


def _dated(plan: Plan, status: ZbpStatus, until: int | None) -> str:
    """Only what ends something is called a Frist; after three months of § 75 VwGO the case goes on like before."""
    if until is None or status == "COMPLETED":
        return ""
    ends = status == "ACTION_REQUIRED" or plan.term.deadline.on_expiry != "escalate"
    return f" {'Frist:' if ends else 'In der Regel bis'} {_day(until)}."


def _day(until: int) -> str:
    return f"{day_of(from_us(until - 1)):%d.%m.%Y}"


def cut(text: str, limit: int) -> str:
    """The text, shortened where it is longer than the limit."""
    return text if len(text) <= limit else f"{text[: limit - 1].rstrip()}…"


def facts_for(plan: Plan, case: Case) -> dict[str, Any]:
    """What the citizen is told about the case as it stands."""
    lead = station_of(case, case["lead"])
    department = lead["department"] if lead else plan.stop[case["lead"]].department
    status = status_of(case)
    until = case["papers_until"] if status == "ACTION_REQUIRED" else case["due_at"]
    return citizen_facts(plan, status, department, until, case["outcome"])


def status_of(case: Case) -> ZbpStatus:
    """The ZBP state that the case is in; INITIATED and SUBMITTED lie before the case."""
    if case["status"] in {"decided", "closed"}:
        return "COMPLETED"
    if case["status"] == "waiting":
        return "ACTION_REQUIRED"
    return "PROCESSING" if case["begun"] else "RECEIVED"
