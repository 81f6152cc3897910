"""Group: everything that becomes visible together in one transaction."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from aiokafka.producer.message_accumulator import BatchBuilder
from aiokafka.structs import OffsetAndMetadata, TopicPartition

from schemas.errors import Problem, Reason, Rejected
from schemas.message import Message, Stored
from services.runtime.account import Account
from services.runtime.record_size import size_of


@dataclass(slots=True)
class Destination:
    """The record batches for one partition of one topic; nearly always one."""

    builders: list[BatchBuilder] = field(default_factory=list)
    states: list[tuple[int, int, int, bytes]] = field(default_factory=list)
    """(source partition, index of the builder, index in the builder, key) of every state record."""


class Group:
    """Filled while the transaction before is being committed, then written at once."""

    def __init__(
        self,
        new_builder: Callable[[], BatchBuilder],
        max_message_bytes: int,
        state_topic: str | None,
        larger: Mapping[str, int] | None = None,
    ) -> None:
        self._new_builder = new_builder
        self._max_message_bytes = max_message_bytes
        self._large = max_message_bytes // 2
        """Values below need not be measured to the byte: keys and headers are small."""
        self._state_topic = state_topic
        self._larger = larger or {}
        self.destinations: dict[tuple[str, int], Destination] = defaultdict(Destination)
        self.offsets: dict[TopicPartition, OffsetAndMetadata] = {}
        self.messages_out: Counter[str] = Counter()
        self.consumed_of: Counter[int] = Counter()
        """Records by input partition; until the commit they still wait."""
        self.first_of: dict[int, Stored] = {}
        """The oldest of them."""
        self.records_in = 0
        self.bytes_out = 0
        self.arrived: float | None = None
        self.account = Account()

    def add(self, message: Message, source: int, partition: int) -> None:
        """Appends ``message``, which follows from the records of ``source``, to ``partition`` of its topic."""
        topic = message.topic
        size = len(message.value or b"")
        if size > self._large and (size := size_of(message)) > self._larger.get(topic, self._max_message_bytes):
            raise Rejected(Reason.OVERSIZE, Problem(topic, f"{size} Bytes", f"{size} bytes in one record"))
        destination = self.destinations[topic, partition]
        if not destination.builders or not self._append(destination.builders[-1], message):
            destination.builders.append(self._new_builder())
            if not self._append(destination.builders[-1], message):
                raise AssertionError("an empty batch refuses a record that is small enough")
        if topic == self._state_topic:
            builder = destination.builders[-1]
            place = (source, len(destination.builders) - 1, builder.record_count() - 1, message.key or b"")
            destination.states.append(place)
        self.messages_out[topic] += 1
        self.bytes_out += size

    @staticmethod
    def _append(builder: BatchBuilder, message: Message) -> bool:
        """False when the batch is full: aiokafka then returns None and drops the record."""
        appended = builder.append(timestamp=None, key=message.key, value=message.value, headers=message.headers)
        return appended is not None

    def consumed(
        self, tp: TopicPartition, next_offset: int, records: Sequence[Stored], arrived: float | None = None
    ) -> None:
        """Notes that ``records``, and everything before ``next_offset``, are done when this group is committed."""
        self.offsets[tp] = OffsetAndMetadata(next_offset, "")
        self.records_in += len(records)
        if records:
            self.consumed_of[tp.partition] += len(records)
            self.first_of.setdefault(tp.partition, records[0])
        if self.arrived is None:
            self.arrived = arrived

    def __str__(self) -> str:
        """Which input it holds and what was wrong with it, for an operator; no content."""
        spans = [
            f"{tp.topic}-{tp.partition} offsets {self.first_of[tp.partition].offset} to {offset.offset - 1}"
            for tp, offset in sorted(self.offsets.items())
            if tp.partition in self.first_of
        ]
        reasons = [f"{count} {reason}" for reason, count in self.account.reasons.most_common()]
        return ", ".join(spans) + (f" ({', '.join(reasons)})" if reasons else "")

    def __bool__(self) -> bool:
        return bool(self.offsets)

    def batches(self) -> Iterator[tuple[tuple[str, int], Destination]]:
        """The record batches by destination."""
        return iter(self.destinations.items())
