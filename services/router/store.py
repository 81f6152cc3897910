"""Store: the cases of one partition, as encoded records, and when each must be looked at next.

An open case costs its record and one entry of the heap; a closed one the place of its record on the state topic. A
restore reads 18 bytes of each record.
"""

import heapq
import struct
from collections.abc import Iterable
from functools import lru_cache
from typing import Any, NamedTuple

from schemas.codec import Codec
from schemas.events import event_schema
from schemas.message import Stored
from schemas.template import Template, instant, octets, text
from services.router.case import NEVER, Case, next_due
from services.router.way import STATE_HOLES, WAYS_KEPT, Way

_HEAD = struct.Struct(">bIqiB")
_DUE, _VERSION = struct.Struct(">q"), struct.Struct(">i")
_CLOSED = struct.Struct(">qqi")
_CLOSED_STATUS = 3 << 1
"""Avro writes the fourth symbol of an enum as a zig-zag 3."""

_SPARE = 10_000


class Head(NamedTuple):
    """The fields at the head of every record."""

    due: int
    version: int
    closed: bool


class Closed(NamedTuple):
    """Where the record of a closed case stands, when it is to be erased, and its version."""

    offset: int
    due: int
    version: int


def key_of(case_id: bytes | str) -> bytes:
    """The sixteen bytes of a case id. Raises ValueError for anything that is no UUID in text."""
    text = case_id if isinstance(case_id, str) else case_id.decode("ascii")
    key = bytes.fromhex(text.replace("-", ""))
    if len(key) != 16 or len(text) != 36:  # noqa: PLR2004 - a UUID
        raise ValueError("not a UUID")
    return key


def text_of(key: bytes) -> str:
    """The inverse of :func:`key_of`."""
    text = key.hex()
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def head_of(value: bytes) -> Head:
    """The head of an encoded case, without decoding the rest."""
    _, _, due, version, status = _HEAD.unpack_from(value)
    return Head(due, version, status == _CLOSED_STATUS)


class CaseCodec:
    """Cases to framed records and back."""

    def __init__(self, codec: Codec) -> None:
        self._codec, self._schema = codec, event_schema("CaseState")
        self._encode = codec.encoder(self._schema)
        self._decode = codec.decode
        self._template = lru_cache(maxsize=WAYS_KEPT)(self._template_of)

    def encode(self, case: Case, way: Way | None = None) -> bytes:
        """The framed record; quicker for a new case that goes the way of others."""
        if way is not None:
            filled = {
                "reference": text(case["reference"]), "received_at": instant(case["received_at"]),
                "started_at": instant(case["started_at"]), "submission": octets(case["submission"]),
            }  # fmt: skip
            return self._template(way).fill(filled)
        return self._encode(self._record(case))

    def _template_of(self, way: Way) -> Template:
        return Template(self._codec, self._schema, self._record(way.case), STATE_HOLES)

    def _record(self, case: Case) -> dict[str, Any]:
        record: dict[str, Any] = {
            **case, "due": _DUE.pack(next_due(case)), "version": _VERSION.pack(case["version"])
        }  # fmt: skip
        return record

    def decode(self, case_id: str, value: bytes) -> Case:
        """The case of that id."""
        _, record = self._decode(value)
        del record["due"]
        record["version"] = _VERSION.unpack(record["version"])[0]
        record["case_id"] = case_id
        return record  # type: ignore[return-value]  # the schema is the type; a contract test compares the two


