"""Batch: what one fetch brought for one partition, on its way through Faust to its trunk."""

from collections.abc import Sequence
from dataclasses import dataclass

from schemas.message import Stored


@dataclass(frozen=True, slots=True)
class Batch:
    """Records in order; ``next_offset`` is what to commit when all of them are done."""

    partition: int
    number: int
    """Counts the batches of this partition in this assignment: a gap means that one was lost on the way."""
    records: Sequence[Stored]
    next_offset: int
    arrived: float
    """Monotonic seconds."""


def weight(records: Sequence[Stored]) -> int:
    """The bytes that these records hold in memory, near enough."""
    return sum(len(record.value or b"") for record in records)
