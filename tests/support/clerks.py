"""Clerks: what people do with the cases while everything around them fails; some say things twice, some too late."""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from schemas.actor import APPLICANT
from schemas.cloudevent import event_headers
from schemas.codec import Codec
from schemas.events import event_schema
from schemas.message import Message
from schemas.topics import CASE_REQUESTS
from tests.support.hurry import Order
from tests.support.load import now_us

SECOND = 1_000_000
_DAY = 86_400 * SECOND
ONE, TWO = "sb-00000001", "sb-00000002"
_ELSEWHERE, _TRIAGE, _SYSTEM = "tiefbauamt", "poststelle", "system-delivery"

Step = tuple[str, dict[str, Any]]
Script = Callable[[Order], Iterator[Step]]
"""The commands for one case, in order; each is made when it is sent, so that it can name an instant."""


def decided(order: Order) -> Iterator[Step]:
    """Claimed, opinions given, decided, where the recipe asks for it by two, who at first disagree; then too late."""
    yield "Claim", {}
    for station, department in order.consulted:
        yield "GiveOpinion", {"station": station, "department": department}
    yield "Decide", {}
    if order.four_eyes:
        yield "CountersignDecision", {"actor": TWO, "agrees": False}
        yield "Decide", {}
        yield "CountersignDecision", {"actor": TWO}
    yield "AddNote", {}
    yield "Claim", {}


def papers(order: Order) -> Iterator[Step]:
    """Papers are asked for until some seconds later; half of the applicants send them in time."""
    yield "AskApplicant", {"until": now_us() + random.randint(2, 6) * SECOND}
    if random.random() < 0.5:
        yield "SupplyDocuments", {"actor": APPLICANT, "department": ""}
    yield "ConfirmCompleteness", {}
    yield "AddNote", {"department": order.lead[1]}


def moved(order: Order) -> Iterator[Step]:
    """Forwarded, sent back as not theirs, corrected by triage."""
    yield "Forward", {"to_department": _ELSEWHERE, "stays_involved": random.random() < 0.5}
    yield "Return", {"department": _ELSEWHERE}
    yield "Correct", {"department": _TRIAGE, "to_department": order.lead[1]}
    yield "Claim", {}
    yield "Release", {}


def asked(_: Order) -> Iterator[Step]:
    """A department that the recipe did not name is asked for an opinion; it answers, does not, or need not any more."""
    now = now_us()
    until, remind_at = now + 4 * SECOND, now + 2 * SECOND
    yield "Consult", {"to_department": _ELSEWHERE, "until": until, "remind_at": remind_at}
    if random.random() < 0.3:
        yield "RevokeConsultation", {"station": "on-request-1"}
    if random.random() < 0.5:
        yield "GiveOpinion", {"station": "on-request-1", "department": _ELSEWHERE}


def helped(_: Order) -> Iterator[Step]:
    """Somebody is away, the deputy takes the case on, needs more time and gives it back."""
    today = now_us() // _DAY
    yield "Claim", {}
    yield "Substitute", {"who": ONE, "deputy": TWO, "since": today, "until": today + 1}
    yield "ExtendDeadline", {"actor": TWO, "acting_for": ONE, "station": None, "by": "1 hour"}
    yield "Release", {"actor": TWO, "acting_for": ONE}


def delivered(order: Order) -> Iterator[Step]:
    """The departments' systems report what became of their messages; what failed at first may yet arrive."""
    for station, department in order.stations:
        to = {"station": station, "department": department, "actor": _SYSTEM}
        if random.random() < 0.3:
            yield "ReportDeliveryFailure", {**to, "problem": "unreachable"}
        yield "ConfirmDelivery", to


def withdrawn(_: Order) -> Iterator[Step]:
    """Withdrawn and so out of memory; some are taken up again, from the state topic."""
    yield "Withdraw", {"actor": APPLICANT, "department": ""}
    yield "AddNote", {}
    if random.random() < 0.7:
        yield "Reopen", {}
        yield "Claim", {}


SCRIPTS: tuple[Script, ...] = (decided, papers, moved, asked, helped, delivered, withdrawn)


def command(codec: Codec, order: Order, case_id: str, step: Step, name: str, version: int) -> Message:
    """A command as the inbox would write it: what the step does not say is as the deciding department would have it."""
    kind, fields = step
    now = now_us()
    given: dict[str, Any] = {
        "command_id": name, "case_id": case_id, "received_at": now, "actor": ONE, "acting_for": None,
        "department": order.lead[1], "station": order.lead[0], "expected_version": version, "reason": "weil",
        "text": "Text", "question": "?", "opinion": "consents", "outcome": "granted", "text_ref": "akte:1",
        "agrees": True, "papers": ["Plan"],
    }  # fmt: skip
    given |= fields
    schema = event_schema(kind)
    record = {part["name"]: given.get(part["name"], part.get("default")) for part in schema.definition["fields"]}
    headers = event_headers(name, kind, "clerks", case_id, now, now)
    return Message(CASE_REQUESTS, case_id.encode(), codec.encoder(schema)(record), headers)


@dataclass(slots=True)
class _Open:
    order: Order
    case_id: str
    steps: Iterator[Step]
    answers: int = -1


@dataclass(slots=True)
class Clerks:
    """They work on what they are given, one command after the other for each case, as soon as the last is answered."""

    codec: Codec
    version: Callable[[str], int]
    """What a clerk sees of a case: the version of its last event."""
    answers: Callable[[str], int]
    """How many events a case has, refusals included."""
    number: int = 0
    _open: list[_Open] = field(default_factory=list)
    _again: list[Message] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self._open)

    def take(self, order: Order, case_id: str) -> None:
        """One more case."""
        self._open.append(_Open(order, case_id, random.choice(SCRIPTS)(order)))

    def next(self) -> list[tuple[str, Message]]:
        """What is sent now, each with its id; nothing when the cases that were looked at wait for an answer."""
        if self._again and random.random() < 0.3:
            message = self._again.pop()
            return [(_id_of(message), message)]
        if random.random() < 0.005:
            return [self._unknown()]
        for _ in range(min(5, len(self._open))):
            place = random.randrange(len(self._open))
            one = self._open[place]
            if self.answers(one.case_id) <= one.answers or not self.version(one.case_id):
                continue
            step = next(one.steps, None)
            if step is None:
                self._open[place] = self._open[-1]
                self._open.pop()
                continue
            one.answers = self.answers(one.case_id)
            return self._sent(one, step)
        return []

    def _sent(self, one: _Open, step: Step) -> list[tuple[str, Message]]:
        version = self.version(one.case_id)
        name = self._name()
        message = command(self.codec, one.order, one.case_id, step, name, version)
        sent = [(name, message)]
        chance = random.random()
        if chance < 0.05:
            stale = self._name()
            sent.insert(0, (stale, command(self.codec, one.order, one.case_id, step, stale, version - 1)))
        elif chance < 0.15:
            sent.append((name, message))
        elif chance < 0.2:
            self._again.append(message)
        return sent

    def _unknown(self) -> tuple[str, Message]:
        """A command to a case that never was."""
        name = self._name()
        order = Order("", {}, (("assess", "steueramt"),), (), four_eyes=False)
        return name, command(self.codec, order, str(UUID(int=random.getrandbits(128))), ("AddNote", {}), name, 1)

    def _name(self) -> str:
        self.number += 1
        return f"command-{self.number}"


def _id_of(message: Message) -> str:
    return dict(message.headers)["ce_id"].decode()
