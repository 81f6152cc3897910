"""Tally: what intake counts; the series are declared in services/runtime/metrics.py."""

import structlog
from prometheus_client import Counter

from connectors.portal import CONNECTOR
from schemas.topics import CASE_REQUESTS
from services.intake.budget import Budget
from services.intake.kinds import TOO_SLOW
from services.runtime.metrics import Metrics

_LEFT = 499
"""Counted, never sent: the client went away before its request was complete."""

_log = structlog.get_logger(__name__)


class Tally:
    """Children are bound once: looking one up by labels costs more than counting."""

    def __init__(self, metrics: Metrics, budget: Budget) -> None:
        name, ingest = CONNECTOR.name, metrics.ingest
        self._requests, self._codes = ingest.requests, dict[int, Counter]()
        self._duration = ingest.request_duration.labels(name)
        self._bytes = ingest.bytes.labels(name)
        self._accepted, self._duplicate, self._rejected = (
            ingest.records.labels(name, outcome) for outcome in ("accepted", "duplicate", "rejected")
        )
        self._unauthorized = ingest.auth_failures.labels("intake")
        self._forgotten = ingest.keys_forgotten
        self._ledger = metrics.ledger.accepted
        ingest.buffer.set_function(lambda: budget.used)

    def answered(self, code: int, seconds: float) -> None:
        """One answer."""
        self._code(code).inc()
        self._duration.observe(seconds)

    def left(self, *, slow: bool) -> None:
        """A client that did not wait for its answer, or that the protocol did not wait for."""
        self._code(TOO_SLOW.status if slow else _LEFT).inc()

    def accepted(self, size: int, *, repeated: bool) -> None:
        """One submission with a receipt."""
        self._bytes.inc(size)
        (self._duplicate if repeated else self._accepted).inc()

    def durable(self, topic: str, records: int) -> None:
        """A batch on the topic. The router meets every request there, also one whose portal was told 503."""
        if topic == CASE_REQUESTS:
            self._ledger.inc(records)

    def forgot(self, keys: int) -> None:
        """Idempotency keys that went before their day was over; half of all at once, so that lines are few."""
        self._forgotten.inc(keys)
        _log.warning("submission_keys_forgotten", keys=keys, setting="LAUFZETTEL_KEYS_REMEMBERED")

    def rejected(self) -> None:
        """One submission whose content was refused."""
        self._rejected.inc()

    def unauthorized(self) -> None:
        """One request without a valid key."""
        self._unauthorized.inc()

    def _code(self, code: int) -> Counter:
        child = self._codes.get(code)
        if child is None:
            child = self._codes[code] = self._requests.labels(CONNECTOR.name, str(code))
        return child
