import pytest
from prometheus_client import CollectorRegistry

from services.runtime.account import Account, Outcome, Place
from services.runtime.metrics import Metrics
from services.runtime.stage_watch import StageWatch
from services.runtime.transaction.observer import Committed, Lag, Observer, Phase


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def registry() -> CollectorRegistry:
    return CollectorRegistry()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def watch(registry: CollectorRegistry, clock: Clock) -> StageWatch:
    watch = StageWatch(Metrics(registry), stage="router", group="g", topic="t", now=clock, clock=lambda: 2100.0)
    observer: Observer = watch
    observer.phase(Phase.JOINING)
    return watch


def lag_of(registry: CollectorRegistry, partition: int) -> float | None:
    labels = {"group": "g", "topic": "t", "partition": str(partition)}
    return registry.get_sample_value("laufzettel_consumer_lag_records", labels)


def test_a_batch_is_counted_once_with_all_that_it_wrote(watch: StageWatch, registry: CollectorRegistry) -> None:
    watch.committed(Committed(3, {"case-events": 3, "dead-letters": 1}, 0.2, 0.1))
    assert registry.get_sample_value("laufzettel_stage_records_in_total", {"stage": "router"}) == 3
    out = {"stage": "router", "route": "dead-letters"}
    assert registry.get_sample_value("laufzettel_stage_records_out_total", out) == 1
    assert registry.get_sample_value("laufzettel_stage_duration_seconds_sum", {"stage": "router"}) == 0.2


def counted(registry: CollectorRegistry, name: str, **labels: str) -> float | None:
    return registry.get_sample_value(f"laufzettel_{name}", labels)


def test_what_became_of_a_batch_is_counted_with_it(watch: StageWatch, registry: CollectorRegistry) -> None:
    account = Account()
    account.outcomes.update(
        {Outcome.ROUTED: 3, Outcome.COMMAND: 1, Outcome.REFUSED: 1, Outcome.DUPLICATE: 2, Outcome.REPEAT: 1}
    )
    account.outcomes.update({Outcome.DEAD_LETTER: 2, Outcome.TIMER: 7})
    account.reasons.update({"invalid": 1, "conflict": 1, "unknown-service": 2, "unroutable": 1})
    account.slips[Place("town", "taxes", "dog", "assess")].append(2_000_000_000)
    account.slips[Place("town", "order", "dog", "on-request")].append(0)
    watch.committed(Committed(10, {}, 0.2, 0.1, account))
    ends = [counted(registry, "ledger_terminal_total", state=s) for s in ("delivered", "filtered", "dead_lettered")]
    assert (ends, counted(registry, "ledger_unaccounted")) == ([5, 3, 2], 0)
    assert counted(registry, "dedup_hits_total", stage="router") == 3
    assert counted(registry, "dlq_records_total", stage="router", reason="conflict") == 1
    assert counted(registry, "timers_fired_total") == 7
    assert counted(registry, "routing_unmatched_total") == 3
    assert counted(registry, "routing_decisions_total", department="town.taxes", rule="dog/assess") == 1
    assert counted(registry, "case_e2e_duration_seconds_sum", department="town.taxes") == 100
    assert counted(registry, "case_e2e_duration_seconds_count", department="town.order") is None


def test_a_record_without_an_outcome_is_shown_and_stays_shown(watch: StageWatch, registry: CollectorRegistry) -> None:
    account = Account()
    account.outcomes[Outcome.ROUTED] = 4
    watch.committed(Committed(5, {}, 0.2, 0.1, account))
    watch.committed(Committed(0, {}, 0.2, 0.1))
    assert counted(registry, "ledger_unaccounted") == 1


def test_the_series_of_a_revoked_partition_go(watch: StageWatch, registry: CollectorRegistry) -> None:
    watch.lag({0: Lag(5, 1.0), 1: Lag(7, 1.0)})
    watch.restoring(1, 10, 10)
    watch.lag({0: Lag(4, 1.0)})
    assert (lag_of(registry, 0), lag_of(registry, 1)) == (4, None)
    assert registry.get_sample_value("laufzettel_restore_records", {"stage": "router", "partition": "1"}) is None
    assert registry.get_sample_value("laufzettel_ledger_in_flight") == 4


def test_a_stage_is_ready_while_it_runs(watch: StageWatch) -> None:
    assert watch.not_ready() == "joining"
    watch.phase(Phase.RUNNING)
    assert watch.not_ready() is None


def test_a_stage_without_a_broker_is_not_ready_after_some_seconds(watch: StageWatch, clock: Clock) -> None:
    watch.phase(Phase.RUNNING)
    watch.connected(False)
    clock.now += 5
    watch.connected(False)
    assert watch.not_ready() is None
    clock.now += 1
    assert watch.not_ready() == "no broker for 6 s"
    watch.connected(True)
    assert watch.not_ready() is None


def test_a_stage_that_has_work_and_does_none_is_not_alive(watch: StageWatch, clock: Clock) -> None:
    watch.phase(Phase.RUNNING)
    clock.now += 600
    watch.lag({0: Lag(0, 0.0)})
    assert watch.stalled() is None
    watch.lag({0: Lag(5, 1.0)})
    clock.now += 59
    assert watch.stalled() is None
    clock.now += 2
    assert "no batch was committed for 61 s" in str(watch.stalled())
    watch.committed(Committed(5, {}, 0.1, 0.1))
    assert watch.stalled() is None


def test_a_long_restore_is_no_standstill(watch: StageWatch, clock: Clock) -> None:
    watch.phase(Phase.RESTORING)
    watch.lag({0: Lag(5, 1.0)})
    clock.now += 600
    watch.phase(Phase.RUNNING)
    assert watch.stalled() is None
    clock.now += 61
    assert watch.stalled() is not None


def test_each_assignment_is_one_rebalance(watch: StageWatch, registry: CollectorRegistry) -> None:
    for phase in (Phase.RESTORING, Phase.RUNNING, Phase.JOINING, Phase.RUNNING):
        watch.phase(phase)
    assert registry.get_sample_value("laufzettel_rebalances_total", {"group": "g"}) == 2


def test_restoring_says_how_long_it_took(watch: StageWatch, registry: CollectorRegistry, clock: Clock) -> None:
    watch.restoring(0, 0, 100)
    clock.now += 2.5
    watch.restoring(0, 100, 100)
    labels = {"stage": "router", "partition": "0"}
    assert registry.get_sample_value("laufzettel_restore_duration_seconds", labels) == 2.5
