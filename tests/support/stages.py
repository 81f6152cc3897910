"""Stages: the counting processor at work on either bus, for a contract that holds both."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import pytest

from schemas.errors import Rejected
from schemas.message import Message, Stored
from services.runtime.account import Account
from services.runtime.exit_codes import ExitCode
from services.runtime.kafka import Connection
from services.runtime.memory import MemoryBus
from services.runtime.publisher import KafkaPublisher
from services.runtime.transaction.observer import Committed, Lag, Phase
from services.runtime.transaction.stage import Stage, StageSettings
from services.runtime.transaction.tools import Limits
from tests.support.counting import DEAD, OUTPUT, STATE, CountingProcessor
from tests.support.crash import CountingSubject, committed
from tests.support.deadline import eventually_async
from tests.support.slots import Slots

INPUT = "input"
SECOND = 1_000_000

Record = tuple[bytes, bytes] | tuple[bytes, bytes, int]
"""Key, value and, where it matters, partition."""


class Worked(Protocol):
    """One group on one transport; each call of ``work`` is a worker from its start to its end."""

    def processor(self) -> CountingProcessor:
        """A new one."""
        ...

    async def work(self, processor: CountingProcessor, *records: Record, outputs: int | None = None) -> Account:
        """Writes the records and lets the processor work until they and so many outputs are committed."""
        ...

    async def fail(self, *records: Record) -> None:
        """Writes records with which no worker can go on, and proves that none does."""
        ...

    async def records(self, topic: str) -> list[Stored]:
        """What is committed."""
        ...


@dataclass(slots=True)
class InMemory:
    """On the twin."""

    bus: MemoryBus = field(default_factory=lambda: MemoryBus(now=SECOND, dead_letters=DEAD))

    def processor(self) -> CountingProcessor:
        return CountingProcessor()

    async def work(
        self,
        processor: CountingProcessor,
        *records: Record,
        outputs: int | None = None,  # noqa: ARG002 - nothing has to be waited for
    ) -> Account:
        self._write(records)
        before, self.bus.account = self.bus.account, Account()
        self.bus.run(processor, group="group", topic=INPUT, state=STATE)
        self.bus.run(processor, group="group", topic=INPUT, state=STATE, now=self.bus.now + SECOND)
        done, self.bus.account = self.bus.account, before
        return done

    async def fail(self, *records: Record) -> None:
        self._write(records)
        with pytest.raises(Rejected):
            self.bus.run(self.processor(), group="group", topic=INPUT, state=STATE)

    async def records(self, topic: str) -> list[Stored]:
        return self.bus.records(topic)

    def _write(self, records: Sequence[Record]) -> None:
        self.bus.write(message(INPUT, record) for record in records)


@dataclass(slots=True)
class Watching:
    """An observer that remembers."""

    phases: list[Phase] = field(default_factory=list)
    transactions: list[Committed] = field(default_factory=list)
    lags: list[dict[int, Lag]] = field(default_factory=list)
    restored: dict[int, tuple[int, int]] = field(default_factory=dict)

    def phase(self, phase: Phase) -> None:
        self.phases.append(phase)

    def committed(self, transaction: Committed) -> None:
        self.transactions.append(transaction)

    def lag(self, lags: object) -> None:
        self.lags.append(dict(lags))  # type: ignore[call-overload]

    def connected(self, there: bool) -> None:
        pass

    def restoring(self, partition: int, records: int, total: int) -> None:
        self.restored[partition] = (records, total)

    def done(self, records: int) -> bool:
        return sum(each.records_in for each in self.transactions) >= records

    def written(self, topics: Sequence[str]) -> int:
        return sum(each.messages_out.get(topic, 0) for each in self.transactions for topic in topics)


@dataclass(slots=True)
class OnKafka:
    """On a real broker; workers run in this process, those that fail in their own."""

    subject: CountingSubject
    publisher: KafkaPublisher
    logs: Path

    @property
    def settings(self) -> StageSettings:
        prefix = self.subject.prefix
        return StageSettings(
            group=f"{prefix}group",
            slot=0,
            input_topic=prefix + INPUT,
            state_topic=prefix + STATE,
            dead_letter_topic=prefix + DEAD,
            session_timeout=6.0,
            limits=Limits(tick=0.1),
        )

    def processor(self) -> CountingProcessor:
        return CountingProcessor(self.subject.prefix)

    async def send(self, *records: Record) -> None:
        await self.publisher.publish([message(self.subject.prefix + INPUT, record) for record in records])

    async def records(self, topic: str = OUTPUT) -> list[Stored]:
        return await committed(self.subject.bootstrap, [self.subject.prefix + topic])

    async def work(self, processor: CountingProcessor, *records: Record, outputs: int | None = None) -> Account:
        await self.send(*records)
        account = Account()
        async with self.running(processor) as observer:
            await eventually_async(lambda: Phase.RUNNING in observer.phases and observer.done(len(records)))
            await eventually_async(lambda: observer.written(self.subject.outputs) >= (outputs or 0))
            observer.lags.clear()
            await eventually_async(lambda: len(observer.lags) > 2)
        for transaction in observer.transactions:
            account.add(transaction.account)
        return account

    async def fail(self, *records: Record) -> None:
        await self.send(*records)
        async with Slots(self.subject.command, 1, self.logs, restart_after=60.0) as slots:
            await eventually_async(lambda: bool(slots.exits))
        assert slots.exits == [(0, ExitCode.INTERNAL)], slots.text()
        assert "Rejected" in slots.text()

    @asynccontextmanager
    async def running(
        self, processor: CountingProcessor | None = None, settings: StageSettings | None = None
    ) -> AsyncIterator[Watching]:
        """A worker that runs meanwhile, and ends in good order."""
        observer, stop = Watching(), asyncio.Event()
        connection = Connection(self.subject.bootstrap)
        stage = Stage(connection, settings or self.settings, processor or self.processor(), observer)
        work = asyncio.create_task(stage.run(stop))
        try:
            yield observer
        finally:
            stop.set()
            assert await work == ExitCode.OK


def message(topic: str, record: Record) -> Message:
    """As it is written."""
    return Message(topic, record[0], record[1], partition=record[2] if len(record) > 2 else None)


@asynccontextmanager
async def on_kafka(bootstrap: str, logs: Path) -> AsyncIterator[OnKafka]:
    """A group on topics of its own."""
    publisher = KafkaPublisher(Connection(bootstrap).client())
    yield OnKafka(CountingSubject(bootstrap), publisher, logs)
    await publisher.stop()
