"""Checker: nothing lost, nothing doubled, nothing reordered. Pure: it compares what must be with what is.

An *effect* is something that one submission must cause exactly once: an output, a dead letter, a message to one
department. ``cause`` names the submission and ``kind`` the effect; ``key`` is the case.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Effect:
    """What must be there."""

    key: bytes
    cause: str
    kind: str


@dataclass(frozen=True, slots=True)
class Seen:
    """What is there, and where it stands."""

    effect: Effect
    topic: str
    partition: int
    offset: int


@dataclass(frozen=True, slots=True)
class Balance:
    """accepted = delivered + filtered + dead-lettered + in flight, in submissions."""

    accepted: int
    delivered: int
    filtered: int = 0
    dead_lettered: int = 0
    in_flight: int = 0

    @property
    def difference(self) -> int:
        """Zero when every submission is accounted for."""
        return self.accepted - self.delivered - self.filtered - self.dead_lettered - self.in_flight


@dataclass(frozen=True, slots=True)
class Findings:
    """What is wrong; empty lists when nothing is."""

    lost: list[Effect]
    duplicated: list[Effect]
    unexpected: list[Effect]
    reordered: list[tuple[Seen, Seen]]
    scattered: list[bytes]
    """Keys whose effects of one kind stand on several partitions of a topic, where no order holds."""

    @property
    def clean(self) -> bool:
        """Whether nothing was found."""
        return not (self.lost or self.duplicated or self.unexpected or self.reordered or self.scattered)

    def __str__(self) -> str:
        counts = {name: len(getattr(self, name)) for name in self.__slots__}
        return ", ".join(f"{name} {count}" for name, count in counts.items())


def check(must: Iterable[Effect], may: Iterable[Effect], seen: Iterable[Seen]) -> Findings:
    """Compares; ``must`` in the order of submission, ``may`` for submissions whose outcome is unknown.

    Order is judged among the effects of one kind and key, by the order in which ``must`` and then ``may`` name them;
    effects that only may be there are judged for presence, not for order.
    """
    required = list(must)
    allowed = set(required) | set(may)
    records = sorted(seen, key=lambda s: (s.topic, s.partition, s.offset))
    counts = Counter(record.effect for record in records)
    return Findings(
        lost=[effect for effect in required if not counts[effect]],
        duplicated=[effect for effect, count in counts.items() if count > 1],
        unexpected=[effect for effect in counts if effect not in allowed],
        reordered=_reordered(required, records),
        scattered=_scattered(records),
    )


def _reordered(required: list[Effect], records: list[Seen]) -> list[tuple[Seen, Seen]]:
    place = {effect: index for index, effect in enumerate(required)}
    last: dict[tuple[str, str, bytes], Seen] = {}
    found = []
    for record in records:
        if record.effect not in place:
            continue
        line = (record.topic, record.effect.kind, record.effect.key)
        before = last.get(line)
        if before is not None and place[before.effect] > place[record.effect]:
            found.append((before, record))
        last[line] = record
    return found


def _scattered(records: list[Seen]) -> list[bytes]:
    homes: dict[tuple[str, str, bytes], set[int]] = defaultdict(set)
    for record in records:
        homes[record.topic, record.effect.kind, record.effect.key].add(record.partition)
    return [key for (_, _, key), partitions in homes.items() if len(partitions) > 1]
