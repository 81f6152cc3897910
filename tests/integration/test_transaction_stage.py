"""One worker of a stage, in this process, on a real broker."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path

import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.structs import TopicPartition

from schemas.message import Message, Stored
from services.runtime.exit_codes import ExitCode
from services.runtime.kafka import Connection
from services.runtime.source import KafkaSource
from services.runtime.transaction.observer import Lag, Phase
from services.runtime.transaction.survey import survey
from services.runtime.transaction.tools import Limits
from tests.contract.test_bus import ensure_positions
from tests.support.counting import DEAD, OUTPUT, STATE, CountingProcessor
from tests.support.crash import CountingSubject
from tests.support.deadline import eventually_async
from tests.support.slots import Slots
from tests.support.stages import OnKafka, Watching, on_kafka

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(60)]


@pytest.fixture
async def bench(kafka: str, tmp_path: Path) -> AsyncIterator[OnKafka]:
    async with on_kafka(kafka, tmp_path) as found:
        yield found


def done(observer: Watching, records: int) -> Callable[[], bool]:
    return lambda: observer.done(records)


def counts(records: list[Stored], key: bytes) -> list[int]:
    return [int(record.header("count") or b"0") for record in records if record.key == key]


async def test_outputs_state_and_offsets_go_together(bench: OnKafka) -> None:
    await bench.send(*[(b"case-%d" % (n % 5), b"step %d" % n) for n in range(50)])
    async with bench.running() as observer:
        await eventually_async(done(observer, 50))
    assert len(await bench.records()) == len(await bench.records(STATE)) == 50
    async with bench.running() as observer:
        await bench.send((b"case-0", b"step 50"))
        await eventually_async(done(observer, 1))
    assert counts(await bench.records(), b"case-0") == list(range(1, 12))
    assert observer.transactions[0].messages_out == {bench.subject.prefix + OUTPUT: 1, bench.subject.prefix + STATE: 1}


async def test_a_restart_restores_before_the_first_batch_and_says_so(bench: OnKafka) -> None:
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
    outputs = await bench.records()
    assert all(counts(outputs, b"case-%d" % n) == [1, 2] for n in range(40))


async def test_what_fell_due_while_nobody_worked_is_done_once(bench: OnKafka) -> None:
    await bench.send((b"case", b"due"))
    async with bench.running(settings=replace(bench.settings, limits=Limits(tick=60.0))) as observer:
        await eventually_async(done(observer, 1))
    async with bench.running() as observer:
        await eventually_async(lambda: bool(observer.transactions))
    async with bench.running() as observer:
        await eventually_async(lambda: Phase.RUNNING in observer.phases)
        observer.lags.clear()
        await eventually_async(lambda: len(observer.lags) > 2)
    assert counts(await bench.records(), b"case") == [1, 2]


async def test_a_bug_ends_the_process_with_nothing_committed(bench: OnKafka, tmp_path: Path) -> None:
    await bench.send((b"case", b"step"), (b"case", b"bug"))
    async with Slots(bench.subject.command, 1, tmp_path) as slots:
        await eventually_async(lambda: bool(slots.exits))
    assert slots.exits[0] == (0, ExitCode.INTERNAL), slots.text()
    assert await bench.records() == await bench.records(STATE) == []


async def test_too_many_dead_letters_stop_the_stage_before_they_are_written(bench: OnKafka, tmp_path: Path) -> None:
    await bench.send(*[(b"case-%d" % n, b"poison") for n in range(50)])
    bench.subject.worker = {"dead_letters": {"streak": 20}, "limits": {"records": 10, "slice": 5}}
    async with Slots(bench.subject.command, 1, tmp_path, restart_after=60.0) as slots:
        await eventually_async(lambda: bool(slots.exits))
    assert slots.exits[0] == (0, ExitCode.DEAD_LETTERS), slots.text()
    assert len(await bench.records(DEAD)) < 20
    said = slots.text()
    assert f"{bench.subject.prefix}input-" in said
    assert all(word in said for word in ("offsets", "LAUFZETTEL_DEAD_LETTER_STREAK", "Mend"))


async def test_lag_is_told_in_records_and_seconds(bench: OnKafka) -> None:
    async with bench.running() as observer:
        await bench.send((b"case", b"step"))
        await eventually_async(done(observer, 1))
        observer.lags.clear()
        await eventually_async(lambda: len(observer.lags) >= 2)
    assert set(observer.lags[-1]) == {0, 1, 2, 3}
    assert all(lag == Lag(0, 0.0) for lag in observer.lags[-1].values())


@pytest.mark.parametrize("without", ["fetching", "joining"])
async def test_a_flow_of_records_that_never_begins_ends_the_process(
    bench: OnKafka, tmp_path: Path, without: str
) -> None:
    await bench.send((b"case", b"step"))
    bench.subject.worker = {"without": without, "patience": 2.0}
    async with Slots(bench.subject.command, 1, tmp_path, restart_after=60.0) as slots:
        await eventually_async(lambda: bool(slots.exits), within=40.0)
    assert slots.exits == [(0, ExitCode.INTERNAL)], slots.text()
    assert "records wait and none is finished" in slots.text()


async def test_the_markers_of_transactions_wait_for_nobody(bench: OnKafka) -> None:
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


async def test_nobody_can_tell_what_waits_while_a_transaction_hides_the_offsets(bench: OnKafka) -> None:
    await bench.send((b"case", b"step", 0))
    group, topic = bench.settings.group, f"{bench.subject.prefix}input"
    client = Connection(bench.subject.bootstrap).client()
    async with AIOKafkaProducer(**client, transactional_id=f"{group}-hiding") as hiding:
        await hiding.begin_transaction()
        await hiding.send_offsets_to_transaction({TopicPartition(topic, 0): 1}, group)
        looking = asyncio.create_task(survey(client, group, topic, [0]))
        done, _ = await asyncio.wait([looking], timeout=1.0)
        assert not done
        await hiding.abort_transaction()
    assert (await looking)[0].committed == 0


async def test_a_missing_topic_is_named_and_nothing_is_begun(bench: OnKafka, tmp_path: Path) -> None:
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
