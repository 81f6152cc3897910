"""The real services with commands and timers running: nothing lost, nothing doubled, nothing reordered, state as told.

LAUFZETTEL_TEST_SEED repeats the fault times of a run. ``tests/crash`` runs the long form.
"""

import json
import os
import random
import time
from collections import Counter, defaultdict
from collections.abc import Callable
from pathlib import Path

import pytest

from schemas.topics import ROUTER_STATE
from services.runtime.broker.node import EmbeddedBroker
from tests.support import town_faults as faults
from tests.support.case_checker import judge
from tests.support.crew import EXPLAINED
from tests.support.restored import restored
from tests.support.town import Fault, Plan, Town, open_town

pytestmark = pytest.mark.kafka

Record = Callable[[str, object], None]


@pytest.fixture(autouse=True)
def _seed(record_property: Record) -> None:
    seed = int(os.environ.get("LAUFZETTEL_TEST_SEED", time.time_ns() % 1_000_000))
    record_property("seed", seed)
    random.seed(seed)


async def judged(broker: EmbeddedBroker, folder: Path, plan: Plan, session: float, record: Record) -> Counter[str]:
    async with open_town(broker, folder, session) as town:
        await town.storm(plan)
        outcome = await town.crew.stop()
        assert outcome.code == 0, (outcome, town.crew.text()[-8000:])
    unexplained = {code for _, code in town.crew.exits} - EXPLAINED
    assert not unexplained, town.crew.text()[-8000:]
    records = await town.records()
    verdict = judge(town.book, records, town.promised)
    for name, value in report(town).items():
        record(name, value)
    record("counts", dict(verdict.counts))
    record("found", f"{verdict.effects}; {verdict}")
    assert verdict.clean, str(verdict)
    assert not restored(town.book, (r for r in records if r.topic == ROUTER_STATE), verdict.folds)
    balanced(town)
    return verdict.counts


def balanced(town: Town) -> None:
    """The product's own account agrees with ours."""
    done = town.site.run("balance", "--json")
    account = json.loads(done.stdout)
    assert account["even"], account
    assert account["in_flight"] == 0
    assert account["delivered"] == len(town.promised.cases)
    assert account["dead_lettered"] == len(town.promised.planted)
    assert account["applied"] == sum(town.deliveries.values())


def report(town: Town) -> dict[str, object]:
    takeovers: defaultdict[str, list[float]] = defaultdict(list)
    for name, at in town.struck:
        takeovers[name].append(round(town.watch.takeover(at), 1))
    return {
        "cases": len(town.promised.cases),
        "acknowledged": len([*town.portal.acknowledged()]),
        "commands": sum(town.deliveries.values()),
        "faults": dict(Counter(name for name, _ in town.struck)),
        "exits": dict(Counter(town.crew.exits)),
        "answers": dict(town.portal.answers),
        "takeovers": {name: sorted(seconds) for name, seconds in takeovers.items()},
        "poison": len(town.promised.planted),
    }


@pytest.mark.timeout(240)
async def test_nothing_is_lost_or_doubled(own_kafka: EmbeddedBroker, tmp_path: Path, record_property: Record) -> None:
    storm: list[Fault] = [
        faults.kill_router, faults.kill_intake, faults.kill_all_when_many_are_due(100), faults.freeze_router,
        faults.restart_broker, faults.stop_router,
    ]  # fmt: skip
    plan = Plan(rate=60, count=900, faults=storm, pauses=(0.3, 1.0), share=0.25, commands=100)
    counts = await judged(own_kafka, tmp_path, plan, 3.0, record_property)
    assert counts["timer:case_due"] >= 100
    assert counts["timer:papers_due"]
    assert counts["timer:station_due"]


@pytest.mark.slow
@pytest.mark.timeout(3600)
async def test_nothing_is_lost_or_doubled_in_the_long_run(
    own_kafka: EmbeddedBroker, tmp_path: Path, record_property: Record
) -> None:
    every: list[Fault] = [*[faults.kill_router] * 16, *[faults.kill_intake] * 6, *[faults.restart_broker] * 3]
    every += [*[faults.stop_router] * 3, faults.stop_intake, *[faults.freeze_router] * 3, *[faults.freeze_broker] * 2]
    every += [faults.kill_all_when_many_are_due(1_500)] * 3
    random.shuffle(every)
    plan = Plan(rate=80, count=20_000, faults=every, pauses=(1.0, 10.0), commands=100)
    counts = await judged(own_kafka, tmp_path, plan, 10.0, record_property)
    assert counts["timer:case_due"] >= 4_500
