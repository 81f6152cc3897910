"""Town hall: one municipality of the shipped Kochbuch, its departments at their desks, a router and a calendar.

After every step it is checked that no department has received a field outside its ``sees``, that nothing people wrote
is among the events or in any header, and that the events tell the state.
"""

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from schemas.avro import project
from schemas.command import fields_of, prepare
from schemas.kochbuch import Kochbuch, read_kochbuch
from schemas.recipe import ON_REQUEST
from schemas.submission import Acceptance, Submission
from services.commands.case_order import Order
from services.commands.case_view import Document, case_view
from services.router.case import Case, next_due
from services.router.deadlines.instant import BERLIN, to_us
from services.router.event import Event
from services.router.evolve import replay
from services.router.processor import Router
from services.router.store import CaseCodec
from services.runtime.memory import MemoryBus

SECRET = "Wunderlich"
"""Stands in every form and in everything that people write; never in an event, a header or a key."""

Said = str | list[str]


@dataclass
class TownHall:
    """``clock`` is Berlin time; nothing happens between two steps but what falls due."""

    town: str
    clock: str
    book: Kochbuch = field(default_factory=read_kochbuch)
    bus: MemoryBus = field(default_factory=MemoryBus)

    def __post_init__(self) -> None:
        self.router = Router(self.book)
        self.now = micros(self.clock)
        self._origins = count()
        self._checked: set[tuple[str, int, int]] = set()
        self.forms: dict[str, dict[str, Any]] = {}

    def submit(self, recipe: str, form: Mapping[str, Any]) -> "File":
        """A citizen applies."""
        chosen, origin = self.book.recipes[recipe], str(next(self._origins))
        accepted = Acceptance(self.book).accept(
            Submission(chosen.service, self.town, form, "portal", "buergerportal", origin, self.now)
        )
        self.bus.write([accepted.message])
        case_id = str(accepted.case_id)
        self.forms[case_id] = self.book.codec.decode(accepted.message.value)[1]["form"]
        self.work()
        return File(self, case_id)

    def until(self, clock: str) -> None:
        """Time passes; each thing that falls due happens at its own moment, or in the morning after."""
        target = micros(clock)
        while (due := min(self._dues(), default=target)) < target:
            assert due > self.now, "something fell due and was not done"
            self.now = due
            self.work()
        self.now = target
        self.work()

    def replace(self, book: Kochbuch) -> None:
        """The installation is restarted with another Kochbuch; its state comes from the topic."""
        self.book, self.router = book, Router(book)
        self.work()

    def work(self) -> None:
        """The router does what there is to do."""
        self.bus.run(self.router, group="router", topic="case-requests", state="router-state", now=self.now)
        assert not self.bus.records("dead-letters")
        for topic in self.bus.topics:
            self._check(topic)

    def events(self, case_id: str) -> list[Event]:
        """Everything that happened to a case."""
        key = case_id.encode()
        return [self._event(record) for record in self.bus.records("case-events") if record.key == key]

    def all_events(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """Everything that happened at all, as `laufzettel recipe quality` reads it."""
        yield from (self._event(record) for record in self.bus.records("case-events"))

    def desk(self, department: str, case_id: str) -> list[tuple[str, dict[str, Any]]]:
        """What a department received of a case: its name and the record; slips are called StationOpened."""
        topic = self.book.municipalities[self.town].topic(department)
        found = []
        for record in self.bus.records(topic):
            if record.key == case_id.encode():
                body = self.book.codec.decode(record.value)[1]
                found.append((body.get("what", "StationOpened"), body))
        return found

    def state(self, case_id: str) -> Case | None:
        """The router's own record."""
        key = case_id.encode()
        value = [record.value for record in self.bus.records("router-state") if record.key == key][-1]
        return CaseCodec(self.book.codec).decode(case_id, value) if value else None

    def _event(self, record: Any) -> Event:  # noqa: ANN401 - a Stored
        return Event(record.header("ce_type").decode(), self.book.codec.decode(record.value)[1])

    def _dues(self) -> Iterator[int]:
        for case_id in self.forms:
            case = self.state(case_id)
            if case is not None:
                yield next_due(case)

    def _check(self, topic: str) -> None:
        """Only what came since the last look."""
        fresh = [r for r in self.bus.records(topic) if (r.topic, r.partition, r.offset) not in self._checked]
        self._checked.update((record.topic, record.partition, record.offset) for record in fresh)
        for record in fresh:
            aside = b"".join(value for _, value in record.headers) + (record.key or b"")
            assert SECRET.encode() not in aside, topic
            if topic == "case-events":
                assert SECRET.encode() not in (record.value or b""), self._event(record)
            elif topic.startswith("department."):
                self._check_fields(topic.rpartition(".")[2], self.book.codec.decode(record.value)[1])
        if topic == "router-state":
            self._check_states({(record.key or b"").decode() for record in fresh})

    def _check_fields(self, department: str, body: dict[str, Any]) -> None:
        """What a department sees is what the recipe shows to one of its roles, or to anybody on request."""
        if "form" not in body:
            return
        recipe = self.book.versions[body["recipe"], body["recipe_version"]]
        town, holder = self.book.municipalities[self.town], body["department"]
        assert department == holder or (holder, department) in {(a.who, a.deputy) for a in town.absences}
        roles = town.departments[holder].roles
        views = [station.station for station in recipe.route if station.role in roles] + [ON_REQUEST]
        whole = self.forms[body["case_id"]]
        allowed = [project(whole, recipe.trees[view]) if recipe.sees[view] else {} for view in views]
        assert body["form"] in allowed, (department, body["station"])

    def _check_states(self, case_ids: set[str]) -> None:
        for case_id in case_ids:
            assert content_aside(replay(self.events(case_id))) == content_aside(self.state(case_id))


def content_aside(case: Case | None) -> Any:  # noqa: ANN401 - compared only
    """The state without what people wrote."""
    if case is None:
        return None
    stations = [station | {"question": None, "answer": None} for station in case["stations"]]
    return {**case, "stations": stations, "submission": b""}


@dataclass(frozen=True)
class File:
    """One case, as the people of the town hall speak of it."""

    hall: TownHall
    case_id: str

    def send(self, kind: str, actor: str, acting_for: str | None = None, **fields: Said) -> list[str]:
        """A command as the command line completes it; what followed, or the reason of the refusal."""
        hall = self.hall
        given = {name: [said] if isinstance(said, str) else said for name, said in fields.items()}
        for each in fields_of(kind):
            if each.personal and each.name not in given:
                given[each.name] = [f"{SECRET} hat {kind} geschrieben."]
        number = len(hall.bus.records("case-requests"))
        order = Order(kind, actor, acting_for, None, f"c-{number}", given)
        hall.bus.write([prepare(order.command(self.case_id, hall.state(self.case_id), hall.now)).message])
        before = len(self.events())
        hall.work()
        happened = self.events()[before:]
        return [body["reason"] if name == "CommandRefused" else name for name, body in happened]

    def events(self) -> list[Event]:
        """Everything that happened."""
        return self.hall.events(self.case_id)

    def story(self) -> list[str]:
        """The events by name, without what the citizen was told."""
        return [kind for kind, _ in self.events() if kind != "CitizenStatusChanged"]

    def last(self, kind: str) -> dict[str, Any]:
        """The newest event of a kind."""
        return next(body for name, body in reversed(self.events()) if name == kind)

    def at(self, department: str) -> list[str]:
        """What lies on a department's desk, by name."""
        return [name for name, _ in self.hall.desk(department, self.case_id)]

    def letter(self, department: str, what: str) -> dict[str, Any]:
        """The newest of a kind that a department received."""
        desk = self.hall.desk(department, self.case_id)
        return next(body for name, body in reversed(desk) if name == what)

    def view(self) -> Document:
        """What `laufzettel case show` shows."""
        return case_view(self.case_id, self.events(), self.hall.book)

    def told(self) -> tuple[str, str | None]:
        """What the citizen knows: status, and until when."""
        citizen = self.view()["citizen"]
        return citizen["status"], citizen["until"]

    def station(self, name: str) -> Document:
        """One line of the routing slip."""
        return next(each for each in self.view()["stations"] if each["station"] == name)


def micros(clock: str) -> int:
    """An instant of Berlin."""
    moment = dt.datetime.fromisoformat(clock)
    return to_us(moment.replace(tzinfo=BERLIN))
