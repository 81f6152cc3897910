"""Crash: a stage under load whose workers and broker fail, and the verdict of the checker.

``Subject`` is what is put under load; the counting stage is one, the real services are another.
"""

import asyncio
import json
import random
import signal
import sys
import time
import uuid
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from schemas.message import Message, Stored
from services.runtime.kafka import Connection
from services.runtime.log_reader import LogReader
from tests.support.checker import Effect, Findings, Seen, check
from tests.support.counting import DEAD, OUTPUT, STATE
from tests.support.kafka import create_topic
from tests.support.load import producer, steady, tail
from tests.support.slots import Slots


class Subject(Protocol):
    """What is put under load and judged."""

    @property
    def outputs(self) -> Sequence[str]:
        """The topics on which its effects appear."""
        ...

    def command(self, slot: int) -> Sequence[str]:
        """How the worker in a slot is started."""
        ...

    def submission(self, index: int) -> tuple[Message, list[Effect]]:
        """The next submission and what it must cause."""
        ...

    def seen(self, record: Stored) -> Seen | None:
        """The effect that a record on one of ``outputs`` is; None for what is not judged."""
        ...


@dataclass(slots=True)
class CountingSubject:
    """The counting stage on topics of its own: outputs, dead letters, timers, and states put aside."""

    bootstrap: str
    keys: int = 200
    worker: dict[str, Any] = field(default_factory=dict)
    prefix: str = field(default_factory=lambda: f"crash-{uuid.uuid4().hex[:8]}.")

    def __post_init__(self) -> None:
        for topic in ("input", OUTPUT, DEAD):
            create_topic(self.bootstrap, self.prefix + topic)
        create_topic(self.bootstrap, self.prefix + STATE, config={"cleanup.policy": "compact"})

    @property
    def outputs(self) -> Sequence[str]:
        return self.prefix + OUTPUT, self.prefix + DEAD

    def command(self, slot: int) -> Sequence[str]:
        arguments = {
            "prefix": self.prefix,
            "bootstrap": self.bootstrap,
            "group": f"{self.prefix}group",
            "slot": slot,
            "session_timeout": 3.0,
            "transaction_timeout": 6.0,
            **self.worker,
        }
        return sys.executable, "-m", "tests.support.worker", json.dumps(arguments)

    def submission(self, index: int) -> tuple[Message, list[Effect]]:
        key, cause = b"case-%04d" % (index % self.keys), str(index)
        if index % 500 == 250:
            return self._message(key, "poison", cause), [Effect(key, cause, DEAD)]
        if index % 50 == 10:  # a key of its own, so that exactly one timer belongs to it
            key = b"timer-%06d" % index
            return self._message(key, "due", cause), [Effect(key, cause, OUTPUT), Effect(key, "clock", OUTPUT)]
        word = "close" if index % 20 == 5 else "step"
        return self._message(key, word, cause), [Effect(key, cause, OUTPUT)]

    def _message(self, key: bytes, word: str, cause: str) -> Message:
        return Message(f"{self.prefix}input", key, f"{word} {cause}".encode())

    def seen(self, record: Stored) -> Seen | None:
        cause = "clock" if record.value == b"timer" else (record.value or b"").split()[-1].decode()
        kind = record.topic.removeprefix(self.prefix)
        return Seen(Effect(record.key or b"", cause, kind), record.topic, record.partition, record.offset)


@dataclass(slots=True)
class Run:
    """One run: what was promised, what came, and when."""

    subject: Subject
    bootstrap: str
    slots: Slots
    must: list[Effect] = field(default_factory=list)
    arrivals: dict[int, list[float]] = field(default_factory=lambda: defaultdict(list))
    """Monotonic times by partition of the first output topic."""
    counted: int = 0

    async def submit(self, rate: float, count: int) -> None:
        """Submits at ``rate``; returns when every single one has been acknowledged."""
        async with producer(self.bootstrap) as client:
            futures = []
            index = len(self.must)
            async for _ in steady(rate, count / rate):
                message, effects = self.subject.submission(index)
                self.must += effects
                futures.append(await client.send(message.topic, message.value, key=message.key))
                index += 1
            await asyncio.gather(*futures)

    async def watch(self) -> None:
        """Counts what becomes visible."""
        async with tail(self.bootstrap, *self.subject.outputs) as reader:
            while True:
                for tp, records in (await reader.getmany(timeout_ms=500)).items():
                    self.counted += len(records)
                    if tp.topic == self.subject.outputs[0]:
                        self.arrivals[tp.partition] += [time.monotonic()] * len(records)

    def takeover(self, since: float) -> float:
        """Seconds from ``since`` until every partition moved again."""
        moved = [next((at for at in ats if at > since + 0.05), float("inf")) for ats in self.arrivals.values()]
        return max(moved, default=float("inf")) - since

    async def settled(self, within: float) -> None:
        """Returns when as much is visible as must be, or nothing has come for a long time."""
        best, moved = -1, time.monotonic()
        while self.counted < len(self.must) and time.monotonic() - moved < within:
            if self.counted != best:
                best, moved = self.counted, time.monotonic()
            await asyncio.sleep(0.05)

    async def verdict(self) -> tuple[Findings, list[Stored]]:
        """Reads everything to the end, once the workers have stopped."""
        records = await committed(self.bootstrap, self.subject.outputs)
        seen = [found for record in records if (found := self.subject.seen(record)) is not None]
        return check(self.must, [], seen), records


async def committed(bootstrap: str, topics: Iterable[str]) -> list[Stored]:
    """Every committed record of ``topics``, up to the high watermarks."""
    found: list[Stored] = []
    async with LogReader(Connection(bootstrap).client()) as reader:
        for topic in topics:
            ends = await reader.high_watermarks(topic, await reader.partitions(topic))
            async for _, records, _ in reader.read(topic, ends):
                found += records
    return found


Fault = Callable[[Run], Awaitable[object]]


@dataclass(frozen=True, slots=True)
class Plan:
    """How much load, and what goes wrong meanwhile; a second."""

    rate: float
    count: int
    faults: Sequence[Fault]
    pauses: tuple[float, float] = (0.3, 1.2)
    workers: int = 2
    patience: float = 30.0


async def crash(subject: Subject, bootstrap: str, logs: Path, plan: Plan) -> tuple[Run, Findings, list[Stored]]:
    """Two workers under load, one fault after the other, then silence, then the verdict."""
    async with Slots(subject.command, plan.workers, logs) as slots:
        run = Run(subject, bootstrap, slots)
        watching = asyncio.create_task(run.watch())
        submitting = asyncio.create_task(run.submit(plan.rate, plan.count))
        for fault in plan.faults:
            await asyncio.sleep(random.uniform(*plan.pauses))
            await fault(run)
        await submitting
        await run.settled(plan.patience)
        codes = await slots.stop()
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)
    assert set(codes.values()) <= {0, -signal.SIGTERM}, slots.text()[-8000:]
    return (run, *await run.verdict())


def counts_by_key(records: Iterable[Stored]) -> dict[bytes, list[int]]:
    """What the state said at each output, in order: 1, 2, 3 … when no state was lost or applied twice."""
    counts: dict[bytes, list[int]] = defaultdict(list)
    for record in sorted(records, key=lambda r: (r.topic, r.partition, r.offset)):
        if (count := record.header("count")) is not None:
            counts[record.key or b""].append(int(count))
    return counts
