"""Town: the real services under load, with people at work and deadlines that pass, while processes and broker fail."""

import asyncio
import random
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aiokafka import AIOKafkaProducer

from schemas.kochbuch import Kochbuch
from schemas.message import Message, Stored
from schemas.submission import Acceptance, Submission
from schemas.topics import CASE_EVENTS, CASE_REQUESTS, DEAD_LETTERS, ROUTER_STATE
from services.commands.installation import CASE_TOPICS_GROUP
from services.runtime.admin import Admin
from services.runtime.broker.node import EmbeddedBroker
from services.runtime.kafka import Connection
from tests.support.case_checker import Promised
from tests.support.clerks import Clerks
from tests.support.crash import committed
from tests.support.crew import Crew
from tests.support.deadline import eventually_async
from tests.support.hurry import CASE_HOURS, HOUR, TOWN, Order, muster, orders, write_hurried
from tests.support.intake import settings_in
from tests.support.load import now_us, producer, steady
from tests.support.poison import corpus
from tests.support.portal_load import Portal
from tests.support.site import HOST, Site, free_ports
from tests.support.watch import Watch

MISSED = "timer:case_due:"


@dataclass(frozen=True, slots=True)
class Plan:
    """How much load, and what goes wrong meanwhile; rates are a second."""

    rate: float
    count: int
    faults: "Sequence[Fault]"
    pauses: tuple[float, float] = (0.5, 1.5)
    share: float = 0.35
    """Of the cases, how many people work on."""
    commands: float = 60.0
    patience: float = 120.0


