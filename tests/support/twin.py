"""Twin: a town without processes or a broker, for the proof of the checker and for whatever else needs a whole life."""

import random
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from schemas.kochbuch import Kochbuch
from schemas.message import Message, Stored, partition_for
from schemas.submission import Acceptance, Submission
from schemas.topics import CASE_EVENTS, CASE_REQUESTS, ROUTER_STATE
from services.router.processor import Router
from tests.support.case_checker import Promised
from tests.support.clerks import Clerks
from tests.support.hurry import HOUR, TOWN, Order, muster, orders
from tests.support.load import now_us
from tests.support.poison import corpus

SECOND = 1_000_000


@dataclass(slots=True)
class Twin:
    """A town without processes or a broker: one router, and everything that was ever written."""

    book: Kochbuch
    records: list[Stored] = field(default_factory=list)
    promised: Promised = field(default_factory=Promised)
    now: int = field(default_factory=now_us)
    ends: Counter[tuple[str, int]] = field(default_factory=Counter)
    versions: Counter[str] = field(default_factory=Counter)
    events: Counter[str] = field(default_factory=Counter)
    router: Router = field(init=False)
    clerks: Clerks = field(init=False)
    orders: list[Order] = field(init=False)

    def __post_init__(self) -> None:
        self.router, self.orders = Router(self.book), orders(self.book)
        self.clerks = Clerks(self.book.codec, self.versions.__getitem__, self.events.__getitem__)

    def store(self, message: Message) -> Stored:
        partition = partition_for(message.key or b"", 4)
        place = message.topic, partition
        self.ends[place] += random.choice((1, 2))  # markers leave gaps
        stored = Stored(*place, self.ends[place], message.key, message.value, message.headers, self.now // 1000)
        self.records.append(stored)
        return stored

    def ask(self, message: Message) -> Stored:
        request = self.store(message)
        if (offset := self.router.recall(request)) is not None:
            state = next(r for r in self.records if (r.topic, r.offset, r.key) == (ROUTER_STATE, offset, request.key))
            self.router.recalled(request.partition, state)
        self.write(request.partition, self.router.process(request.partition, [request], self.now))
        return request

    def tick(self) -> None:
        for partition in range(4):
            while messages := self.router.tick(partition, self.now):
                self.write(partition, messages)

    def write(self, partition: int, messages: Iterable[Message]) -> None:
        written = [self.store(message) for message in messages]
        self.router.written(partition, [(r.key or b"", r.offset) for r in written if r.topic == ROUTER_STATE])
        for record in written:
            if record.topic == CASE_EVENTS:
                case_id, version, _ = (record.header("ce_id") or b"").decode().split(":")
                self.events[case_id] += 1
                self.versions[case_id] = int(version) if version.isdigit() else self.versions[case_id]

    def submission(self, order: Order, origin: str, received_at: int) -> Message:
        given = Submission(order.service, TOWN, order.form, "portal", "twin", origin, received_at)
        return Acceptance(self.book).accept(given).message

    def submit(self, number: int, hours_ago: int = 0) -> None:
        """A new case, on which the clerks will work; or one of old, whose deadline ends."""
        order, town = self.orders[number % len(self.orders)], self.book.municipalities[TOWN]
        message = self.submission(order, f"{number}-{hours_ago}", self.now - hours_ago * HOUR)
        key = message.key or b""
        self.promised.cases[key] = [(name, town.topic(office)) for name, office in order.stations]
        self.ask(message)
        if hours_ago:
            self.promised.timers[key] = ["timer:case_due:"]
        else:
            self.clerks.take(order, key.decode())

    def poison(self, count: int) -> None:
        """Some of every kind."""
        for poison in corpus(self.book, self.submission(muster(self.orders), "poison", self.now))[:count]:
            place = self.ask(Message(CASE_REQUESTS, poison.key, poison.value))
            self.promised.planted[place.partition, place.offset] = poison.value

    def work(self) -> None:
        while len(self.clerks):
            for name, message in self.clerks.next():
                self.promised.commands.add(name)
                self.ask(message)
        self.now += 10 * SECOND
        self.tick()
        self.promised.until = self.now
