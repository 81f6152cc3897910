"""One contract, two stages: what a processor may rely on in memory holds in transactions on Kafka."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from services.runtime.account import Outcome
from tests.support.counting import DEAD, OUTPUT, STATE
from tests.support.stages import InMemory, Worked, on_kafka


@pytest.fixture(params=["memory", pytest.param("kafka", marks=pytest.mark.kafka)])
async def stage(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Worked]:
    if request.param == "memory":
        yield InMemory()
        return
    async with on_kafka(request.getfixturevalue("kafka"), tmp_path) as found:
        yield found


async def counts(stage: Worked, key: bytes = b"case") -> list[int]:
    return [int(record.header("count") or b"0") for record in await stage.records(OUTPUT) if record.key == key]


async def test_what_follows_stays_on_its_source_partition_in_order(stage: Worked) -> None:
    await stage.work(stage.processor(), *[(b"case", b"step %d" % n, 2) for n in range(250)], (b"bad", b"poison", 2))
    found = {topic: await stage.records(topic) for topic in (OUTPUT, STATE, DEAD)}
    assert {record.partition for records in found.values() for record in records} == {2}
    assert [record.value for record in found[OUTPUT]] == [b"step %d" % n for n in range(250)]
    assert [len(records) for records in found.values()] == [250, 250, 1]


async def test_nothing_is_done_twice_and_another_processor_takes_over_with_the_state(stage: Worked) -> None:
    processor = stage.processor()
    await stage.work(processor, (b"case", b"step"))
    await stage.work(processor)
    successor = stage.processor()
    await stage.work(successor, (b"case", b"step"))
    assert await counts(stage) == [1, 2]
    assert len(successor.restored) == 1


async def test_a_processor_is_told_to_forget_each_partition_before_it_is_restored(stage: Worked) -> None:
    processor = stage.processor()
    await stage.work(processor, (b"case", b"step"))
    assert sorted(processor.forgotten) == [0, 1, 2, 3]


async def test_what_was_put_aside_after_it_was_written_is_recalled(stage: Worked) -> None:
    processor = stage.processor()
    for _ in range(3):
        await stage.work(processor, (b"case", b"close"))
    successor = stage.processor()
    await stage.work(successor, (b"case", b"step"))
    assert (processor.recalls, successor.recalls) == (2, 1)
    assert await counts(stage) == [1, 2, 3, 4]


async def test_the_clock_acts_once_without_any_record(stage: Worked) -> None:
    await stage.work(stage.processor(), (b"case", b"due"), outputs=2)
    await stage.work(stage.processor())
    assert [record.value for record in await stage.records(OUTPUT)] == [b"due", b"timer"]


async def test_every_record_has_one_outcome(stage: Worked) -> None:
    words = [b"step", b"duplicate", b"poison", b"due", b"step"]
    account = await stage.work(stage.processor(), *[(b"case", word) for word in words], outputs=5)
    assert account.outcomes == {Outcome.ROUTED: 3, Outcome.DUPLICATE: 1, Outcome.DEAD_LETTER: 1}
    assert account.delivered + account.filtered + account.dead_lettered == len(words)


async def test_an_output_that_no_batch_can_hold_is_a_bug_and_nothing_of_its_records_is_committed(
    stage: Worked,
) -> None:
    await stage.fail((b"case", b"step", 0), (b"case", b"huge", 0))
    assert [await stage.records(topic) for topic in (OUTPUT, STATE, DEAD)] == [[], [], []]
