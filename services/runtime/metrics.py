"""Metrics: every series of every process, declared once; a name that is not declared here fails the type check.

Labels are bounded and hold no personal data: names from the Kochbuch and of topics, partitions, enumerated reasons;
never a case, a person or the text of an error. Bind children once (``labels(…)``), count per batch, and remove a
partition's series when it has gone to somebody else.
"""

from importlib.metadata import PackageNotFoundError, version

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, Info, ProcessCollector

from services.runtime.spread import Spread

_NAMESPACE = "laufzettel"
_QUICK = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
_JOURNEY = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800, 3600, 14400, 86400)
_SIZES = (1, 3, 10, 30, 100, 300, 1000, 3000, 10000)


class Declaring:
    """Makes series in one registry, all with the product's prefix."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._registry = registry

    def counter(self, name: str, meaning: str, *labels: str) -> Counter:
        """Only ever grows; its series end in ``_total``."""
        return Counter(name, meaning, labels, namespace=_NAMESPACE, registry=self._registry)

    def gauge(self, name: str, meaning: str, *labels: str) -> Gauge:
        """Goes up and down."""
        return Gauge(name, meaning, labels, namespace=_NAMESPACE, registry=self._registry)

    def spread(self, name: str, meaning: str, label: str, buckets: tuple[float, ...]) -> Spread:
        """A distribution that is fed batch by batch."""
        return Spread(f"{_NAMESPACE}_{name}", meaning, label, buckets, self._registry)

    def histogram(self, name: str, meaning: str, *labels: str, buckets: tuple[float, ...] = _QUICK) -> Histogram:
        """A distribution, in base units."""
        return Histogram(name, meaning, labels, namespace=_NAMESPACE, registry=self._registry, buckets=buckets)


class IngestMetrics:
    """The edge: portals."""

    def __init__(self, declare: Declaring) -> None:
        self.requests = declare.counter("ingest_requests", "Requests answered, by HTTP status.", "connector", "code")
        self.request_duration = declare.histogram(
            "ingest_request_duration_seconds", "From the first byte of a request to its answer.", "connector"
        )
        self.records = declare.counter(
            "ingest_records",
            "Records taken from outside; outcome: accepted, duplicate, rejected or dead_lettered.",
            "connector",
            "outcome",
        )
        self.bytes = declare.counter("ingest_bytes", "Bytes taken from outside.", "connector")
        self.buffer = declare.gauge("ingest_buffer_bytes", "Submissions on their way to Kafka.")
        self.keys_forgotten = declare.counter(
            "ingest_keys_forgotten", "Idempotency keys that had to make room before their day was over."
        )
        self.auth_failures = declare.counter("auth_failures", "Requests without a valid key.", "listener")


class SourceMetrics:
    """The edge: files of legacy systems."""

    def __init__(self, declare: Declaring) -> None:
        self.files = declare.counter(
            "source_files", "Files; state: seen, done, duplicate or paused.", "connector", "state"
        )
        self.position = declare.gauge("source_position_bytes", "Position in the file being read.", "connector")
        self.last_record = declare.gauge(
            "source_last_record_timestamp_seconds", "When the last record was taken, as Unix time.", "connector"
        )
        self.paused = declare.gauge(
            "source_paused_files", "Files that wait for a person: too many bad records.", "connector"
        )
        self.translate_errors = declare.counter(
            "translate_errors", "Records that could not be translated.", "connector", "reason"
        )


class StageMetrics:
    """A transactional stage: the router."""

    def __init__(self, declare: Declaring) -> None:
        self.records_in = declare.counter("stage_records_in", "Records read and committed.", "stage")
        self.records_out = declare.counter(
            "stage_records_out", "Records written and committed, by topic.", "stage", "route"
        )
        self.duration = declare.histogram(
            "stage_duration_seconds", "From the arrival of a batch's first record to its commit.", "stage"
        )
        self.transaction_duration = declare.histogram(
            "stage_transaction_duration_seconds", "From begin to commit of one transaction.", "stage"
        )
        self.batch = declare.histogram("stage_batch_records", "Records in one transaction.", "stage", buckets=_SIZES)
        self.lag_records = declare.gauge(
            "consumer_lag_records", "Records not yet committed.", "group", "topic", "partition"
        )
        self.lag_seconds = declare.gauge(
            "consumer_lag_seconds",
            "Since the oldest record that is not yet committed was received at the edge; 0 if there is none.",
            "group",
            "topic",
            "partition",
        )
        self.last_progress = declare.gauge(
            "consumer_last_progress_timestamp_seconds", "When a batch was last committed, as Unix time.", "group"
        )
        self.rebalances = declare.counter("rebalances", "Assignments of partitions.", "group")
        self.assigned = declare.gauge("assigned_partitions", "Partitions of this process.", "group")
        self.restored_records = declare.gauge(
            "restore_records", "Records of the state read back at assignment.", "stage", "partition"
        )
        self.restore_duration = declare.gauge("restore_duration_seconds", "How long that took.", "stage", "partition")
        self.dedup_hits = declare.counter("dedup_hits", "Repeats recognised and filtered.", "stage")
        self.dead_letters = declare.counter("dlq_records", "Dead letters, by reason.", "stage", "reason")


class CaseMetrics:
    """What the whole is for."""

    def __init__(self, declare: Declaring) -> None:
        self.decisions = declare.counter(
            "routing_decisions", "Messages to departments, by the station of the recipe.", "department", "rule"
        )
        self.unmatched = declare.counter(
            "routing_unmatched", "Requests for which no recipe, municipality or department is known here."
        )
        self.e2e_duration = declare.spread(
            "case_e2e_duration_seconds", "From receipt at the edge to the department.", "department", _JOURNEY
        )
        self.open = declare.gauge("cases_open", "Cases not yet closed, of this process' partitions.")
        self.timers_pending = declare.gauge(
            "timers_pending", "Cases with a deadline or reminder to come; settled ones may still be among them."
        )
        self.timers_fired = declare.counter("timers_fired", "Deadlines and reminders that have come.")


class LedgerMetrics:
    """The balance: accepted = delivered + filtered + dead-lettered + in flight."""

    def __init__(self, declare: Declaring) -> None:
        self.accepted = declare.counter("ledger_accepted", "Requests that Kafka has acknowledged.")
        self.terminal = declare.counter(
            "ledger_terminal", "Requests that came to an end; state: delivered, filtered or dead_lettered.", "state"
        )
        self.in_flight = declare.gauge("ledger_in_flight", "Requests accepted and not yet at an end.")
        self.unaccounted = declare.gauge("ledger_unaccounted", "Requests of which nothing is known; must be 0.")


class Metrics:
    """All series of one process, and the registry that /metrics shows."""

    def __init__(self, registry: CollectorRegistry) -> None:
        declare = Declaring(registry)
        self.registry = registry
        self.ingest = IngestMetrics(declare)
        self.source = SourceMetrics(declare)
        self.stage = StageMetrics(declare)
        self.cases = CaseMetrics(declare)
        self.ledger = LedgerMetrics(declare)
        self.restarts = declare.counter("process_restarts", "Processes started again by the supervisor.", "slot")
        Info("build", "The version that runs.", namespace=_NAMESPACE, registry=registry).info({"version": installed()})


def process_metrics() -> Metrics:
    """Metrics for a process of its own, with its memory, CPU time and open files."""
    registry = CollectorRegistry(auto_describe=True)
    ProcessCollector(registry=registry)
    return Metrics(registry)


def installed() -> str:
    """The version of the installed package; of a checkout that was never installed, that."""
    try:
        return version(_NAMESPACE)
    except PackageNotFoundError:
        return "checkout"
