"""Stage: one worker process of a transactional stage, from start to exit code."""

import asyncio
import os
import tempfile
from collections.abc import Awaitable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from time import time_ns
from typing import Any, NoReturn

import faust
import structlog
from aiokafka.errors import KafkaConnectionError, KafkaError
from faust.tables import TableManager

from schemas.errors import Misconfigured, Unavailable
from services.runtime.bus import Processor
from services.runtime.exit_codes import ExitCode
from services.runtime.kafka import Connection
from services.runtime.log_reader import LogReader
from services.runtime.transaction.limiter import DeadLetterLimit, DeadLetterLimiter, TooManyDeadLetters
from services.runtime.transaction.membership import Membership
from services.runtime.transaction.observer import Observer, Phase, Silent
from services.runtime.transaction.presence import require_alike, require_topics
from services.runtime.transaction.producer import FENCED_INSTANCE, GenerationFenced, transactional_producer
from services.runtime.transaction.restore import Ledger, Restorer
from services.runtime.transaction.transport import Transport, Wiring
from services.runtime.transaction.trunk import Limits, Tools, Topics, Trunk
from services.runtime.transaction.watchdog import Watchdog

_log = structlog.get_logger(__name__)


RECONNECT = 0.5
"""Seconds between two attempts to reach a cluster that is away when the process starts."""


@dataclass(frozen=True, slots=True)
class StageSettings:
    """One worker slot of one stage; times in seconds."""

    group: str
    slot: int
    input_topic: str
    dead_letter_topic: str
    state_topic: str | None = None
    session_timeout: float = 10.0
    heartbeat: float = 0.3
    """Short, because it is also how soon a worker notices that another one left."""
    transaction_timeout: float = 10.0
    patience: float = 60.0
    stop_within: float = 5.0
    limits: Limits = field(default_factory=Limits)
    dead_letters: DeadLetterLimit = field(default_factory=DeadLetterLimit)

    @property
    def transactional_id(self) -> str:
        """Stable per slot: a restarted slot ends what its predecessor left open."""
        return f"{self.group}-{self.slot}"


class _App(faust.App):
    def _create_directories(self) -> None:
        """Nothing is kept on disk."""


class _Tables(TableManager):
    async def on_start(self) -> None:
        """As Faust's, without the second that it waits for tables to be declared: there are none."""
        await self._update_channels()
        await self.recovery.start()


