"""A worker that sleeps inside a transaction while its partitions move on; and the controls without the fence.

The transaction's timeout is long here, so that nothing but the group's generation can fence the sleeper.
"""

import asyncio
import signal
from functools import partial
from pathlib import Path

import pytest

from tests.support.checker import Findings
from tests.support.crash import CountingSubject, Run
from tests.support.deadline import eventually_async
from tests.support.slots import Slots

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(120)]

RATE = 100
ASSIGNED = "partitions=[0, 1, 2, 3]"
FETCHED = "offsets={0: "
"""A successor has all partitions; it has fetched the offsets of all of them."""


async def asleep_inside(kafka: str, logs: Path, point: str, without: str | None = None) -> Findings:
    """Slot 0 freezes at ``point``, slot 1 takes over, slot 0 wakes up again.

    A successor without our care fetches the offsets at once; one with it may have to wait for the sleeper.
    """
    sign = FETCHED if without else ASSIGNED
    worker = {"fault": point, "number": signal.SIGSTOP, "without": without, "transaction_timeout": 60.0}
    subject = CountingSubject(kafka, worker=worker)
    async with Slots(subject.command, 2, logs) as slots:
        run = Run(subject, kafka, slots)
        watching = asyncio.create_task(run.watch())
        await eventually_async(lambda: slots.text(0).count("generation=2") and slots.text(1).count("generation=2"))
        submitting = asyncio.create_task(run.submit(RATE, RATE * 6))
        await eventually_async(lambda: len(run.arrivals) == 4)
        taken_over = slots.text(1).count(sign)
        slots.send(0, signal.SIGUSR1)
        await slots.frozen(0)
        await eventually_async(lambda: slots.text(1).count(sign) > taken_over)
        slots.send(0, signal.SIGCONT)
        await submitting
        await run.settled(10.0)
        await slots.stop()
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)
    findings, _ = await run.verdict()
    return findings


@pytest.mark.parametrize(
    "point",
    [
        pytest.param("begun", marks=pytest.mark.slow),
        "produced",
        "offsets sent",
        pytest.param("committed", marks=pytest.mark.slow),
    ],
)
async def test_a_sleeper_is_fenced_by_the_generation(kafka: str, tmp_path: Path, point: str) -> None:
    findings = await asleep_inside(kafka, tmp_path, point)
    assert findings.clean, findings


async def test_without_membership_the_sleeper_commits_what_others_have_done(kafka: str, tmp_path: Path) -> None:
    findings = await asleep_inside(kafka, tmp_path, "produced", without="membership")
    assert findings.duplicated


async def test_without_stable_offsets_the_successor_starts_too_early(kafka: str, tmp_path: Path) -> None:
    findings = await asleep_inside(kafka, tmp_path, "offsets sent", without="stable offsets")
    assert findings.duplicated


async def submit_until(enough: asyncio.Event, run: Run) -> None:
    while not enough.is_set():
        await run.submit(RATE, RATE)


def ended(slots: Slots, times: int) -> bool:
    return len(slots.exits) >= times


@pytest.mark.slow
@pytest.mark.parametrize("point", ["begun", "produced", "offsets sent", "committed"])
async def test_a_worker_may_die_at_every_point(kafka: str, tmp_path: Path, point: str) -> None:
    subject = CountingSubject(kafka, worker={"fault": point, "number": signal.SIGKILL})
    async with Slots(subject.command, 2, tmp_path) as slots:
        run = Run(subject, kafka, slots)
        watching = asyncio.create_task(run.watch())
        enough = asyncio.Event()
        submitting = asyncio.create_task(submit_until(enough, run))
        for deaths in range(1, 4):
            await eventually_async(lambda: len(run.arrivals) == 4)
            slots.send(deaths % 2, signal.SIGUSR1)
            await eventually_async(partial(ended, slots, deaths))
            run.arrivals.clear()
        enough.set()
        await submitting
        await run.settled(20.0)
        await slots.stop()
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)
    findings, _ = await run.verdict()
    assert findings.clean, findings
