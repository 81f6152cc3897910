"""Memory: the in-memory twin of the bus; deterministic, synchronous inside, held to the same contract as Kafka."""

from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass, field

from schemas.dead_letter import TOPIC as DEAD_LETTERS
from schemas.errors import Problem, Reason, Rejected, Unavailable
from schemas.message import Message, Stored, partition_for
from services.runtime.account import Account
from services.runtime.bus import Acknowledged, Fenced, Processor, unheeded
from services.runtime.record_size import STAGE_BYTES, STATE_BYTES, size_of

MAX_MESSAGE_BYTES = 900 << 10


@dataclass(slots=True)
class _Group:
    """How far a group of workers has come, and for whom the state is in memory."""

    offsets: dict[int, int] = field(default_factory=dict)
    processor: Processor | None = None


@dataclass(slots=True)
class MemoryBus:
    """Topics as lists. ``now`` (microseconds) stamps records; ``available`` False plays a broker that is away."""

    partitions: int = 4
    now: int = 0
    available: bool = True
    topics: dict[str, list[list[Stored]]] = field(default_factory=dict)
    positions: dict[str, bytes] = field(default_factory=dict)
    """What each source committed last."""
    writers: dict[str, int] = field(default_factory=dict)
    """How often each source was opened; only the last one may write."""
    dead_letters: str = DEAD_LETTERS
    """The topic that takes records as large as a state is."""
    account: Account = field(default_factory=Account)
    """What became of all records that processors have worked on."""
    _groups: dict[tuple[str, str], _Group] = field(default_factory=lambda: defaultdict(_Group))

    def publisher(self, acknowledged: Acknowledged = unheeded) -> "MemoryPublisher":
        """See services.runtime.bus.Bus."""
        return MemoryPublisher(self, acknowledged)

    def source(self, name: str) -> "MemorySource":
        """See services.runtime.bus.Bus."""
        return MemorySource(self, name)

    async def read(self, topic: str) -> AsyncIterator[Stored]:
        """See services.runtime.bus.Bus."""
        for record in self.records(topic):
            yield record

    def records(self, topic: str) -> list[Stored]:
        """The records of ``topic`` as they stand, partition by partition; a test's short way."""
        return [record for partition in self.topics.get(topic, ()) for record in partition]

    def write(self, messages: Iterable[Message], source: int | None = None) -> list[Stored]:
        """Appends messages at once; those without partition stay on ``source``, else go by key."""
        return [self._append(message, source) for message in messages]

    def _append(self, message: Message, source: int | None) -> Stored:
        log = self.topics.setdefault(message.topic, [[] for _ in range(self.partitions)])
        partition = message.partition if message.partition is not None else source
        if partition is None:
            partition = partition_for(message.key or b"", len(log))
        headers = tuple(message.headers)
        place = (message.topic, partition, len(log[partition]))
        record = Stored(*place, message.key, message.value, headers, self.now // 1000)
        log[partition].append(record)
        return record

    def run(
        self,
        processor: Processor,
        *,
        group: str,
        topic: str,
        state: str | None = None,
        now: int | None = None,
        batch: int = 100,
    ) -> int:
        """Lets ``processor`` work until nothing is left, then look at its clock; the number of messages it wrote.

        Another processor object takes over as after a restart: it is restored from ``state`` first.
        """
        self.now = self.now if now is None else now
        position = self._groups[group, topic]
        if position.processor is not processor:
            self._restore(processor, topic, state)
            position.processor = processor
        written = 0
        for partition, log in enumerate(self.topics.get(topic, ())):
            while (start := position.offsets.get(partition, 0)) < len(log):
                records = log[start : start + batch]
                self._recall(processor, partition, records, state)
                messages = processor.process(partition, records, self.now)
                written += self._commit(processor, partition, messages, state)
                position.offsets[partition] = start + len(records)
        for partition in range(self.partitions):
            written += self._commit(processor, partition, processor.tick(partition, self.now), state)
        self.account.add(processor.account())
        return written

    def _restore(self, processor: Processor, topic: str, state: str | None) -> None:
        for partition in range(len(self.topics.get(topic, ())) or self.partitions):
            processor.forget(partition)
        for partition, log in enumerate(self.topics.get(state or "", ())):
            processor.restore(partition, log)

    def _recall(self, processor: Processor, partition: int, records: Sequence[Stored], state: str | None) -> None:
        if state is None:
            return
        while wanted := {offset for record in records if (offset := processor.recall(record)) is not None}:
            for offset in sorted(wanted):
                processor.recalled(partition, self.topics[state][partition][offset])

    def _commit(self, processor: Processor, partition: int, messages: Sequence[Message], state: str | None) -> int:
        for message in messages:
            _require(message, STATE_BYTES if message.topic in {state, self.dead_letters} else STAGE_BYTES)
        stored = self.write(messages, source=partition)
        states = [(record.key or b"", record.offset) for record in stored if record.topic == state]
        if states:
            processor.written(partition, states)
        return len(messages)


@dataclass(frozen=True, slots=True)
class MemoryPublisher:
    """See services.runtime.bus.Publisher."""

    bus: MemoryBus
    acknowledged: Acknowledged = unheeded

    async def publish(self, messages: Sequence[Message]) -> None:
        """See services.runtime.bus.Publisher."""
        _check(self.bus, messages)
        for topic, records in Counter(stored.topic for stored in self.bus.write(messages)).items():
            self.acknowledged(topic, records)

    def silence(self) -> float:
        """See services.runtime.bus.Publisher; nothing is ever owed here."""
        return 0.0


@dataclass(slots=True)
class MemorySource:
    """See services.runtime.bus.Source."""

    bus: MemoryBus
    name: str
    _ticket: int | None = None

    async def position(self) -> bytes | None:
        """See services.runtime.bus.Source."""
        _check(self.bus, ())
        self._ticket = self.bus.writers.get(self.name, 0) + 1
        self.bus.writers[self.name] = self._ticket
        return self.bus.positions.get(self.name)

    async def commit(self, messages: Sequence[Message], position: bytes) -> None:
        """See services.runtime.bus.Source."""
        if self._ticket is None:
            raise RuntimeError("a source is opened by asking its position")
        _check(self.bus, messages)
        if self._ticket != self.bus.writers[self.name]:
            raise Fenced(self.name)
        self.bus.write(messages)
        self.bus.positions[self.name] = position


def _check(bus: MemoryBus, messages: Sequence[Message]) -> None:
    for message in messages:
        _require(message, MAX_MESSAGE_BYTES)
    if not bus.available:
        raise Unavailable("The message broker does not answer.")


def _require(message: Message, allowed: int) -> None:
    if (size := size_of(message)) > allowed:
        raise Rejected(Reason.OVERSIZE, Problem(message.topic, f"{size} Bytes", f"{size} bytes"))