def _faust_app(settings: StageSettings, connection: Connection) -> Any:
    app = _App(
        settings.group,
        broker=[f"kafka://{server}" for server in connection.bootstrap.split(",")],
        store="memory://",
        datadir=Path(tempfile.gettempdir()) / settings.transactional_id,
        processing_guarantee="at_least_once",
        autodiscover=False,
        web_enabled=False,
        topic_disable_leader=True,
        topic_allow_declare=False,
        table_standby_replicas=0,
        stream_buffer_maxsize=64,
        stream_recovery_delay=0.0,
        stream_wait_empty=False,
        broker_commit_interval=60.0,
        worker_redirect_stdouts=False,
        TableManager=_Tables,
    )
    app.boot_strategy.enable_kafka_producer = False
    app.finalize()
    return app


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
        patience = settings.transaction_timeout + 20.0
        self._reader = LogReader(connection.client(), patience)
        self._recaller = LogReader(connection.client(), patience)
        self._producer: Any = None
        self._tools: Tools | None = None
        self._trunk: Trunk | None = None
        self._running: asyncio.Task[None] | None = None
        self._restoring: asyncio.Task[None] | None = None
        self._rejoining: asyncio.Task[None] | None = None
        self._assignments = 0
        self._app: Any = None
        self._watchdog = Watchdog(self._waits, self._barked, settings.patience)

    # -- life

    async def run(self, stop: asyncio.Event) -> int:
        """Works until ``stop`` is set; returns the exit code. Whatever nobody expected ends the process."""
        try:
            self._observer.phase(Phase.STARTING)
            await self._start()
            self._observer.phase(Phase.JOINING)
            housekeeping = asyncio.create_task(self._housekeeping())
            crash = asyncio.create_task(self._app.wait_until_stopped())
            stopping = asyncio.create_task(stop.wait())
            await asyncio.wait([housekeeping, crash, stopping], return_when=asyncio.FIRST_COMPLETED)
            if not stopping.done():
                self.crashed(self._app.crash_reason or RuntimeError("the Faust app stopped by itself"))
            housekeeping.cancel()
            crash.cancel()
            await asyncio.gather(housekeeping, crash, return_exceptions=True)
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
        await self._connect()
        await self._require_topics()
        self._tools = Tools(
            producer=self._producer,
            processor=self._processor,
            recaller=self._recaller,
            ledger=self._ledger,
            limiter=DeadLetterLimiter(settings.dead_letters),
            observer=self._observer,
            limits=settings.limits,
            topics=Topics(settings.input_topic, settings.state_topic, settings.dead_letter_topic),
            progressed=self._watchdog.progressed,
        )
        self._app = _faust_app(settings, self._connection)
        self._app.transport = Transport(self._app, self._wiring())
        topic = self._app.topic(
            settings.input_topic, key_type=bytes, value_type=bytes, key_serializer="raw", value_serializer="raw"
        )
        self._app.agent(topic, name=settings.group, concurrency=1)(self._receive)
        self._watchdog.start()
        await self._app.start()

    async def _connect(self) -> None:
        """Waits for the cluster; fences and finishes what a predecessor in this slot left open."""
        settings = self._settings
        while True:
            self._producer = transactional_producer(
                self._connection.client(), settings.transactional_id, int(settings.transaction_timeout * 1000)
            )
            try:
                for client in (self._producer, self._reader, self._recaller):
                    await client.start()
            except KafkaConnectionError as error:
                _log.warning("broker unavailable", reason=str(error))
                for client in (self._producer, self._reader, self._recaller):
                    await client.stop()
                await asyncio.sleep(RECONNECT)
            else:
                return

    async def _require_topics(self) -> None:
        settings = self._settings
        state = [settings.state_topic] if settings.state_topic is not None else []
        await require_topics(self._producer.client, [settings.input_topic, settings.dead_letter_topic, *state])
        require_alike(self._producer.client, settings.input_topic, state)

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
        await self.revoked()
        with suppress(KafkaError):  # without it the others wait for the session timeout, no more
            await self._app.consumer.leave()
        await self._producer.stop()
        await self._reader.stop()
        await self._recaller.stop()
        self._watchdog.stop()
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
        if isinstance(error, TooManyDeadLetters):
            self._die("too many dead letters", ExitCode.DEAD_LETTERS, reason=str(error))
        if isinstance(error, Unavailable):
            self._die("broker unavailable", ExitCode.UNAVAILABLE, reason=str(error))
        if isinstance(error, Misconfigured):
            self._die("stage misconfigured", ExitCode.MISCONFIGURED, reason=str(error))
        self._die("stage failed", ExitCode.INTERNAL, exc_info=error)

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
        settings = self._settings
        if settings.state_topic is None:
            for partition in trunk.partitions:
                trunk.ready(partition)
        else:
            self._observer.phase(Phase.RESTORING)
            restorer = Restorer(self._reader, settings.state_topic, self._processor, self._ledger, self._observer)
            await restorer.run(trunk.partitions, trunk.ready)
        self._observer.phase(Phase.RUNNING)

    async def _housekeeping(self) -> None:
        while True:
            await asyncio.sleep(self._settings.limits.tick)
            if self._trunk is not None:
                self._trunk.tick()
                self._observer.lag(self._trunk.lag(self._app.consumer.stable_end, time_ns() // 1000))

    def _guarded(self, work: Awaitable[None]) -> asyncio.Task[None]:
        task = asyncio.ensure_future(work)
        task.add_done_callback(self._check)
        return task

    def _check(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled() and (error := task.exception()) is not None:
            self.crashed(error)

    def _waits(self) -> bool:
        return self._trunk is not None and self._trunk.busy()

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
