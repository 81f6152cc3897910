"""Stage: one worker process of a transactional stage, from start to exit code."""

import asyncio
import os
from collections.abc import Awaitable, Mapping
from contextlib import suppress
from functools import partial
from time import time_ns
from typing import Any, NoReturn

import structlog
from aiokafka.errors import KafkaError

from services.runtime.bus import Processor
from services.runtime.exit_codes import ExitCode
from services.runtime.kafka import Connection
from services.runtime.stopping import ends_before
from services.runtime.transaction.clients import Clients
from services.runtime.transaction.ending import ending
from services.runtime.transaction.faust_app import faust_app
from services.runtime.transaction.limiter import DeadLetterLimiter
from services.runtime.transaction.lookout import Lookout
from services.runtime.transaction.membership import Membership
from services.runtime.transaction.observer import Observer, Phase, Silent
from services.runtime.transaction.producer import FENCED_INSTANCE, GenerationFenced
from services.runtime.transaction.restore import Ledger, Restorer
from services.runtime.transaction.settings import StageSettings
from services.runtime.transaction.survey import survey
from services.runtime.transaction.tools import Tools, Topics
from services.runtime.transaction.transport import Transport
from services.runtime.transaction.trunk import Trunk
from services.runtime.transaction.watchdog import Watchdog
from services.runtime.transaction.wiring import Wiring

__all__ = ["Stage", "StageSettings", "run_stage"]

_log = structlog.get_logger(__name__)


