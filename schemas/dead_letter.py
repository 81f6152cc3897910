"""Dead letter: a record that could not go on, its original bytes untouched, its context in headers.

dl_reason    the bounded reason (schemas.errors.Reason)      dl_detail   where and what, without personal data
dl_stage     which process gave up                           dl_at       when, µs since the epoch
dl_topic, dl_partition, dl_offset                            the record, where it stood on a topic
dl_file, dl_line, dl_byte                                    the record, where it stood in a file
dl_replays   how often it was replayed, for the loop guard   dl_null     present where the original value was null
"""

from dataclasses import dataclass

from schemas.errors import Rejected
from schemas.message import Message, Stored

TOPIC = "dead-letters"
PREFIX = "dl_"
MAX_DETAIL = 1_000


@dataclass(frozen=True, slots=True)
class Origin:
    """Where in a file a bad record stood: lines from 1, bytes from 0."""

    file: str
    line: int
    byte: int


def dead_letter(record: Stored, error: Rejected, stage: str, at: int) -> Message:
    """The dead letter of a record from a topic; stays on its partition and keeps its key and headers."""
    place = [
        ("dl_topic", record.topic),
        ("dl_partition", str(record.partition)),
        ("dl_offset", str(record.offset)),
    ]
    own = ((name, value or b"") for name, value in record.headers)  # other clients write null
    kept = [(name, value) for name, value in own if not name.startswith(PREFIX) or name == "dl_replays"]
    headers = kept + _context(error, stage, at, place) + ([("dl_null", b"1")] if record.value is None else [])
    return Message(TOPIC, record.key, record.value or b"", headers, record.partition)


def dead_row(raw: bytes, origin: Origin, error: Rejected, stage: str, at: int) -> Message:
    """The dead letter of a record that never reached a topic: its bytes as they stood in the file."""
    place = [("dl_file", origin.file), ("dl_line", str(origin.line)), ("dl_byte", str(origin.byte))]
    return Message(TOPIC, f"{origin.file}:{origin.line}".encode(), raw, _context(error, stage, at, place))


def _context(error: Rejected, stage: str, at: int, place: list[tuple[str, str]]) -> list[tuple[str, bytes]]:
    detail = "; ".join(f"{p.where}: {p.text_en or p.text}" if p.where else p.text_en or p.text for p in error.problems)
    context = [
        ("dl_reason", error.reason.value),
        ("dl_detail", detail[:MAX_DETAIL]),
        ("dl_stage", stage),
        ("dl_at", str(at)),
        *place,
    ]
    return [(name, text.encode()) for name, text in context]
