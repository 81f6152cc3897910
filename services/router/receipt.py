"""Receipt: a submission becomes a case; the routing slip is written."""

from schemas.actor import APPLICANT
from schemas.rules import Facts
from services.router.case import Timer
from services.router.deadlines.instant import day_of, from_us
from services.router.draft import Draft, check_timers, timers_of
from services.router.facts import citizen_facts
from services.router.letter import Slip
from services.router.plan import Plan, Stop
from services.router.rejection import long_facts, no_lead, unfilled_roles
from services.router.request import Context, Decision, Request
from services.router.routing import due_stops, dues_of, facts_of, open_stops
from services.router.terms import Due
from services.router.way import Way

LONGEST_FACT = 200
"""These are copied to every event and slip; intake and importer write far shorter ones."""

Dues = list[tuple[Stop, Due | None]]


def receive(request: Request, now: int, context: Context) -> Decision:
    """CaseReceived and StationsOpened. Raises Rejected(UNROUTABLE) when no station decides or a role is unfilled."""
    record, plan = request.body, context.plan
    if any(len(record[fact]) > LONGEST_FACT for fact in ("reference", "channel", "source", "digest")):
        raise long_facts()
    facts = facts_of(plan, record)
    lead = _lead(plan, facts)
    received_at, form = record["received_at"], record["form"]
    started_at = plan.term.start(received_at, record["channel"])
    due = plan.term.starting(started_at, plan.term.target(form))
    checks = check_timers(plan, received_at, due)
    dues = dues_of(due_stops(plan, [], lead.name, facts), form, received_at)
    key = (
        lead.name, due.after(received_at), *((stop.name, due and due.after(received_at)) for stop, due in dues),
        record["channel"], record["source"], record["applied_on"], *(check["at"] for check in checks),
        day_of(from_us(now)) if plan.town.absences else None,
    )  # fmt: skip
    way = plan.ways.get(key)
    if way is None:
        way = _first(request, now, context, lead, due, dues, checks)
        plan.ways.remember(key, way)
    events, case = way.follow(record, request.raw, now, started_at)
    return Decision(events, [*way.slips], case, record, way)


def _first(request: Request, now: int, context: Context, lead: Stop, due: Due, dues: Dues, checks: list[Timer]) -> Way:
    record, plan = request.body, context.plan
    draft = Draft(None, plan, now, cause=record["source"], actor=APPLICANT, read=context.read)
    draft.received(
        record,
        request.raw,
        reference=record["reference"],
        service=record["service"],
        municipality=record["municipality"],
        recipe=record["recipe"],
        recipe_version=record["recipe_version"],
        received_at=record["received_at"],
        started_at=plan.term.start(record["received_at"], record["channel"]),
        applied_on=record["applied_on"],
        channel=record["channel"],
        source=record["source"],
        lead=lead.name,
        due_at=due.at,
        basis=plan.term.deadline.basis,
        timers=[*checks, *timers_of(due, "case", "", record["received_at"])],
        citizen=citizen_facts(plan, "RECEIVED", lead.department, due.at),
    )
    open_stops(draft, dues, "CaseReceived", record["received_at"])
    slips = tuple(letter for letter in draft.letters if isinstance(letter, Slip))
    return Way(tuple(draft.events), slips, draft.case)


def _lead(plan: Plan, facts: Facts) -> Stop:
    if plan.missing:
        raise unfilled_roles(plan)
    lead = next((stop for stop in plan.leads if stop.holds(facts)), None)
    if lead is None:
        raise no_lead(plan)
    return lead
