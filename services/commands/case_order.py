"""Case order: a command as an operator types it, completed from the case, sent, and answered by the router."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from uuid import UUID

from schemas.actor import APPLICANT
from schemas.codec import Codec
from schemas.command import Command, needs_version, prepare
from schemas.errors import Problem, Reason, Rejected, Unavailable
from services.commands.case_view import events_in
from services.router.case import Case, station_of
from services.router.event import Event
from services.router.evolve import replay

if TYPE_CHECKING:
    from services.runtime.bus import Publisher
    from services.runtime.key_log import News

_SOURCE = "laufzettel"
_REFUSED = "CommandRefused"
_OF_THE_LEAD = {"RevokeConsultation", "ExtendDeadline"}
"""May name a station and yet come from the lead."""
_LOOK_AGAIN_S = 0.05


@dataclass(frozen=True, slots=True)
class Order:
    """What was typed; ``version`` None means: the newest that the log shows."""

    kind: str
    actor: str
    acting_for: str | None
    version: int | None
    command_id: str
    fields: Mapping[str, Sequence[str]]

    def check(self, now: int) -> None:
        """Raises Rejected with everything that can be known to be wrong before the case has been read."""
        prepare(self._command(UUID(int=0), now, self._said_department() or "", self.version or 0))

    def command(self, case_id: str, case: Case | None, now: int) -> Command:
        """The whole command. The department is that of the station, or of the lead, unless another was named.

        An id that nobody gave is made from the content and the version seen: the same note tomorrow is another one.
        """
        seen = self.version if self.version is not None else case["version"] if case else 0
        version = seen if needs_version(self.kind) else self.version
        department = self._said_department()
        if department is None:
            department = "" if case is None or self.actor == APPLICANT else self._department(case)
        bound = self._command(UUID(case_id), now, department, seen)
        return replace(bound, expected_version=version, command_id=prepare(bound).command_id)

    def _department(self, case: Case) -> str:
        named = case["lead"] if self.kind in _OF_THE_LEAD else next(iter(self.fields.get("station", ())), case["lead"])
        station = station_of(case, named.strip())
        return station["department"] if station else ""

    def _said_department(self) -> str | None:
        return next(iter(self.fields.get("department", ())), None)

    def _command(self, case_id: UUID, now: int, department: str, version: int) -> Command:
        return Command(
            kind=self.kind,
            case_id=case_id,
            actor=self.actor,
            received_at=now,
            source=_SOURCE,
            department=department,
            acting_for=self.acting_for,
            expected_version=version,
            fields={name: said for name, said in self.fields.items() if name != "department"},
            command_id=self.command_id,
        )


@dataclass(frozen=True, slots=True)
class Answer:
    """What the router said to a command; ``repeated`` when it had said so before and nothing was sent."""

    case_id: str
    command_id: str
    events: tuple[Event, ...]
    repeated: bool = False

    @property
    def refusal(self) -> Event | None:
        """The refusal, if it is one."""
        return next((event for event in self.events if event.kind == _REFUSED), None)


async def send(
    order: Order, case_id: str, log: "News", publisher: "Publisher", codec: Codec, now: int, wait: "Patience"
) -> Answer:
    """Reads the case, publishes the command, waits for the answer. Raises Rejected, or Unavailable without answer."""
    events = events_in(await log.news(), codec)
    if not events:
        raise _no_event(case_id)
    prepared = prepare(order.command(case_id, replay(events), now))
    command_id = prepared.command_id
    if done := [event for event in caused_by(command_id, events) if event.kind != _REFUSED]:
        return Answer(case_id, command_id, tuple(done), repeated=True)
    await publisher.publish([prepared.message])
    found = await wait.until(lambda: _answered(log, codec, command_id))
    if not found:
        raise _no_answer(order, command_id, wait.seconds)
    return Answer(case_id, command_id, tuple(found))


@dataclass(frozen=True, slots=True)
class Patience:
    """How long somebody waits, and who is told how long it has been."""

    seconds: float
    tick: Callable[[int, int], None] = lambda _done, _total: None

    async def until(self, look: Callable[[], Awaitable[list[Event]]]) -> list[Event]:
        """What ``look`` finds, looking again and again; empty when the time is over."""
        loop = asyncio.get_running_loop()
        begun = loop.time()
        while True:
            if found := await look():
                return found
            waited = loop.time() - begun
            if waited >= self.seconds:
                return []
            self.tick(int(waited), int(self.seconds))
            await asyncio.sleep(_LOOK_AGAIN_S)


async def _answered(log: "News", codec: Codec, command_id: str) -> list[Event]:
    found = caused_by(command_id, events_in(await log.news(), codec))
    if found:
        # They were written together, but the end of the log may have been looked up between two of them.
        found += caused_by(command_id, events_in(await log.news(), codec))
    return found


def caused_by(command_id: str, events: Iterable[Event]) -> list[Event]:
    """The events that follow from this command."""
    return [event for event in events if event.body["cause"] == command_id]


def _no_event(case_id: str) -> Rejected:
    german = (
        "Von diesem Vorgang gibt es noch kein Ereignis: Er wurde nie angenommen, oder kein Router hat ihn bisher "
        "gelesen. „laufzettel lag“ sagt, ob einer läuft."
    )
    english = (
        "There is no event of this case yet: it was never accepted, or no router has read it so far. "
        "“laufzettel lag” says whether one runs."
    )
    return Rejected(Reason.INVALID, Problem(case_id, german, english))


def _no_answer(order: Order, command_id: str, seconds: float) -> Unavailable:
    again = f"--id {command_id}"
    german = (
        f"Kein Router hat binnen {seconds:g} s geantwortet. Der Befehl ist dauerhaft gespeichert und wirkt, sobald "
        f"einer läuft; mit {again} wiederholt wirkt er nicht zweimal. Abhilfe: „laufzettel lag“, „laufzettel doctor“ "
        "und „laufzettel dead-letters list“."
    )
    english = (
        f"No router has answered within {seconds:g} s. The command is stored durably and takes effect as soon as one "
        f"runs; repeated with {again} it has no second effect. Remedy: “laufzettel lag”, “laufzettel doctor” and "
        "“laufzettel dead-letters list”."
    )
    return Unavailable(Problem(order.kind, german, english))
