"""A router without a transport: requests go in as records, what comes out is decoded and kept."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from schemas.events import event_schema
from schemas.kochbuch import Kochbuch
from schemas.message import Message, Stored
from schemas.submission import Acceptance, Accepted, Submission
from schemas.topics import CASE_EVENTS, CASE_REQUESTS, DEAD_LETTERS, ROUTER_STATE
from services.router.processor import Router

NOW = 1_773_000_000_000_000
"""2026-03-08 20:00 UTC, a Sunday."""
DAY = 86_400_000_000
CLERK, COLLEAGUE, THIRD = "sb-00000001", "sb-00000002", "sb-00000003"


class Letter(NamedTuple):
    """What a department received: topic, ce_type and the decoded record."""

    topic: str
    kind: str
    body: dict[str, Any]


@dataclass
class Office:
    """One partition of a router, with everything that it has written so far."""

    book: Kochbuch
    service: str = "99102013104000"
    town: str = "town"
    department: str = "taxes"
    now: int = NOW
    events: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    letters: list[Letter] = field(default_factory=list)
    dead: list[Message] = field(default_factory=list)
    log: list[Stored] = field(default_factory=list)
    offset: int = 0

    def __post_init__(self) -> None:
        self.router = Router(self.book)
        self._acceptance = Acceptance(self.book)
        self._commands = 0

    def submission(self, form: dict[str, Any], origin: str = "1", channel: str = "portal") -> Accepted:
        """A valid submission as intake publishes it."""
        return self._acceptance.accept(Submission(self.service, self.town, form, channel, "test", origin, self.now))

    def submit(self, form: dict[str, Any], origin: str = "1", channel: str = "portal") -> str:
        """Submits and routes; the case id."""
        accepted = self.submission(form, origin, channel)
        self.feed(accepted.message)
        return str(accepted.case_id)

    def command(self, kind: str, case_id: str, **fields: Any) -> dict[str, Any]:  # noqa: ANN401 - any command's fields
        """A complete record of the command, with a fresh id and the newest version expected."""
        self._commands += 1
        given = {
            "command_id": f"c{self._commands}", "case_id": case_id, "received_at": self.now, "actor": CLERK,
            "acting_for": None, "department": self.department, "expected_version": self.version(case_id),
            "reason": "weil", "text": "Text", "stays_involved": False, "to_station": None, "to_department": None,
            "station": None, "remind_at": None, "by": None, "papers": [], "text_ref": "akte:1",
            "problem": "unreachable", "arrived_at": None, "complete_since": None,
        } | fields  # fmt: skip
        return {part["name"]: given[part["name"]] for part in event_schema(kind).definition["fields"]}

    def do(self, kind: str, case_id: str, **fields: Any) -> list[str]:  # noqa: ANN401
        """Sends a command; the kinds of the events that follow."""
        return self.send(kind, self.command(kind, case_id, **fields))

    def send(self, kind: str, record: dict[str, Any]) -> list[str]:
        """Sends a complete record."""
        value = self.book.codec.encoder(event_schema(kind))(record)
        return self.feed(Message(CASE_REQUESTS, record["case_id"].encode(), value))

    def feed(self, *messages: Message) -> list[str]:
        """Routes records as one batch; the kinds of the events that follow."""
        records = [self.stored(message) for message in messages]
        for record in records:
            self.recall(record)
        return self.take(self.router.process(0, records, self.now))

    def wait(self, microseconds: int) -> list[str]:
        """Lets time pass, then ticks until nothing is due."""
        self.now += microseconds
        kinds: list[str] = []
        while written := self.router.tick(0, self.now):
            kinds += self.take(written)
        return kinds

    def take(self, messages: Iterable[Message]) -> list[str]:
        """Files what the router has written, as the transport would; the kinds of the events."""
        kinds, states = [], []
        for message in messages:
            if message.topic == ROUTER_STATE:
                stored = self.stored(message)
                self.log.append(stored)
                states.append((stored.key or b"", stored.offset))
            elif message.topic == DEAD_LETTERS:
                self.dead.append(message)
            else:
                kind = dict(message.headers)["ce_type"].decode()
                _, body = self.book.codec.decode(message.value)
                if message.topic == CASE_EVENTS:
                    self.events.append((kind, body))
                    kinds.append(kind)
                else:
                    self.letters.append(Letter(message.topic, kind, body))
        self.router.written(0, states)
        return kinds

    def stored(self, message: Message) -> Stored:
        """The message as it stands on its topic."""
        self.offset += 1
        return Stored(message.topic, 0, self.offset, message.key, message.value, message.headers, self.now // 1000)

    def recall(self, record: Stored) -> None:
        """Loads the state of a closed case, as the transport does before its request."""
        offset = self.router.recall(record)
        if offset is not None:
            self.router.recalled(0, next(state for state in self.log if state.offset == offset))

    def version(self, case_id: str) -> int:
        """The version after the last event of the case."""
        return max((body["version"] for _, body in self.of(case_id)), default=0)

    def of(self, case_id: str) -> list[tuple[str, dict[str, Any]]]:
        """All events of one case."""
        return [(kind, body) for kind, body in self.events if body["case_id"] == case_id]

    def last(self, kind: str) -> dict[str, Any]:
        """The newest event of that type."""
        return next(body for name, body in reversed(self.events) if name == kind)

    def refusal(self) -> str:
        """The reason of the newest CommandRefused."""
        return str(self.last("CommandRefused")["reason"])

    def inbox(self, department: str) -> list[Letter]:
        """Everything that a department received."""
        return [letter for letter in self.letters if letter.topic == f"department.{self.town}.{department}"]