class Stage:
    """Receives assignments and batches from the transport and owns what outlives them."""

    def __init__(
        self,
        connection: Connection,
        settings: StageSettings,
        processor: Processor,
        observer: Observer,
    ) -> None:
        self._settings = settings
        self._connection = connection
        self._processor = processor
        self._observer = observer
        self._ledger = Ledger()
        self._watchdog = Watchdog(self._waits, self._barked, settings.patience)
        self._clients: Clients | None = None
        self._tools: Tools | None = None
        self._app: Any = None
        self._trunk: Trunk | None = None
        self._running: asyncio.Task[None] | None = None
        self._restoring: asyncio.Task[None] | None = None
        self._rejoining: asyncio.Task[None] | None = None
        self._housekeeping: tuple[asyncio.Task[None], ...] = ()
        self._assignments = 0
        self._behind = False

    # -- life

    async def run(self, stop: asyncio.Event) -> int:
        """Works until ``stop`` is set; returns the exit code. Whatever nobody expected ends the process."""
        stopping = asyncio.create_task(stop.wait())
        try:
            self._observer.phase(Phase.STARTING)
            if await ends_before(stopping, self._start()):
                self._observer.phase(Phase.JOINING)
                if await ends_before(stopping, self._app.wait_until_stopped()):
                    self.crashed(self._app.crash_reason or RuntimeError("the Faust app stopped by itself"))
            self._observer.phase(Phase.STOPPING)
            async with asyncio.timeout(self._settings.stop_within):
                await self._stop()
        except TimeoutError:
            self._die("stage did not stop in time", ExitCode.INTERNAL)
        except Exception as error:  # noqa: BLE001 - the last frame before the exit code
            self.crashed(error)
        return ExitCode.OK

    async def _start(self) -> None:
        settings = self._settings
        clients = self._clients = await Clients.connect(self._connection, settings)
        self._tools = Tools(
            producer=clients.producer,
            processor=self._processor,
            recaller=clients.recaller,
            ledger=self._ledger,
            limiter=DeadLetterLimiter(settings.dead_letters),
            observer=self._observer,
            limits=settings.limits,
            topics=Topics(settings.input_topic, settings.state_topic, settings.dead_letter_topic),
            progressed=self._watchdog.progressed,
        )
        self._app = faust_app(settings.group, settings.transactional_id, self._connection)
        self._app.transport = Transport(self._app, self._wiring())
        topic = self._app.topic(
            settings.input_topic, key_type=bytes, value_type=bytes, key_serializer="raw", value_serializer="raw"
        )
        self._app.agent(topic, name=settings.group, concurrency=1)(self._receive)
        self._watchdog.start()
        ask = partial(survey, self._connection.client(), settings.group, settings.input_topic)
        lookout = Lookout(ask, self, self._barked, settings.patience)
        self._housekeeping = (self._guarded(lookout.run()),)
        await self._app.start()
        self._housekeeping += (self._guarded(self._keep_house(lookout)),)

    def _wiring(self) -> Wiring:
        settings = self._settings
        return Wiring(
            client=self._connection.client(),
            group=settings.group,
            instance_id=settings.transactional_id,
            topic=settings.input_topic,
            assignee=self,
            session_timeout=settings.session_timeout,
            heartbeat=settings.heartbeat,
            rebalance_timeout=settings.stop_within * 2,
            max_records=2000,
        )

    async def _stop(self) -> None:
        """The transaction in flight first; when the group knows that we left, nobody waits for the rest."""
        for task in self._housekeeping:
            task.cancel()
        await asyncio.gather(*self._housekeeping, return_exceptions=True)
        await self.revoked()
        if self._app is not None:
            with suppress(KafkaError):  # without it the others wait for the session timeout, no more
                await self._app.consumer.leave()
        if self._clients is not None:
            await self._clients.stop()
        self._watchdog.stop()
        if self._app is not None:
            await self._app.stop()

    # -- from the transport

    async def assigned(self, membership: Membership, partitions: frozenset[int]) -> None:
        """Opens the trunk of this assignment."""
        if self._tools is None:
            raise RuntimeError("assigned before the stage has started")
        self._assignments += 1
        trunk = self._trunk = Trunk(self._assignments, membership, partitions, self._tools)
        _log.info("partitions assigned", partitions=sorted(partitions), generation=membership.generation)
        self._running = self._guarded(trunk.run())
        self._running.add_done_callback(lambda _: self._ended(trunk))

    async def revoked(self) -> None:
        """Ends restoring at once and the transaction in flight in good order."""
        for task in (self._restoring, self._rejoining):
            if task is not None:
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)
        if self._trunk is not None and self._running is not None:
            self._trunk.close()
            done, _ = await asyncio.wait([self._running], timeout=self._settings.stop_within)
            if not done:
                self._die("the last transaction did not end in time", ExitCode.INTERNAL)
        self._trunk = self._running = self._restoring = self._rejoining = None

    def wanted(self) -> tuple[int, set[int]]:
        """See Assignee."""
        if self._trunk is None:
            return -1, set()
        return self._trunk.number, self._trunk.wanted()

    def positioned(self, positions: Mapping[int, int]) -> None:
        """Starts to restore: only now is no transaction of an earlier owner undecided."""
        if (trunk := self._trunk) is not None:
            _log.info("offsets fetched", offsets=dict(sorted(positions.items())))
            trunk.positioned(positions)
            self._restoring = self._guarded(self._restore(trunk))

    def crashed(self, error: BaseException) -> None:
        """Logs and ends the process; nothing of the open transaction is committed."""
        event, code, details = ending(error)
        self._die(event, code, **details)

    # -- from the lookout

    def partitions(self) -> frozenset[int] | None:
        """See Watched."""
        return None if self._trunk is None else self._trunk.partitions

    def restoring(self) -> bool:
        """See Watched."""
        return self._restoring is not None and not self._restoring.done()

    # -- inside

    async def _receive(self, stream: Any) -> None:
        """The Faust agent: hands each batch to the trunk it was fetched for."""
        async for event in stream.noack().events():
            number, batch = event.value
            if self._trunk is not None and self._trunk.number == number:
                try:
                    self._trunk.put(batch)
                except AssertionError as error:
                    self.crashed(error)

    def _ended(self, trunk: Trunk) -> None:
        if trunk.fenced is not None:
            self._rejoining = self._guarded(self._rejoin(trunk, trunk.fenced))

    async def _rejoin(self, trunk: Trunk, fenced: GenerationFenced) -> None:
        _log.warning("generation fenced", reason=str(fenced), generation=trunk.membership.generation)
        if fenced.code == FENCED_INSTANCE:
            self._die("another process runs in this slot", ExitCode.INTERNAL)
        self._app.consumer.rejoin(trunk.membership)
        await asyncio.sleep(self._settings.session_timeout)
        if self._trunk is trunk:
            self._die("fenced, and not assigned anew within a session timeout", ExitCode.INTERNAL)

    async def _restore(self, trunk: Trunk) -> None:
        if self._settings.state_topic is None or self._clients is None:
            for partition in trunk.partitions:
                trunk.ready(partition)
        else:
            self._observer.phase(Phase.RESTORING)
            restorer = Restorer(
                self._clients.restorer, self._settings.state_topic, self._processor, self._ledger, self._observer
            )
            await restorer.run(trunk.partitions, trunk.ready)
        self._observer.phase(Phase.RUNNING)

    async def _keep_house(self, lookout: Lookout) -> None:
        while True:
            await asyncio.sleep(self._settings.limits.tick)
            self._observer.connected(self._app.consumer.connected)
            if self._trunk is not None:
                self._trunk.tick(self._nothing_on_the_way)
                lags = self._trunk.lag(self._app.consumer.unread, time_ns() // 1000, lookout.found)
                on_the_way = self._app.consumer.handed_out(self._trunk.number) - self._trunk.received
                self._behind = on_the_way > 0 or any(lag.records for lag in lags.values())
                self._observer.lag(lags)

    def _nothing_on_the_way(self, partition: int) -> bool:
        """Whether all that is on the topic has reached the trunk; not as long as nothing has been fetched."""
        if self._trunk is None or self._app is None or self._app.consumer.unread(partition) != 0:
            return False
        handed_out: int = self._app.consumer.handed_out(self._trunk.number)
        return handed_out == self._trunk.received

    def _guarded(self, work: Awaitable[None]) -> asyncio.Task[None]:
        task = asyncio.ensure_future(work)
        task.add_done_callback(self._check)
        return task

    def _check(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled() and (error := task.exception()) is not None:
            self.crashed(error)

    def _waits(self) -> bool:
        """Asked by the watchdog's thread. A restore that does not go on gives up by itself."""
        trunk = self._trunk
        return trunk is not None and not self.restoring() and (self._behind or trunk.busy())

    def _barked(self, seconds: float) -> None:
        self._die("records wait and none is finished", ExitCode.INTERNAL, seconds=round(seconds))

    def _die(self, event: str, code: ExitCode, **details: Any) -> NoReturn:
        _log.critical(event, group=self._settings.group, slot=self._settings.slot, exit_code=int(code), **details)
        os._exit(code)


async def run_stage(
    connection: Connection,
    settings: StageSettings,
    processor: Processor,
    stop: asyncio.Event,
    observer: Observer | None = None,
) -> int:
    """Runs one worker until ``stop`` is set; its return value is the exit code.

    Leaves the process without returning, by os._exit, when it cannot go on: 65 when too much goes to the dead
    letters, 78 when a topic is missing, 69 when an open transaction hides the state, 70 for whatever nobody expected.
    Nothing of the open transaction is committed then.
    """
    return await Stage(connection, settings, processor, observer or Silent()).run(stop)