@dataclass(slots=True)
class Town:
    """One installation with its broker, and all that was promised while it ran."""

    site: Site
    broker: EmbeddedBroker
    crew: Crew
    book: Kochbuch
    client: AIOKafkaProducer
    session: float
    watch: Watch = field(default_factory=Watch)
    promised: Promised = field(default_factory=Promised)
    struck: list[tuple[str, float]] = field(default_factory=list)
    orders: list[Order] = field(init=False)
    clerks: Clerks = field(init=False)
    portal: Portal = field(init=False)
    deliveries: Counter[str] = field(default_factory=Counter)
    _share: float = 0.0
    _sent: list[Awaitable[None]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.orders = orders(self.book)
        self.clerks = Clerks(
            self.book.codec, lambda case_id: self.watch.versions.get(case_id, 0), self.watch.events.__getitem__
        )
        url = f"http://{HOST}:{self.site.intake_port}"
        self.portal = Portal(url, self.orders, self.site.folder / "ledger", self._accepted)

    # -- load

    async def storm(self, plan: Plan) -> None:
        """One fault after the other under load, then silence, in which everything must come to its end."""
        self._share = plan.share
        async with asyncio.TaskGroup() as group:
            submitting = group.create_task(self.portal.submit(plan.rate, plan.count))
            group.create_task(self._work(plan.commands, submitting))
            group.create_task(self._suffer(plan))
        await asyncio.gather(*self._sent)
        await eventually_async(lambda: self.promised.timers.keys() <= self._missed(), plan.patience)
        await eventually_async(lambda: not self.watch.waiting, plan.patience)
        await self._drained(plan.patience)
        self.promised.until = now_us()
        for order, case_id in self.portal.acknowledged():
            self._promise(order, case_id)

    async def _suffer(self, plan: Plan) -> None:
        for fault in plan.faults:
            await asyncio.sleep(random.uniform(*plan.pauses))
            self.struck.append((fault.__name__, time.monotonic()))
            await fault(self)
            self.crew.require()

    async def _work(self, rate: float, submitting: asyncio.Task[None]) -> None:
        """Commands and poison, until there are no more submissions and all has been said."""
        while not submitting.done() or len(self.clerks):
            async for _ in steady(rate, 1.0):
                for name, message in self.clerks.next():
                    self.deliveries[name] += 1
                    self._sent.append(await self._send(message, name))
            self._sent.append(await self._plant())

    async def _send(self, message: Message, name: str = "") -> Awaitable[None]:
        stored = await self.client.send(
            message.topic, message.value, key=message.key, headers=message.headers, partition=message.partition
        )

        async def acknowledged() -> None:
            await stored
            if name:
                self.promised.commands.add(name)

        return asyncio.ensure_future(acknowledged())

    async def _plant(self) -> Awaitable[None]:
        victim = self._submission(f"poison-{len(self._sent)}", muster(self.orders), now_us())
        poison = random.choice(corpus(self.book, victim))
        stored = await self.client.send(CASE_REQUESTS, poison.value, key=poison.key)

        async def acknowledged() -> None:
            place = await stored
            self.promised.planted[place.partition, place.offset] = poison.value

        return asyncio.ensure_future(acknowledged())

    def _accepted(self, order: Order, case_id: str) -> None:
        if random.random() < self._share:
            self.clerks.take(order, case_id)

    def _promise(self, order: Order, case_id: str) -> None:
        town = self.book.municipalities[TOWN]
        self.promised.cases[case_id.encode()] = [(name, town.topic(office)) for name, office in order.stations]

    def _submission(self, origin: str, order: Order, received_at: int) -> Message:
        submission = Submission(order.service, TOWN, order.form, "portal", "archive", origin, received_at)
        return Acceptance(self.book).accept(submission).message

    async def due_at(self, instant: int, count: int) -> None:
        """Submits cases, past the intake, whose deadline all ends at this instant."""
        for number in range(count):
            order = self.orders[number % len(self.orders)]
            message = self._submission(f"{instant}-{number}", order, instant - CASE_HOURS * HOUR)
            self._promise(order, (message.key or b"").decode())
            self.promised.timers[message.key or b""] = [MISSED, "timer:case_reminder:"]
            self._sent.append(await self._send(message))
        await self.client.flush()

    # -- rest

    def _missed(self) -> set[bytes]:
        return {case_id.encode() for case_id in self.watch.missed}

    async def _drained(self, within: float) -> None:
        """Returns when the routers have committed all that stands on case-requests."""
        client = Connection(self.broker.bootstrap).client()

        def lag() -> int:
            with Admin(client) as admin:
                ends = admin.ends([(CASE_REQUESTS, number) for number in range(4)], committed=False)
                done = admin.committed(CASE_TOPICS_GROUP)
            return sum(end - done.get(place, 0) for place, end in ends.items())

        deadline = time.monotonic() + within
        while left := await asyncio.to_thread(lag):
            assert time.monotonic() < deadline, f"{left} requests are left"

    async def records(self) -> list[Stored]:
        """Everything that is committed on the topics of the cases."""
        town = self.book.municipalities[TOWN]
        departments = [town.topic(name) for name in town.departments]
        return await committed(
            self.broker.bootstrap, [CASE_REQUESTS, CASE_EVENTS, ROUTER_STATE, DEAD_LETTERS, *departments]
        )


Fault = Callable[[Town], Awaitable[object]]
"""Something that goes wrong; returns when it is over."""


@asynccontextmanager
async def open_town(broker: EmbeddedBroker, folder: Path, session: float, **more: Any) -> AsyncIterator[Town]:  # noqa: ANN401
    """An installation on this broker, ready to take submissions."""
    write_hurried(folder)
    (folder / "data").mkdir()
    settings_in(folder / "data")
    first = free_ports(6)
    environ = {
        "LAUFZETTEL_KAFKA": broker.bootstrap,
        "LAUFZETTEL_SESSION_TIMEOUT_SECONDS": str(session),
        **more,
    }
    site = Site(folder, first, first + 1, first + 5, environ)
    done = await asyncio.to_thread(site.run, "topics", "apply")
    assert done.returncode == 0, done.stderr
    async with Crew(site) as crew, producer(broker.bootstrap) as client:
        town = Town(site, broker, crew, site.book, client, session)
        watching = asyncio.create_task(town.watch.run(broker.bootstrap))
        try:
            yield town
        finally:
            watching.cancel()
            await asyncio.gather(watching, return_exceptions=True)
