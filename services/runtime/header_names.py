"""Header names: a record whose header has a name that is no UTF-8 can be read like any other.

Kafka takes any bytes for a name, and some clients write them. aiokafka raises inside the fetch, again and again at
the same offset: one such record would stop its partition for ever. Here the name is read with replacement characters.
"""

from collections.abc import Iterator
from typing import Any

from aiokafka.consumer import fetcher
from aiokafka.record.default_records import _DefaultRecordBatchPy
from aiokafka.record.memory_records import MemoryRecords

_LENGTH = slice(8, 12)
_HEAD = 12
"""Bytes of a batch before those that its length counts."""


def tolerate_any_name() -> None:
    """Makes all of aiokafka's consumers in this process read such records; nothing else changes."""
    fetcher.MemoryRecords = _Records


class _Records:
    """aiokafka's MemoryRecords, with the bytes of each batch at hand."""

    def __init__(self, data: bytes) -> None:
        self._data = memoryview(data)
        self._batches = MemoryRecords(data)
        self._start = 0

    def has_next(self) -> bool:
        return bool(self._batches.has_next())

    def next_batch(self) -> Any:  # noqa: ANN401 - untyped client
        batch = self._batches.next_batch()
        rest = self._data[self._start :]
        end = _HEAD + int.from_bytes(rest[_LENGTH])
        self._start += end
        return batch if batch is None or batch.is_control_batch else _Batch(batch, rest[:end])

    def size_in_bytes(self) -> int:
        return int(self._batches.size_in_bytes())


class _Batch:
    """A batch of records that is read again, slowly, where a header's name stopped the quick reader."""

    def __init__(self, batch: Any, data: memoryview) -> None:  # noqa: ANN401 - untyped client
        self._batch = batch
        self._data = data

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever the fetcher asks of a batch
        return getattr(self._batch, name)

    def __iter__(self) -> Iterator[Any]:
        read = 0
        try:
            for record in self._batch:
                yield record
                read += 1
        except UnicodeDecodeError:
            yield from list(_slowly(self._data))[read:]


def _slowly(data: memoryview) -> Iterator[Any]:
    batch = _DefaultRecordBatchPy(data)
    batch._maybe_uncompress()  # noqa: SLF001 - see above
    batch._buffer = _Buffer(batch._buffer)  # noqa: SLF001
    return iter(batch)


class _Buffer(bytearray):
    """Every part of it can be read as text."""

    def __getitem__(self, place: Any) -> Any:  # noqa: ANN401 - as bytearray takes it
        found = super().__getitem__(place)
        return _Text(found) if isinstance(found, bytearray) else found


class _Text(bytearray):
    def decode(self, encoding: str = "utf-8", errors: str = "strict") -> str:  # noqa: ARG002 - whatever is asked for
        return super().decode(encoding, "replace")
