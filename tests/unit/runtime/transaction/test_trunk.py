"""What the trunk takes, refuses and still owes; how it commits is proved on a broker."""

import asyncio
from dataclasses import replace
from types import SimpleNamespace

import pytest
from aiokafka.producer.message_accumulator import BatchBuilder

from schemas.message import Stored
from services.runtime.bus import Processor
from services.runtime.log_reader import LogReader
from services.runtime.transaction.batch import Batch
from services.runtime.transaction.limiter import DeadLetterLimit, DeadLetterLimiter
from services.runtime.transaction.membership import Membership
from services.runtime.transaction.observer import Lag, Silent
from services.runtime.transaction.producer import GenerationFenced
from services.runtime.transaction.restore import Ledger
from services.runtime.transaction.tools import Limits, Tools, Topics
from services.runtime.transaction.trunk import Trunk
from services.runtime.transaction.waiting import Waiting
from tests.support.counting import CountingProcessor
from tests.support.deadline import eventually_async

SECOND = 1_000_000
LIMITS = Limits(backlog=10, backlog_bytes=1000)


@pytest.fixture
def trunk() -> Trunk:
    processor: Processor = CountingProcessor()
    tools = Tools(
        producer=SimpleNamespace(create_batch=None),
        processor=processor,
        recaller=LogReader({}),
        ledger=Ledger(),
        limiter=DeadLetterLimiter(DeadLetterLimit()),
        observer=Silent(),
        limits=LIMITS,
        topics=Topics("input", "state", "dead"),
        progressed=lambda: None,
    )
    return Trunk(1, Membership("group", 1, "member", None), frozenset({0, 1}), tools)


def batch(number: int, records: int, size: int = 10, partition: int = 0) -> Batch:
    stored = [Stored("input", partition, n, b"key", bytes(size), (), 5000) for n in range(records)]
    return Batch(partition, number, stored, records, arrived=0.0)


async def test_nothing_is_wanted_before_the_state_is_there(trunk: Trunk) -> None:
    assert trunk.wanted() == set()
    trunk.ready(1)
    assert trunk.wanted() == {1}


async def test_a_backlog_of_records_pauses_its_partition_alone(trunk: Trunk) -> None:
    trunk.ready(0)
    trunk.ready(1)
    trunk.put(batch(1, records=9))
    assert trunk.wanted() == {0, 1}
    trunk.put(batch(2, records=1))
    assert trunk.wanted() == {1}


async def test_a_few_large_records_pause_it_as_well(trunk: Trunk) -> None:
    trunk.ready(0)
    trunk.put(batch(1, records=2, size=500))
    assert trunk.wanted() == set()


async def test_a_batch_that_was_lost_on_the_way_is_noticed(trunk: Trunk) -> None:
    trunk.put(batch(1, records=1))
    with pytest.raises(AssertionError, match="lost"):
        trunk.put(batch(3, records=1))


async def test_a_closing_trunk_takes_and_wants_nothing(trunk: Trunk) -> None:
    trunk.ready(0)
    trunk.close()
    trunk.put(batch(1, records=1))
    assert trunk.wanted() == set()
    assert not trunk.busy()
    await trunk.run()


async def test_lag_counts_what_waits_and_what_was_not_read(trunk: Trunk) -> None:
    trunk.put(batch(1, records=3))
    lags = trunk.lag(lambda partition: 7 * partition, now=6 * SECOND)
    assert lags == {0: Lag(3, 1.0), 1: Lag(7, 0.0)}


async def test_the_clock_goes_no_further_than_what_still_waits(trunk: Trunk) -> None:
    now = 6 * SECOND
    assert trunk._known_until(0, now) == now
    trunk.tick(lambda partition: partition == 1)
    assert trunk._known_until(0, now) is None, "something is on its way"
    assert trunk._known_until(1, now) == now
    trunk.put(batch(1, records=3))
    assert trunk._known_until(0, now) == 5 * SECOND, "asked then, and not yet answered"
    assert trunk._known_until(0, 4 * SECOND) == 4 * SECOND, "another clock is ahead of ours"


async def test_an_instant_that_nobody_has_is_none(trunk: Trunk) -> None:
    record = Stored("input", 0, 0, b"key", b"", (("received_at", b"9" * 5_000),), 5000)
    trunk.put(Batch(0, 1, [record], 1, arrived=0.0))
    assert trunk.lag(lambda _: None, now=6 * SECOND)[0] == Lag(1, 1.0)


async def test_the_age_is_that_of_the_receipt_at_the_edge(trunk: Trunk) -> None:
    record = Stored("input", 0, 0, b"key", b"", (("received_at", b"2000000"),), 5000)
    trunk.put(Batch(0, 1, [record], 1, arrived=0.0))
    assert trunk.lag(lambda _: 0, now=6 * SECOND)[0] == Lag(1, 4.0)


class Hung(SimpleNamespace):
    """A producer whose transactions begin, and end when they are told to."""

    def __init__(self) -> None:
        self.goes_on = asyncio.Event()
        topics = SimpleNamespace(partitions_for_topic=lambda _: {0, 1})
        super().__init__(
            client=SimpleNamespace(cluster=topics), create_batch=lambda: BatchBuilder(1 << 20, 0, is_transactional=1)
        )

    async def begin_transaction(self) -> None:
        await self.goes_on.wait()
        raise GenerationFenced(22)


async def test_what_is_processed_waits_until_it_is_committed(trunk: Trunk) -> None:
    producer = Hung()
    trunk._tools = replace(trunk._tools, producer=producer)
    trunk.put(batch(1, records=7))
    running = asyncio.create_task(trunk.run())
    await eventually_async(lambda: trunk._committing or running.done())
    trunk.put(batch(2, records=2))
    await eventually_async(lambda: not trunk._queue)
    assert trunk.busy()
    assert trunk.lag(lambda _: 0, now=6 * SECOND)[0] == Lag(9, 1.0)
    producer.goes_on.set()
    await running


async def test_a_recall_that_hangs_holds_its_records(trunk: Trunk) -> None:
    called, for_ever = asyncio.Event(), asyncio.Event()

    async def hang(*_: object) -> Stored:
        called.set()
        await for_ever.wait()
        raise AssertionError

    class Aside(CountingProcessor):
        def recall(self, record: Stored) -> int | None:
            return record.offset

    trunk._tools = replace(trunk._tools, processor=Aside(), recaller=SimpleNamespace(one=hang))  # type: ignore[arg-type]  # all that is asked of it
    trunk.put(batch(1, records=5))
    running = asyncio.create_task(trunk.run())
    await called.wait()
    assert trunk.busy()
    assert trunk.lag(lambda _: 0, now=6 * SECOND)[0] == Lag(5, 1.0)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def test_what_others_have_found_counts_until_we_come_there(trunk: Trunk) -> None:
    trunk.positioned({0: 0, 1: 0})
    found = {0: Waiting(0, 2, 500, received_us=2 * SECOND)}
    assert trunk.lag(lambda _: None, 6 * SECOND, found) == {0: Lag(498, 4.0), 1: Lag(0, 0.0)}
    trunk._next_offset[0] = 3
    assert trunk.lag(lambda _: 7, 6 * SECOND, found)[0] == Lag(7, 0.0)
