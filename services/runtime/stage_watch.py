"""Stage watch: what a transactional stage tells of itself, as metrics and as readiness."""

from collections.abc import Callable, Mapping
from functools import cache
from time import monotonic, time

from schemas.errors import Reason
from services.runtime.account import Account, Outcome
from services.runtime.metrics import Metrics
from services.runtime.transaction.observer import Committed, Lag, Phase

_STALLED_S = 60.0
_UNMATCHED = (Reason.UNKNOWN_SERVICE, Reason.UNKNOWN_MUNICIPALITY, Reason.UNROUTABLE)
_AWAY_S = 5.0
"""Longer than a coordinator needs to move to another broker."""


class StageWatch:
    """An Observer for one stage of one process."""

    def __init__(
        self,
        metrics: Metrics,
        *,
        stage: str,
        group: str,
        topic: str,
        now: Callable[[], float] = monotonic,
        clock: Callable[[], float] = time,
    ) -> None:
        series = metrics.stage
        self._series = series
        self._stage = stage
        self._group = group
        self._topic = topic
        self._now = now
        self._clock = clock
        self._records_in = series.records_in.labels(stage)
        self._duration = series.duration.labels(stage)
        self._transaction = series.transaction_duration.labels(stage)
        self._batch = series.batch.labels(stage)
        self._progress = series.last_progress.labels(group)
        self._assigned = series.assigned.labels(group)
        self._rebalances = series.rebalances.labels(group)
        self._in_flight = metrics.ledger.in_flight
        self._unaccounted = metrics.ledger.unaccounted
        self._dedup_hits = series.dedup_hits.labels(stage)
        self._timers_fired = metrics.cases.timers_fired
        self._unmatched = metrics.cases.unmatched
        # A child is looked up once: that costs more than counting.
        self._terminal = cache(metrics.ledger.terminal.labels)
        self._dead_letters = cache(series.dead_letters.labels)
        self._decisions = cache(metrics.cases.decisions.labels)
        self._journey = metrics.cases.e2e_duration.observe
        self._records_out = cache(series.records_out.labels)
        self._phase = Phase.STARTING
        self._restoring_since: dict[int, float] = {}
        self._partitions: set[int] = set()
        self._last_commit = now()
        self._behind = False
        self._away_since: float | None = None

    def phase(self, phase: Phase) -> None:
        """Counts an assignment when the stage begins to restore or to run after joining."""
        if self._phase is Phase.JOINING and phase in {Phase.RESTORING, Phase.RUNNING}:
            self._rebalances.inc()
        if phase is Phase.RUNNING:  # what waited for the state was not the stage's to do
            self._last_commit = self._now()
        self._phase = phase

    def committed(self, transaction: Committed) -> None:
        """Counts a batch."""
        self._records_in.inc(transaction.records_in)
        for topic, count in transaction.messages_out.items():
            self._records_out(self._stage, topic).inc(count)
        self._duration.observe(transaction.seconds)
        self._transaction.observe(transaction.transaction_seconds)
        self._batch.observe(transaction.records_in)
        self._progress.set_to_current_time()
        self._last_commit = self._now()
        self._settle(transaction.account, transaction.records_in)

    def lag(self, lags: Mapping[int, Lag]) -> None:
        """Shows every partition's lag and removes the series of those that belong to somebody else now."""
        for partition in self._partitions - lags.keys():
            self._forget(partition)
        for partition, lag in lags.items():
            self._series.lag_records.labels(self._group, self._topic, partition).set(lag.records)
            self._series.lag_seconds.labels(self._group, self._topic, partition).set(lag.seconds)
        self._partitions = set(lags)
        self._assigned.set(len(lags))
        self._in_flight.set(sum(lag.records for lag in lags.values()))
        self._note_progress(any(lag.records for lag in lags.values()))

    def connected(self, there: bool) -> None:
        """Notes since when there has been no broker."""
        if there:
            self._away_since = None
        elif self._away_since is None:
            self._away_since = self._now()

    def restoring(self, partition: int, records: int, total: int) -> None:
        """Shows how far the state of a partition has been read back, and in the end how long it took."""
        since = self._restoring_since.setdefault(partition, self._now())
        self._series.restored_records.labels(self._stage, partition).set(records)
        if records >= total:
            self._series.restore_duration.labels(self._stage, partition).set(self._now() - since)
            del self._restoring_since[partition]

    def not_ready(self) -> str | None:
        """A readiness check: None while the stage takes records."""
        if self._phase is not Phase.RUNNING:
            return self._phase.value
        away = 0.0 if self._away_since is None else self._now() - self._away_since
        return f"no broker for {away:.0f} s" if away > _AWAY_S else None

    def stalled(self) -> str | None:
        """A liveness check: records wait, and for a minute no batch has been committed."""
        idle = self._now() - self._last_commit
        if self._phase is Phase.RUNNING and self._behind and idle > _STALLED_S:
            return f"records wait, and no batch was committed for {idle:.0f} s"
        return None

    def _settle(self, account: Account, records_in: int) -> None:
        """Every record must have come to an end; what has not is shown, and stays shown."""
        ends = {
            "delivered": account.delivered, "filtered": account.filtered, "dead_lettered": account.dead_lettered
        }  # fmt: skip
        for state, count in ends.items():
            self._terminal(state).inc(count)
        self._unaccounted.inc(records_in - sum(ends.values()))
        self._dedup_hits.inc(account.filtered)
        self._timers_fired.inc(account.outcomes[Outcome.TIMER])
        self._unmatched.inc(sum(account.reasons[reason] for reason in _UNMATCHED))
        for reason, count in account.reasons.items():
            self._dead_letters(self._stage, reason).inc(count)
        now = self._clock()
        for place, receipts in account.slips.items():
            department = f"{place.municipality}.{place.department}"
            self._decisions(department, f"{place.recipe}/{place.station}").inc(len(receipts))
            if new := [max(0.0, now - received_at / 1e6) for received_at in receipts if received_at]:
                self._journey(department, new)

    def _note_progress(self, behind: bool) -> None:
        """Time without work does not count as time without progress."""
        if not behind:
            self._last_commit = self._now()
        self._behind = behind

    def _forget(self, partition: int) -> None:
        for series in (self._series.lag_records, self._series.lag_seconds):
            series.remove(self._group, self._topic, partition)
        for series in (self._series.restored_records, self._series.restore_duration):
            series.remove(self._stage, partition)
