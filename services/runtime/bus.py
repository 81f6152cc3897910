"""Bus: what a process may ask of the transport. Two implementations keep this contract: Kafka and memory.

tests/contract/test_bus.py holds both to it.
"""

from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from typing import Protocol

from schemas.message import Message, Stored
from services.runtime.account import Account

Acknowledged = Callable[[str, int], None]
"""Is told of each batch that became durable, its topic and its records, whether or not anybody still waits for it."""


def unheeded(_topic: str, _records: int) -> None:
    """For those who need not know what has become durable."""


class Fenced(Exception):
    """Another process has opened the source of this name: this one must end, and nobody catches it."""


class Publisher(Protocol):
    """Writes messages; used by intake. Many callers at once share batches."""

    async def publish(self, messages: Sequence[Message]) -> None:
        """Returns when every message is durable (acks=all).

        Raises Unavailable when the broker does not acknowledge in time: the outcome is then unknown and the
        caller's repeat must carry the same ids. Raises Unavailable at once, with nothing written, when too many
        bytes are on their way. Raises Rejected(OVERSIZE), with nothing written, for a message that no batch can
        hold. A message without partition goes by crc32 of its key.
        """
        ...

    def silence(self) -> float:
        """Seconds for which the broker has owed an answer and given none at all; 0.0 when it owes none."""
        ...


class Source(Protocol):
    """The exactly-once writing end of a pull connector: records and position in one transaction.

    ``position`` opens it; ``commit`` before that is a bug.
    """

    async def position(self) -> bytes | None:
        """The last committed position; asking for it fences every earlier writer of the same name."""
        ...

    async def commit(self, messages: Sequence[Message], position: bytes) -> None:
        """Writes messages and position together or not at all.

        Raises Unavailable when the outcome is unknown: ask ``position`` again, it tells. Raises Rejected(OVERSIZE)
        with nothing written. Raises Fenced when somebody else has opened this source: the process must end.
        """
        ...


class Processor(Protocol):
    """A transactional stage: the decisions of one worker, without any knowledge of the transport.

    All methods are synchronous, called from one thread and never two at a time. Whatever they raise ends the
    process with nothing committed. A processor runs ahead of its commits: it is asked to process further records
    while those before are being written. What it knows is only dropped through ``forget``.
    """

    def restore(self, partition: int, records: Iterable[Stored]) -> None:
        """Called in chunks with every record of the state topic's partition, oldest first, before anything else.

        A later record of the same key replaces an earlier one; a value of None deletes it.
        """
        ...

    def recall(self, record: Stored) -> int | None:
        """The offset in the state topic that must be loaded before ``record`` can be processed, usually None.

        Asked for every record, immediately before ``process``; it has to be quick.
        """
        ...

    def recalled(self, partition: int, state: Stored) -> None:
        """Takes the state record that ``recall`` asked for, and keeps it at least until it has been processed."""
        ...

    def process(self, partition: int, records: Sequence[Stored], now: int) -> list[Message]:
        """Everything that follows from these records, in order; ``now`` in microseconds since the epoch.

        A returned message without partition stays on the input's partition; a state message is one whose topic
        is the state topic.
        """
        ...

    def tick(self, partition: int, now: int) -> list[Message]:
        """What fell due without any record; called about once a second and never while records are processed."""
        ...

    def written(self, partition: int, states: Sequence[tuple[bytes, int]]) -> None:
        """After commit: the keys of the state messages just written, with their offsets in the state topic.

        In the order of the transactions. A key may have changed again meanwhile: its later offset follows. What is
        not in memory must be recallable, so nothing is put aside before it was written.
        """
        ...

    def account(self) -> Account:
        """What became of everything processed since it was last asked: once a transaction, counted after its commit.

        Every record has exactly one outcome.
        """
        ...

    def forget(self, partition: int) -> None:
        """Nothing in memory about this partition holds any longer; also called for one that was never restored."""
        ...


class Bus(Protocol):
    """One transport: the embedded or an existing Kafka, or the in-memory twin."""

    def publisher(self, acknowledged: Acknowledged = unheeded) -> Publisher:
        """A publisher, to be shared by all callers of this process."""
        ...

    def source(self, name: str) -> Source:
        """The exactly-once writer called ``name``; at most one is alive at any time."""
        ...

    def read(self, topic: str) -> AsyncIterator[Stored]:
        """Every committed record from the beginning up to the end as it was when reading began.

        In order per partition. A topic that does not exist is empty.
        """
        ...
