"""One worker of a stage, in this process, on a real broker."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from schemas.message import Message, Stored
from services.runtime.exit_codes import ExitCode
from services.runtime.kafka import Connection
from services.runtime.publisher import KafkaPublisher
from services.runtime.source import KafkaSource
from services.runtime.transaction.observer import Committed, Lag, Phase
from services.runtime.transaction.stage import Stage, StageSettings
from services.runtime.transaction.survey import survey
from services.runtime.transaction.tools import Limits
from tests.contract.test_bus import ensure_positions
from tests.support.counting import DEAD, OUTPUT, STATE, CountingProcessor
from tests.support.crash import CountingSubject, committed
from tests.support.deadline import eventually_async
from tests.support.slots import Slots

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(60)]


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


@dataclass(slots=True)
class Bench:
    """Topics, a publisher, and workers started one after the other."""

    subject: CountingSubject
    publisher: KafkaPublisher

    @property
    def settings(self) -> StageSettings:
        prefix = self.subject.prefix
        return StageSettings(
            group=f"{prefix}group",
            slot=0,
            input_topic=f"{prefix}input",
            state_topic=prefix + STATE,
            dead_letter_topic=prefix + DEAD,
            session_timeout=6.0,
            limits=Limits(tick=0.1),
        )

    async def send(self, *records: tuple[bytes, bytes]) -> None:
        await self.publisher.publish([Message(f"{self.subject.prefix}input", key, value) for key, value in records])

    async def outputs(self, topic: str = OUTPUT) -> list[Stored]:
        return await committed(self.subject.bootstrap, [self.subject.prefix + topic])

    @asynccontextmanager
    async def running(
        self, processor: CountingProcessor | None = None, settings: StageSettings | None = None
    ) -> AsyncIterator[Watching]:
        """A worker that runs meanwhile, and ends in good order."""
        observer, stop = Watching(), asyncio.Event()
        stage = Stage(
            Connection(self.subject.bootstrap),
            settings or self.settings,
            processor or CountingProcessor(self.subject.prefix),
            observer,
        )
        work = asyncio.create_task(stage.run(stop))
        try:
            yield observer
        finally:
            stop.set()
            assert await work == ExitCode.OK


@pytest.fixture
async def bench(kafka: str) -> AsyncIterator[Bench]:
    publisher = KafkaPublisher(Connection(kafka).client())
    yield Bench(CountingSubject(kafka), publisher)
    await publisher.stop()


def done(observer: Watching, records: int) -> Callable[[], bool]:
    return lambda: sum(t.records_in for t in observer.transactions) >= records


def counts(records: list[Stored], key: bytes) -> list[int]:
    return [int(record.header("count") or b"0") for record in records if record.key == key]


async def test_outputs_state_and_offsets_go_together(bench: Bench) -> None:
    await bench.send(*[(b"case-%d" % (n % 5), b"step %d" % n) for n in range(50)])
    async with bench.running() as observer:
        await eventually_async(done(observer, 50))
    assert len(await bench.outputs()) == len(await bench.outputs(STATE)) == 50
    async with bench.running() as observer:
        await bench.send((b"case-0", b"step 50"))
        await eventually_async(done(observer, 1))
    assert counts(await bench.outputs(), b"case-0") == list(range(1, 12))
    assert observer.transactions[0].messages_out == {bench.subject.prefix + OUTPUT: 1, bench.subject.prefix + STATE: 1}


async def test_a_restart_restores_before_the_first_batch_and_says_so(bench: Bench) -> None:
    await bench.send(*[(b"case-%d" % n, b"step") for n in range(40)])
    async with bench.running() as observer:
        await eventually_async(done(observer, 40))
    await bench.send(*[(b"case-%d" % n, b"step") for n in range(40)])
    processor = CountingProcessor(bench.subject.prefix)
    async with bench.running(processor) as observer:
        await eventually_async(done(observer, 40))
    assert len(processor.restored) == 40
    assert {records for records, total in observer.restored.values() if records == total}
    assert observer.phases.index(Phase.RESTORING) < observer.phases.index(Phase.RUNNING)
    outputs = await bench.outputs()
    assert all(counts(outputs, b"case-%d" % n) == [1, 2] for n in range(40))


async def test_what_was_put_aside_is_recalled(bench: Bench) -> None:
    processor = CountingProcessor(bench.subject.prefix)
    async with bench.running(processor) as observer:
        for step in range(1, 4):
            await bench.send((b"case", b"close"))
            await eventually_async(done(observer, step))
    assert processor.recalls == 2
    processor = CountingProcessor(bench.subject.prefix)
    async with bench.running(processor) as observer:
        await bench.send((b"case", b"step"))
        await eventually_async(done(observer, 1))
    assert processor.recalls == 1
    assert counts(await bench.outputs(), b"case") == [1, 2, 3, 4]


async def test_the_clock_acts_without_any_record(bench: Bench) -> None:
    await bench.send((b"case", b"due"))
    async with bench.running() as observer:
        await eventually_async(lambda: len(observer.transactions) >= 2)
    assert [record.value for record in await bench.outputs()] == [b"due", b"timer"]
    assert observer.transactions[-1].records_in == 0


async def test_what_fell_due_while_nobody_worked_is_done_once(bench: Bench) -> None:
    await bench.send((b"case", b"due"))
    async with bench.running(settings=replace(bench.settings, limits=Limits(tick=60.0))) as observer:
        await eventually_async(done(observer, 1))
    async with bench.running() as observer:
        await eventually_async(lambda: bool(observer.transactions))
    async with bench.running() as observer:
        await eventually_async(lambda: Phase.RUNNING in observer.phases)
        observer.lags.clear()
        await eventually_async(lambda: len(observer.lags) > 2)
    assert counts(await bench.outputs(), b"case") == [1, 2]


async def test_a_bug_ends_the_process_with_nothing_committed(bench: Bench, tmp_path: Path) -> None:
    await bench.send((b"case", b"step"), (b"case", b"bug"))
    async with Slots(bench.subject.command, 1, tmp_path) as slots:
        await eventually_async(lambda: bool(slots.exits))
    assert slots.exits[0] == (0, ExitCode.INTERNAL), slots.text()
    assert await bench.outputs() == await bench.outputs(STATE) == []


async def test_too_many_dead_letters_stop_the_stage_before_they_are_written(bench: Bench, tmp_path: Path) -> None:
    await bench.send(*[(b"case-%d" % n, b"poison") for n in range(50)])
    bench.subject.worker = {"dead_letters": {"streak": 20}, "limits": {"records": 10, "slice": 5}}
    async with Slots(bench.subject.command, 1, tmp_path, restart_after=60.0) as slots:
        await eventually_async(lambda: bool(slots.exits))
    assert slots.exits[0] == (0, ExitCode.DEAD_LETTERS), slots.text()
    assert len(await bench.outputs(DEAD)) < 20
    said = slots.text()
    assert f"{bench.subject.prefix}input-" in said
    assert all(word in said for word in ("offsets", "LAUFZETTEL_DEAD_LETTER_STREAK", "Mend"))


async def test_lag_is_told_in_records_and_seconds(bench: Bench) -> None:
    async with bench.running() as observer:
        await bench.send((b"case", b"step"))
        await eventually_async(done(observer, 1))
        observer.lags.clear()
        await eventually_async(lambda: len(observer.lags) >= 2)
    assert set(observer.lags[-1]) == {0, 1, 2, 3}
    assert all(lag == Lag(0, 0.0) for lag in observer.lags[-1].values())


@pytest.mark.parametrize("without", ["fetching", "joining"])
async def test_a_flow_of_records_that_never_begins_ends_the_process(bench: Bench, tmp_path: Path, without: str) -> None:
    await bench.send((b"case", b"step"))
    bench.subject.worker = {"without": without, "patience": 2.0}
    async with Slots(bench.subject.command, 1, tmp_path, restart_after=60.0) as slots:
        await eventually_async(lambda: bool(slots.exits), within=40.0)
    assert slots.exits == [(0, ExitCode.INTERNAL)], slots.text()
    assert "records wait and none is finished" in slots.text()


async def test_the_markers_of_transactions_wait_for_nobody(bench: Bench) -> None:
    topic, client = f"{bench.subject.prefix}input", Connection(bench.subject.bootstrap).client()
    source = KafkaSource(client, "source")
    ensure_positions(bench.subject.bootstrap)
    await source.position()
    await source.commit([Message(topic, b"case", b"step")], b"1")
    await source.stop()
    (waiting,) = (await survey(client, bench.settings.group, topic, None)).values()
    assert (waiting.committed, waiting.offset, waiting.end) == (0, 0, 2)
    async with bench.running() as observer:
        await eventually_async(done(observer, 1))
    assert await survey(client, bench.settings.group, topic, range(4)) == {}


async def test_a_missing_topic_is_named_and_nothing_is_begun(bench: Bench, tmp_path: Path) -> None:
    bench.subject.prefix += "missing."
    async with Slots(bench.subject.command, 1, tmp_path, restart_after=60.0) as slots:
        await eventually_async(lambda: bool(slots.exits))
    assert slots.exits == [(0, ExitCode.MISCONFIGURED)]
    assert all(f"{bench.subject.prefix}{topic}: This topic" in slots.text() for topic in ("input", STATE, DEAD))


async def test_a_worker_stops_while_it_waits_for_the_broker(kafka: str, tmp_path: Path) -> None:
    subject = CountingSubject(kafka)
    subject.bootstrap = "127.0.0.1:1"
    async with Slots(subject.command, 1, tmp_path) as slots:
        await eventually_async(lambda: "broker unavailable" in slots.text())
        assert await slots.stop() == {0: ExitCode.OK}
