import pytest
from prometheus_client import CollectorRegistry

from services.runtime.metrics import Metrics
from services.runtime.slot import Phase, Status
from services.runtime.slot_watch import SlotWatch


@pytest.fixture
def registry() -> CollectorRegistry:
    return CollectorRegistry()


@pytest.fixture
def watch(registry: CollectorRegistry) -> SlotWatch:
    return SlotWatch(Metrics(registry), ["broker", "router-0"])


def why_not(watch: SlotWatch) -> dict[str, str | None]:
    return {name: check() for name, check in watch.checks.items()}


def test_it_is_ready_when_every_slot_runs(watch: SlotWatch) -> None:
    watch.changed(Status("broker", Phase.RUNNING, 0, pid=1))
    assert why_not(watch) == {"broker": None, "router-0": "waiting"}
    watch.changed(Status("router-0", Phase.RUNNING, 0, pid=2))
    assert why_not(watch) == {"broker": None, "router-0": None}
    watch.changed(Status("router-0", Phase.HALTED, 0, last_exit=65))
    assert why_not(watch)["router-0"] == "halted, last exit code 65"


def test_every_start_after_the_first_is_a_restart(watch: SlotWatch, registry: CollectorRegistry) -> None:
    for pid in (1, 2, 3):
        watch.changed(Status("router-0", Phase.STARTING, pid - 1))
        watch.changed(Status("router-0", Phase.STARTING, pid - 1, pid=pid))
        watch.changed(Status("router-0", Phase.RUNNING, pid - 1, pid=pid))
        watch.changed(Status("router-0", Phase.RESTARTING, pid))
    counted = {
        slot: registry.get_sample_value("laufzettel_process_restarts_total", {"slot": slot})
        for slot in ("broker", "router-0")
    }
    assert counted == {"broker": 0, "router-0": 2}
