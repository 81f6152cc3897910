"""Topic plan: what has to change on the cluster so that its topics are those of ``topics.yaml``."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from schemas.errors import Problem
from schemas.topics import Topic

_NAMED = 3


@dataclass(frozen=True, slots=True)
class Existing:
    """A topic as it stands on the cluster."""

    partitions: int
    config: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Creation:
    """A topic that is missing."""

    topic: str
    partitions: int
    config: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Drift:
    """A setting that differs from the catalogue."""

    topic: str
    setting: str
    actual: str
    desired: str


@dataclass(frozen=True, slots=True)
class TopicPlan:
    """All changes; ``refused`` are those that no tool may make."""

    create: tuple[Creation, ...]
    drift: tuple[Drift, ...]
    refused: tuple[Problem, ...]

    @property
    def is_empty(self) -> bool:
        """The cluster is as it should be."""
        return not (self.create or self.drift or self.refused)


def plan_topics(desired: Mapping[str, Topic], existing: Mapping[str, Existing], partitions: int) -> TopicPlan:
    """The difference; topics that the catalogue does not know belong to somebody else and are left alone."""
    wanted = sorted(desired.items())
    present = [(name, topic, existing[name]) for name, topic in wanted if name in existing]
    return TopicPlan(
        tuple(Creation(n, t.count(partitions), t.config()) for n, t in wanted if n not in existing),
        tuple(change for name, topic, actual in present for change in _drift(name, topic, actual)),
        tuple(_moved(present, partitions)),
    )


def _drift(name: str, topic: Topic, actual: Existing) -> Iterable[Drift]:
    for setting, value in sorted(topic.config().items()):
        if (found := actual.config.get(setting, "")) != value:
            yield Drift(name, setting, found, value)


def _moved(present: Iterable[tuple[str, Topic, Existing]], partitions: int) -> Iterable[Problem]:
    """One problem for all topics that differ alike: a changed setting moves more than a hundred of them at once."""
    moved: dict[tuple[int, int], list[str]] = {}
    for name, topic, actual in present:
        if (count := topic.count(partitions)) != actual.partitions:
            moved.setdefault((actual.partitions, count), []).append(name)
    for (found, wanted), names in moved.items():
        yield _refused(names, found, wanted)


def _refused(names: list[str], actual: int, desired: int) -> Problem:
    where = ", ".join(names[:_NAMED]) + (f" … ({len(names)} topics)" if len(names) > _NAMED else "")
    return Problem(
        where,
        f"{actual} Partitionen sind da, {desired} verlangt. Die Zahl darf sich nicht ändern: Fälle kämen auf andere "
        f"Partitionen als ihr Zustand. Abhilfe: LAUFZETTEL_PARTITIONS={actual} setzen, oder auf neue Topics umziehen.",
        f"{actual} partitions exist, {desired} are asked for. The number must not change: cases would come to other "
        f"partitions than their state. Remedy: set LAUFZETTEL_PARTITIONS={actual}, or move to new topics.",
    )
