"""Topics: ``topics.yaml`` as values; the catalogue of what is on the bus."""

from collections.abc import Iterable
from pathlib import Path
from typing import Literal

from pydantic import Field, TypeAdapter

from schemas.document import read_document
from schemas.fields import Strict
from schemas.municipality import Municipality

_DAY_MS = 86_400_000
_SMALL_SEGMENT = 4 << 20
CASE_REQUESTS, CASE_EVENTS, ROUTER_STATE = "case-requests", "case-events", "router-state"
DEAD_LETTERS, DEAD_LETTER_OUTCOMES, SCHEMAS = "dead-letters", "dead-letter-outcomes", "schemas"
SOURCE_POSITIONS, SUBMISSION_KEYS = "source-positions", "submission-keys"
DEPARTMENTS = "department.*"


class Topic(Strict):
    """One entry of the catalogue; ``kept`` in days, None for ever."""

    doc: str
    carries: tuple[str, ...]
    key: str
    partitions: int | Literal["case"]
    kept: int | None = None
    compacted: bool = False
    max_bytes: int = Field(gt=0)
    writers: tuple[str, ...]
    readers: tuple[str, ...]

    def count(self, case_partitions: int) -> int:
        """The number of partitions in an installation whose case topics have that many."""
        return case_partitions if self.partitions == "case" else self.partitions

    def config(self) -> dict[str, str]:
        """The broker's settings for this topic, as Kafka names them."""
        policy = {(True, True): "compact,delete", (True, False): "compact", (False, True): "delete"}
        settings = {
            "cleanup.policy": policy.get((self.compacted, self.kept is not None), "delete"),
            "max.message.bytes": str(self.max_bytes),
            # The broker unpacks what others compress: no reader needs their codec, and nothing small becomes huge.
            "compression.type": "uncompressed",
        }
        if self.kept is not None:
            settings["retention.ms"] = str(self.kept * _DAY_MS)
            # Only closed segments are deleted: a topic kept for a day would else be read for a week at every start.
            settings["segment.ms"] = str(min(self.kept * _DAY_MS // 4, 7 * _DAY_MS))
        if self.compacted:
            # A tombstone must outlive the slowest reader that restores from the topic.
            settings["delete.retention.ms"] = str(7 * _DAY_MS)
        if self.compacted and self.partitions == 1:
            # Only closed segments are compacted, and whoever starts reads all of it: positions are written often.
            settings["segment.bytes"] = str(_SMALL_SEGMENT)
        return settings


def catalogue() -> dict[str, Topic]:
    """Every entry of ``topics.yaml``; ``department.*`` stands for one topic a department."""
    document = read_document(Path(__file__).with_name("topics.yaml"))
    return TypeAdapter(dict[str, Topic]).validate_python(document.content)


def topics_for(municipalities: Iterable[Municipality]) -> dict[str, Topic]:
    """Every topic of an installation by its real name, departments spelled out."""
    topics = catalogue()
    department = topics.pop(DEPARTMENTS)
    return topics | {town.topic(name): department for town in municipalities for name in town.departments}
