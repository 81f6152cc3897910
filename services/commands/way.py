"""Way: the stages of one case, from its records on every topic; pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from schemas.codec import Codec
from schemas.dead_letter import TOPIC as DEAD_LETTERS
from schemas.errors import Rejected
from schemas.message import Stored
from schemas.topics import CASE_EVENTS, CASE_REQUESTS, ROUTER_STATE
from services.commands.readable import readable

_ORDER = (CASE_REQUESTS, DEAD_LETTERS, CASE_EVENTS, "department", ROUTER_STATE)
_TELLING = {
    "lead", "recipe", "station", "department", "task", "rule", "due_at", "opened_by", "status", "outcome", "reason",
    "from_department", "to_department", "what", "command", "opinion",
}  # fmt: skip
"""The rest is in the document that ``--json`` prints."""


@dataclass(frozen=True, slots=True)
class Step:
    """One record of a case: when it was written, where it stands, what it says."""

    at: int
    topic: str
    partition: int
    offset: int
    kind: str
    facts: str
    content: Mapping[str, Any] = field(default_factory=dict)


def way_of(records: Iterable[Stored], codec: Codec, *, reveal: bool = False) -> list[Step]:
    """The steps in the order of time, and within a millisecond in the order of the flow."""
    steps = [_step(record, codec, reveal) for record in records]
    return sorted(steps, key=lambda step: (step.at // 1000, _rank(step.topic), step.partition, step.offset))


def _rank(topic: str) -> int:
    stem = "department" if topic.startswith("department.") else topic
    return _ORDER.index(stem) if stem in _ORDER else len(_ORDER)


def _step(record: Stored, codec: Codec, reveal: bool) -> Step:
    place = (record.topic, record.partition, record.offset)
    written = record.timestamp * 1000
    if record.topic == DEAD_LETTERS:
        return Step(written, *place, "dead letter", _dead(record))
    if record.value is None:
        return Step(written, *place, "erased", "")
    try:
        schema, content = codec.decode(record.value)
    except Rejected as error:
        return Step(written, *place, _kind(record, "?"), str(error))
    shown = readable(schema, content, reveal=reveal)
    kind = _kind(record, schema.name.rpartition(".")[2])
    return Step(written, *place, kind, telling(shown), shown)


def _kind(record: Stored, otherwise: str) -> str:
    return (record.header("ce_type") or otherwise.encode()).decode(errors="replace")


def _dead(record: Stored) -> str:
    return ": ".join((record.header(name) or b"").decode(errors="replace") for name in ("dl_reason", "dl_detail"))


def telling(content: Mapping[str, Any]) -> str:
    """What of a readable record goes into one line."""
    told = {name: value for name, value in content.items() if name in _TELLING and value not in {None, ""}}
    stations = content.get("stations") or ()
    opened = ", ".join(f"{each['department']} ({each['station']}: {each['task']})" for each in stations)
    return "; ".join([*(f"{name} {value}" for name, value in told.items()), *([opened] if opened else [])])
