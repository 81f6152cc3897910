"""Bus: what a process may ask of the transport. Two implementations keep this contract: Kafka and memory.

tests/contract/test_bus.py holds both to it.
"""

from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from typing import Protocol

from schemas.message import Message, Stored


class Publisher(Protocol):
    """Writes messages; used by intake. Many callers at once share batches."""

    async def publish(self, messages: Sequence[Message]) -> None:
        """Returns when every message is durable (acks=all).

        Raises Unavailable when the broker does not acknowledge in time: the outcome is then unknown and the
        caller's repeat must carry the same ids. Raises Rejected(OVERSIZE) for a message that no batch can hold.
        """
        ...


class Source(Protocol):
    """The exactly-once writing end of a pull connector: records and position in one transaction."""

    async def position(self) -> bytes | None:
        """The last committed position; opening a source of the same name fences every earlier writer."""
        ...

    async def commit(self, messages: Sequence[Message], position: bytes) -> None:
        """Writes messages and position together or not at all. Raises Unavailable; fenced writers end the process."""
        ...


class Processor(Protocol):
    """A transactional stage: the decisions of one worker, without any knowledge of the transport.

    All methods are synchronous and called from one task. Whatever they raise ends the process with nothing committed.
    """

    def restore(self, partition: int, records: Iterable[Stored]) -> None:
        """Called in chunks with every record of the state topic's partition, oldest first, before anything else."""
        ...

    def recall(self, record: Stored) -> int | None:
        """The offset in the state topic that must be loaded before ``record`` can be processed, usually None."""
        ...

    def recalled(self, partition: int, state: Stored) -> None:
        """Takes the state record that ``recall`` asked for."""
        ...

    def process(self, partition: int, records: Sequence[Stored], now: int) -> list[Message]:
        """Everything that follows from these records, in order; ``now`` in microseconds since the epoch.

        A returned message without partition stays on the input's partition; a state message is one whose topic
        is the state topic.
        """
        ...

    def tick(self, partition: int, now: int) -> list[Message]:
        """What fell due without any record; called about once a second and never while a batch is open."""
        ...

    def written(self, partition: int, states: Sequence[tuple[bytes, int]]) -> None:
        """After commit: the keys of the state messages just written, with their offsets in the state topic."""
        ...

    def forget(self, partition: int) -> None:
        """The partition now belongs to somebody else."""
        ...


class Bus(Protocol):
    """One transport: the embedded or an existing Kafka, or the in-memory twin."""

    def publisher(self) -> Publisher:
        """A publisher shared by all callers of this process."""
        ...

    def source(self, name: str) -> Source:
        """The exactly-once writer called ``name``; at most one is alive at any time."""
        ...

    def read(self, topic: str) -> AsyncIterator[Stored]:
        """Every committed record from the beginning up to the end as it was when reading began, per partition in order."""
        ...

    def follow(self, topic: str, caught_up: Callable[[], None]) -> AsyncIterator[Stored]:
        """Every committed record from the beginning, and then each new one, until the caller closes the iterator.

        Calls ``caught_up`` once, after the last record that stood there when following began. Raises Unavailable when
        the broker is away; the caller begins again from the beginning.
        """
        ...
