"""Core: ``decide(case, request, now, context)`` gives events, letters and the case after them; pure.

What cannot become a case raises Rejected. A command never does, but for a case whose submission this installation can
no longer read; what does not fit is CommandRefused.
"""

from collections.abc import Callable
from typing import Any

from schemas.actor import ROUTER, is_actor
from schemas.command import LONGEST_ID
from schemas.command_field import LONGEST_TEXT
from schemas.errors import Reason, Rejected
from services.router import applicant, completeness, consultation, decision, delivery, extension, file, stations, timers
from services.router.case import Case
from services.router.draft import Draft
from services.router.event import AUDIENCE, Event
from services.router.evolve import digest_of
from services.router.facts import facts_for
from services.router.letter import Slip
from services.router.receipt import receive
from services.router.refusal import Refused, Why, refuse_unless
from services.router.request import SUBMITTED, TIMER_FIRED, Context, Decision, Request
from services.router.routing import settle
from services.router.transitions import TRANSITIONS

HANDLERS: dict[str, Callable[[Draft, dict[str, Any]], None]] = {
    "Claim": stations.claim,
    "Release": stations.release,
    "Forward": stations.forward,
    "Return": stations.give_back,
    "Correct": stations.correct,
    "Consult": consultation.consult,
    "RevokeConsultation": consultation.revoke,
    "GiveOpinion": consultation.give_opinion,
    "AskApplicant": applicant.ask,
    "SupplyDocuments": applicant.supply,
    "ConfirmCompleteness": completeness.confirm,
    "Withdraw": applicant.withdraw,
    "Decide": decision.decide,
    "CountersignDecision": decision.countersign,
    "Reopen": decision.reopen,
    "ExtendDeadline": extension.extend,
    "AddNote": file.add_note,
    "Substitute": file.substitute,
    "ConfirmDelivery": delivery.confirm,
    "ReportDeliveryFailure": delivery.report_failure,
    TIMER_FIRED: timers.fire,
}
COMMANDS = frozenset(HANDLERS) - {TIMER_FIRED}


def decide(case: Case | None, request: Request, now: int, context: Context) -> Decision:
    """What follows from one request. A repeated command gives an empty decision, an unfit one CommandRefused."""
    kind, body, _ = request
    if kind == SUBMITTED:
        return receive(request, now, context)
    if case is None:
        return unknown_case(request, now)
    if kind == TIMER_FIRED:
        cause, actor = f"timer:{body['kind']}:{body['station']}", ROUTER
    else:
        cause, actor = body["command_id"], body["actor"]
        if _is_repeat(case, cause):
            return Decision([], [], case)
    draft = Draft(
        case, context.plan, now, cause=cause, actor=actor, read=context.read, asked_at=body.get("received_at")
    )
    try:
        _admit(case, kind, body)
        HANDLERS[kind](draft, body)
        settle(draft, kind)
        _tell_citizen(draft, case)
    except Refused as refusal:
        return refused(case, request, now, refusal.why)
    except Rejected as error:
        if error.reason is not Reason.INVALID:
            raise
        # The calendar says so: a date beyond the years whose holidays are known.
        return refused(case, request, now, Why.DATE)
    content = draft.content if any(isinstance(letter, Slip) for letter in draft.letters) else None
    return Decision(draft.events, draft.letters, draft.result, content)


def unknown_case(request: Request, now: int) -> Decision:
    """The answer to a command for a case that never was, or was erased."""
    return refused(None, request, now, Why.UNKNOWN_CASE)


def refused(case: Case | None, request: Request, now: int, why: Why) -> Decision:
    """CommandRefused and an unchanged case; a timer that no longer fits passes silently."""
    kind, body, _ = request
    if kind == TIMER_FIRED:
        return Decision([], [], case)
    fields = {
        "event_id": f"{body['case_id']}:refused:{body['command_id'][:LONGEST_ID]}",
        "case_id": body["case_id"],
        "version": case["version"] if case else 0,
        "at": now,
        "audience": AUDIENCE["CommandRefused"],
        "cause": body["command_id"][:LONGEST_ID],
        "actor": body["actor"] if is_actor(body["actor"]) else "",
        "acted_for": [],
        "command": kind,
        "command_id": body["command_id"][:LONGEST_ID],
        "reason": why.value,
        "changed": _changed(case, body.get("expected_version")) if case and why is Why.STALE else [],
    }
    return Decision([Event("CommandRefused", fields)], [], case)


def _is_repeat(case: Case, command_id: str) -> bool:
    recent, heard = case["recent"], case["heard"]
    if not recent:
        return False
    digest = digest_of(command_id)
    return digest in heard or any(change["cause"] == digest for change in recent)


def _admit(case: Case, kind: str, body: dict[str, Any]) -> None:
    if kind != TIMER_FIRED:
        expected = body.get("expected_version")
        refuse_unless(0 < len(body["command_id"]) <= LONGEST_ID, Why.MALFORMED)
        refuse_unless(is_actor(body["actor"]) and body["actor"] != ROUTER, Why.MALFORMED)
        refuse_unless(expected is None or expected == case["version"], Why.STALE)
        refuse_unless(_is_short(body), Why.TOO_LONG)
    refuse_unless(case["status"] in TRANSITIONS[kind], Why.WRONG_STATE)


def _is_short(body: dict[str, Any]) -> bool:
    texts = [value for value in body.values() if isinstance(value, str)]
    papers = body.get("papers", ())
    return all(len(text) <= LONGEST_TEXT for text in texts) and sum(map(len, papers)) <= LONGEST_TEXT


def _changed(case: Case, expected: int | None) -> list[str]:
    return [f"{c['version']}:{' '.join(c['what'])}" for c in case["recent"] if c["version"] > (expected or 0)]


def _tell_citizen(draft: Draft, before: Case) -> None:
    after = draft.result
    if after is None or not draft.events:
        return
    now_told = facts_for(draft.plan, after)
    if now_told != facts_for(draft.plan, before):
        draft.happened("CitizenStatusChanged", **now_told)
