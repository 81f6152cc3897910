"""Histories: random requests and clock moves for one case, from a seed, sensible often enough to go far."""

from collections.abc import Sequence
from random import Random
from typing import Any

from schemas.command import needs_version
from services.router.case import Case, StationState
from services.router.core import COMMANDS
from tests.support.casework import DAY, Office
from tests.support.procedure import ONE, THREE, TWO

DEPARTMENTS = ("building", "planning", "fire", "water", "council", "cashier", "post", "nowhere", "")
STATIONS = ("assess", "fire", "water", "council", "cashier", "on-request-1", "on-request-2", "nowhere")
ACTORS = (ONE, TWO, THREE, "applicant", "system-delivery", "Erika Muster")
_LENGTHS = (None, "1 month", "3 Tage", "5 Werktage", "halber Monat", "2 hours", "nonsense", "1000 years")
_AT_A_STATION = ("GiveOpinion", "Claim", "Release", "Forward", "Return", "Correct")
_COMMANDS = sorted(COMMANDS)
Past = list[tuple[str, dict[str, Any]]]
"""The requests of one history that had an effect."""
REPEAT, STALE = "repeat", "stale"
"""What :func:`step` may do beside commands; neither may have an effect."""


def anything(random: Random, kind: str, now: int) -> dict[str, Any]:
    """The fields of any command, fitting or not."""
    instant = (now // DAY) if kind == "Substitute" else now
    unit = 1 if kind == "Substitute" else DAY
    return {
        "station": random.choice(STATIONS), "to_department": random.choice(DEPARTMENTS),
        "to_station": random.choice((None, *STATIONS)), "actor": random.choice(ACTORS),
        "acting_for": random.choice((None, *ACTORS)), "department": random.choice(DEPARTMENTS),
        "opinion": random.choice(("consents", "objects", "conditions")),
        "outcome": random.choice(("granted", "refused", "granted_in_part", "settled")),
        "agrees": random.random() < 0.5, "stays_involved": random.random() < 0.5,
        "papers": random.choice(([], [""], ["Plan", "Statik"])), "by": random.choice(_LENGTHS),
        "text_ref": random.choice(("akte:1", "", "Sehr geehrte")), "problem": random.choice(("offline", "Frau M")),
        "reason": random.choice(("", "weil")), "text": random.choice(("", "Text")),
        "question": random.choice(("", "?")),
        "who": random.choice((*ACTORS, *DEPARTMENTS)), "deputy": random.choice((*ACTORS, *DEPARTMENTS)),
        "since": instant + random.randint(-3, 3) * unit, "until": instant + random.randint(-3, 60) * unit,
        "remind_at": now + random.randint(-3, 20) * DAY,
        "complete_since": random.choice((None, now - DAY, now + random.randint(-9, 1) * DAY)),
        "arrived_at": random.choice((None, now - DAY, now + random.randint(-9, 1) * DAY)),
    }  # fmt: skip


def fitting(random: Random, case: Case, kind: str, now: int) -> dict[str, Any]:
    """What makes a command fit, as far as one can know without deciding it."""
    station = random.choice([s for s in case["stations"] if s["status"] == "open"] or case["stations"])
    lead = next((s for s in case["stations"] if s["station"] == case["lead"]), station)
    if kind in {"Return", "Correct"}:
        station = random.choice(_misrouted(case, kind) or [station])
    asked = [s for s in case["stations"] if s["station"].startswith("on-request") and s["status"] == "open"]
    chosen = station if kind in _AT_A_STATION else lead
    given = {
        "station": chosen["station"], "department": chosen["department"], "actor": chosen["holder"] or ONE,
        "acting_for": None, "reason": "weil", "question": "Warum?", "text": "Darum.", "papers": ["Plan"],
        "text_ref": "akte:1", "to_station": None, "until": now + 10 * DAY, "who": THREE, "deputy": TWO, "by": None,
    }  # fmt: skip
    match kind:
        case "Substitute":
            given |= {"since": now // DAY, "until": now // DAY + 90}
            if random.random() < 0.5:
                given |= {"who": chosen["department"], "deputy": random.choice(DEPARTMENTS)}
        case "GiveOpinion":
            consulted = [s for s in case["stations"] if s["task"] == "consult"]
            asked_one = random.choice(consulted or case["stations"])
            given |= {"station": asked_one["station"], "department": asked_one["department"]}
        case "RevokeConsultation" if asked:
            given["station"] = asked[0]["station"]
        case "ExtendDeadline":
            waited_for = [s["station"] for s in case["stations"] if s["task"] == "consult" and s["status"] == "open"]
            chosen_or_case = random.choice((None, *waited_for))
            given |= {"station": chosen_or_case, "by": chosen_or_case and "1 week"}
        case "CountersignDecision":
            given["actor"] = random.choice((TWO, THREE))
        case "ConfirmDelivery" | "ReportDeliveryFailure":
            given |= {"actor": "system-delivery", "problem": "unreachable"}
        case _:
            pass
    standing_in = [s["deputy"] for s in case["substitutes"] if s["who"] == given["department"]]
    if standing_in and random.random() < 0.5:
        given["department"] = random.choice(standing_in)
    return given


def _misrouted(case: Case, kind: str) -> list[StationState]:
    """The stations that may come back as not ours, or have."""
    if kind == "Correct":
        return [s for s in case["stations"] if s["returned_by"]]
    return [s for s in case["stations"] if s["status"] == "open" or s["task"] == "inform"]


def step(
    random: Random, desk: Office, case_id: str, case: Case | None, past: Past, kinds: Sequence[str] = _COMMANDS
) -> tuple[str, list[str]]:
    """One random request of these ``kinds``, or some time; what was done and the events that followed.

    Now and then a request of the ``past`` comes again.
    """
    chance = random.random()
    if chance < 0.2:
        return "wait", desk.wait(_some_time(random))
    if chance < 0.25 and past:
        return REPEAT, desk.send(*random.choice(past))
    kind = random.choice(kinds)
    if kind in {"Withdraw", "Forward"} and random.random() < 0.6:
        return "nothing", []
    given = anything(random, kind, desk.now)
    if case and random.random() < 0.8:
        given |= fitting(random, case, kind, desk.now)
    if chance < 0.3:
        return STALE, desk.do(kind, case_id, **given, expected_version=desk.version(case_id) - random.randint(1, 20))
    if not needs_version(kind):
        given["expected_version"] = None
    return _sent(random, desk, kind, desk.command(kind, case_id, **given), past)


def _sent(random: Random, desk: Office, kind: str, record: dict[str, Any], past: Past) -> tuple[str, list[str]]:
    """Sends it, some a good while after it was taken in: what fell due meanwhile waits for it."""
    if random.random() < 0.1:
        desk.now += _some_time(random)
    followed = desk.send(kind, record)
    if followed and "CommandRefused" not in followed:
        past.append((kind, record))
    return kind, followed


def _some_time(random: Random) -> int:
    return random.choice((1, 3, 10, 40, 120, 1200)) * DAY
