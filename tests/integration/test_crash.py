"""Nothing lost, nothing doubled, nothing reordered, whatever is killed; and the controls that show why.

LAUFZETTEL_TEST_SEED repeats the fault times of a run. ``pytest -m slow`` runs the long form.
"""

import asyncio
import os
import random
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from services.runtime.broker.node import EmbeddedBroker
from tests.support.crash import CountingSubject, Fault, Plan, Run, counts_by_key, crash

pytestmark = pytest.mark.kafka

SESSION = 3.0


@pytest.fixture(autouse=True)
def _seed(record_property: Callable[[str, object], None]) -> None:
    seed = int(os.environ.get("LAUFZETTEL_TEST_SEED", time.time_ns() % 1_000_000))
    record_property("seed", seed)
    random.seed(seed)


def slot() -> int:
    return random.randrange(2)


async def kill(run: Run) -> None:
    run.slots.send(slot(), signal.SIGKILL)


async def stop(run: Run) -> None:
    run.slots.send(slot(), signal.SIGTERM)


async def freeze(run: Run) -> None:
    victim = slot()
    run.slots.send(victim, signal.SIGSTOP)
    await asyncio.sleep(SESSION * random.uniform(1.2, 1.6))
    run.slots.send(victim, signal.SIGCONT)


def restart(broker: EmbeddedBroker) -> Fault:
    async def fault(_: Run) -> None:
        await asyncio.to_thread(broker.kill)
        await asyncio.to_thread(broker.start)

    return fault


async def judged(broker: EmbeddedBroker, logs: Path, plan: Plan) -> None:
    subject = CountingSubject(broker.bootstrap)
    run, findings, records = await crash(subject, broker.bootstrap, logs, plan)
    assert findings.clean, f"{findings}\n{run.slots.exits}\n{run.slots.text()[-8000:]}"
    for key, counts in counts_by_key(records).items():
        assert counts == list(range(1, len(counts) + 1)), (key, counts)
    unexplained = {code for _, code in run.slots.exits} - {-signal.SIGKILL, -signal.SIGTERM, 0, 70}
    assert not unexplained, run.slots.text()[-8000:]


@pytest.mark.slow  # what always runs is test_crash_services.py, on the same transport
@pytest.mark.timeout(150)
async def test_nothing_is_lost_or_doubled(own_kafka: EmbeddedBroker, tmp_path: Path) -> None:
    faults = [kill, stop, kill, freeze, restart(own_kafka), kill]
    await judged(own_kafka, tmp_path, Plan(rate=150, count=2000, faults=faults))


@pytest.mark.slow
@pytest.mark.timeout(1500)
async def test_nothing_is_lost_or_doubled_in_the_long_run(own_kafka: EmbeddedBroker, tmp_path: Path) -> None:
    again = restart(own_kafka)
    faults: list[Fault] = [kill] * 22 + [stop] * 4 + [freeze] * 4 + [again] * 3
    random.shuffle(faults)
    await judged(own_kafka, tmp_path, Plan(rate=200, count=21_000, faults=faults, pauses=(0.8, 2.4)))
