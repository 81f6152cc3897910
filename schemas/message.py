"""Message: what travels on a channel, before it has a place there, and after."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from zlib import crc32

Headers = Sequence[tuple[str, bytes]]
_LONGEST_INSTANT = 16
"""Digits of a microsecond before the year 2286; Python refuses to read numbers of any length."""


@dataclass(frozen=True, slots=True)
class Message:
    """A record to be written. ``partition`` None means: by crc32 of the key (see :func:`partition_for`)."""

    topic: str
    key: bytes | None
    value: bytes | None
    headers: list[tuple[str, bytes]] = field(default_factory=list)
    partition: int | None = None


@dataclass(frozen=True, slots=True)
class Stored:
    """A record as it stands on a topic: raw bytes and coordinates. ``timestamp`` is milliseconds since the epoch."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: Headers
    timestamp: int

    def header(self, name: str) -> bytes | None:
        """The last header of that name, as Kafka's own clients read repeated headers."""
        return next((value for key, value in reversed(self.headers) if key == name), None)


def instant_in(header: bytes | None) -> int | None:
    """The instant in a header such as ``received_at``; None where anybody else has written something else there."""
    return int(header) if header and len(header) <= _LONGEST_INSTANT and header.isdigit() else None


def partition_for(key: bytes, partitions: int) -> int:
    """The one partitioner of all producers: crc32, because Faust's murmur2 costs 11 µs a key in pure Python."""
    return crc32(key) % partitions
