"""Watch: what the importer counts, logs and says about its health; services/runtime/metrics.py declares the series."""

from typing import Literal, Protocol

import structlog

from connectors.base import Delivery
from schemas.errors import Unavailable
from services.importer.core import STAGE, Batch
from services.runtime.metrics import Metrics

_log = structlog.get_logger(__name__)
Ending = Literal["done", "duplicate", "paused"]


class Watch(Protocol):
    """Told by the importer; every call returns at once."""

    def begun(self, source: str, delivery: Delivery) -> None:
        """A delivery was taken."""
        ...

    def committed(self, source: str, batch: Batch) -> None:
        """A batch is durable."""
        ...

    def ended(self, source: str, delivery: Delivery, state: Ending, batch: Batch | None) -> None:
        """A delivery was put away or aside."""
        ...

    def waiting(self, source: str, count: int) -> None:
        """So many deliveries were begun and are not done: paused ones, once none is being read."""
        ...

    def stalled(self, source: str, why: Unavailable | None) -> None:
        """The other side is away, or (None) is there again."""
        ...


class Reporter:
    """A watch that feeds metrics, log and health."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics
        self._stalled: set[str] = set()

    def begun(self, source: str, delivery: Delivery) -> None:
        """See Watch."""
        self._metrics.source.files.labels(source, "seen").inc()
        _log.info("file_taken", connector=source, file=_text(delivery), size=delivery.size)

    def committed(self, source: str, batch: Batch) -> None:
        """See Watch."""
        self._metrics.ingest.records.labels(source, "accepted").inc(batch.accepted)
        self._metrics.ingest.records.labels(source, "dead_lettered").inc(batch.rejected)
        self._metrics.ingest.bytes.labels(source).inc(batch.size)
        self._metrics.ledger.accepted.inc(batch.accepted)
        for reason, count in batch.reasons.items():
            self._metrics.source.translate_errors.labels(source, reason.value).inc(count)
            self._metrics.stage.dead_letters.labels(STAGE, reason.value).inc(count)
        if batch.mark:
            self._metrics.source.position.labels(source).set(batch.mark[0])
        self._metrics.source.last_record.labels(source).set_to_current_time()

    def ended(self, source: str, delivery: Delivery, state: Ending, batch: Batch | None) -> None:
        """See Watch."""
        self._metrics.source.files.labels(source, state).inc()
        total = {"accepted": batch.progress.total.accepted, "rejected": batch.progress.total.rejected} if batch else {}
        if state == "paused" and batch and batch.paused:
            _log.error("file_paused", connector=source, file=_text(delivery), problem=str(batch.paused), **total)
        else:
            _log.info("file_ended", connector=source, file=_text(delivery), state=state, **total)

    def waiting(self, source: str, count: int) -> None:
        """See Watch."""
        self._metrics.source.paused.labels(source).set(count)

    def stalled(self, source: str, why: Unavailable | None) -> None:
        """See Watch."""
        if why is not None:
            self._stalled.add(source)
            _log.warning("source_stalled", connector=source, problem=str(why), retry_after=why.retry_after)
        elif source in self._stalled:
            self._stalled.discard(source)
            _log.info("source_resumed", connector=source)

    def ready(self) -> str | None:
        """The health check."""
        return f"{', '.join(sorted(self._stalled))}: away" if self._stalled else None


def _text(delivery: Delivery) -> str:
    return delivery.name.encode("utf-8", "backslashreplace").decode()