class Store:
    """The cases of one partition."""

    __slots__ = ("_closed", "_heap", "_heaped", "_pending", "_recalled", "open")

    def __init__(self) -> None:
        self.open: dict[bytes, bytes] = {}
        self._closed: dict[bytes, bytes] = {}
        self._heap: list[tuple[int, bytes]] = []
        self._heaped = True
        self._pending: dict[bytes, int] = {}
        self._recalled: dict[bytes, bytes] = {}

    def __len__(self) -> int:
        return len(self.open) + len(self._closed)

    @property
    def timetable(self) -> int:
        """How many entries wait for their instant; of what was done meanwhile, at most as many again."""
        return len(self._heap)

    def restore(self, records: Iterable[Stored]) -> None:
        """Takes records of the state topic, oldest first; the newest of a key holds."""
        cases, closed, heap, unpack = self.open, self._closed, self._heap, _HEAD.unpack_from
        self._heaped = False
        for record in records:
            key = bytes.fromhex((record.key or b"").decode("ascii").replace("-", ""))
            value = record.value
            closed.pop(key, None)
            if value is None:
                cases.pop(key, None)
                continue
            _, _, due, version, status = unpack(value)
            if due != NEVER:
                heap.append((due, key))
            if status == _CLOSED_STATUS:
                cases.pop(key, None)
                closed[key] = _CLOSED.pack(record.offset, due, version)
            else:
                cases[key] = value

    def closed(self, key: bytes) -> Closed | None:
        """Where a closed case's record stands; None when the case is unknown or in memory."""
        packed = self._closed.get(key)
        return None if packed is None else Closed(*_CLOSED.unpack(packed))

    def recall(self, key: bytes, value: bytes) -> None:
        """Takes a closed case into memory until :meth:`dismiss`."""
        packed = self._closed.pop(key, None)
        if packed is not None:
            self._recalled[key] = packed
            self.open[key] = value

    def dismiss(self) -> None:
        """Lets recalled cases go that nothing has changed."""
        for key, packed in self._recalled.items():
            if key not in self._pending and key in self.open:
                del self.open[key]
                self._closed[key] = packed
        self._recalled.clear()

    def put(self, key: bytes, value: bytes, known_due: int | None = None) -> None:
        """Keeps a case; ``known_due`` is the due instant of the record that it replaces."""
        self.open[key] = value
        (due,) = _DUE.unpack_from(value, 5)
        if due not in {NEVER, known_due}:
            self._push(due, key)

    def erase(self, key: bytes) -> None:
        """Forgets a case."""
        self.open.pop(key, None)
        self._closed.pop(key, None)

    def writing(self, key: bytes) -> None:
        """A state record of this case is on its way to the topic."""
        self._pending[key] = self._pending.get(key, 0) + 1

    def written(self, key: bytes, offset: int) -> None:
        """The record stands at this offset; a closed case with nothing more on its way leaves memory."""
        left = self._pending.get(key, 1) - 1
        if left:
            self._pending[key] = left
            return
        self._pending.pop(key, None)
        value = self.open.get(key)
        if value is not None and (head := head_of(value)).closed:
            del self.open[key]
            self._closed[key] = _CLOSED.pack(offset, head.due, head.version)

    def due(self, now: int, limit: int) -> list[bytes]:
        """At most ``limit`` cases of which something is due, each once; what was done meanwhile is skipped."""
        if not self._heaped:
            heapq.heapify(self._heap)
            self._heaped = True
        found: dict[bytes, None] = {}
        heap = self._heap
        while heap and heap[0][0] <= now and len(found) < limit:
            _, key = heapq.heappop(heap)
            if self._due_of(key) <= now:
                found[key] = None
        return list(found)

    def postpone(self, key: bytes, until: int) -> None:
        """Looks at this case again at that time, whatever its record says."""
        self._push(until, key)

    def _due_of(self, key: bytes) -> int:
        value = self.open.get(key)
        if value is not None:
            return int(_DUE.unpack_from(value, 5)[0])
        closed = self.closed(key)
        return closed.due if closed else NEVER

    def _push(self, due: int, key: bytes) -> None:
        if not self._heaped:
            self._heap.append((due, key))
            return
        heapq.heappush(self._heap, (due, key))
        if len(self._heap) > 2 * len(self) + _SPARE:
            self._rebuild()

    def _rebuild(self) -> None:
        """Drops what was done meanwhile; at most every second entry, so its cost spreads over as many pushes."""
        entries = ((self._due_of(key), key) for key in (*self.open, *self._closed))
        self._heap = [entry for entry in entries if entry[0] != NEVER]
        heapq.heapify(self._heap)
