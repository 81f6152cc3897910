"""Lag: how far a partition is behind, from what is here and from what others have found."""

from schemas.message import Stored, instant_in
from services.runtime.transaction.observer import Lag
from services.runtime.transaction.waiting import Waiting


def lag_of(records: int, first: Stored | None, found: Waiting | None, now: int) -> Lag:
    """``records`` and the ``first`` of them are here; ``found`` stands where we have not come; ``now`` in µs."""
    if found is not None:
        return Lag(max(records, found.records), _age(found.received_us, now))
    return Lag(records, 0.0 if first is None else _age(received_us(first), now))


def received_us(record: Stored) -> int:
    """When it was received at the edge, in microseconds; otherwise when it was written."""
    return instant_in(record.header("received_at")) or record.timestamp * 1000


def _age(since: int, now: int) -> float:
    return max(0.0, (now - since) / 1e6)
