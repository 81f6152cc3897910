"""Receipt: a submission becomes a case; the routing slip is written."""

from typing import Any

from schemas.rules import Facts
from services.router.draft import Draft, timers_of
from services.router.facts import citizen_facts
from services.router.plan import Plan, Stop
from services.router.rejection import no_lead, unfilled_roles
from services.router.routing import due_stops, facts_of, open_stops


def receive(draft: Draft, record: dict[str, Any], raw: bytes) -> None:
    """CaseReceived and StationsOpened. Raises Rejected(UNROUTABLE) when no station decides or a role is unfilled."""
    plan = draft.plan
    facts = facts_of(record)
    lead = _lead(plan, facts)
    received_at = record["received_at"]
    due = plan.term.starting(received_at, plan.term.target(record["form"]))
    draft.received(
        record,
        raw,
        reference=record["reference"],
        service=record["service"],
        municipality=record["municipality"],
        recipe=record["recipe"],
        recipe_version=record["recipe_version"],
        received_at=received_at,
        applied_on=record["applied_on"],
        channel=record["channel"],
        source=record["source"],
        lead=lead.name,
        due_at=due.at,
        basis=plan.term.deadline.basis,
        timers=timers_of(due, "case", "", draft.now),
        citizen=citizen_facts(plan, "RECEIVED", lead.department, due.at),
    )
    open_stops(draft, due_stops(plan, draft.case, facts), "CaseReceived", received_at)


def _lead(plan: Plan, facts: Facts) -> Stop:
    if plan.missing:
        raise unfilled_roles(plan)
    lead = next((stop for stop in plan.leads if stop.holds(facts)), None)
    if lead is None:
        raise no_lead(plan)
    return lead
