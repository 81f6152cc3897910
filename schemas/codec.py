"""Codec: Avro in Confluent's wire format (0x00, 4-byte schema id, body), by fastavro.

Schema ids are content-addressed: 31 bits of the SHA-256 of the normalised schema, so that nothing has to be asked
before writing. Logical types are published but not applied: a date is days, an instant is microseconds, on both sides.
"""

import hashlib
import io
import struct
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, cast

import fastavro
import orjson
from fastavro.types import Schema as AvroSchema

from schemas.errors import Misconfigured, Problem, Reason, Rejected
from schemas.writer import NotCompiledError, compile_writer

_HEAD = struct.Struct(">bI")
_ID_BITS = 0x7FFFFFFF
Record = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Schema:
    """One published schema: its content-addressed id, full name, and the JSON that readers get."""

    id: int
    name: str
    json: str

    @property
    def frame(self) -> bytes:
        """The five bytes before every record of this schema."""
        return _HEAD.pack(0, self.id)

    @property
    def definition(self) -> dict[str, Any]:
        """The schema as plain data."""
        return cast("dict[str, Any]", orjson.loads(self.json))


def schema_of(definition: Mapping[str, Any]) -> Schema:
    """The published form of a record schema. The id covers everything, docs and tags included, in sorted keys."""
    text = orjson.dumps(definition, option=orjson.OPT_SORT_KEYS)
    number = int.from_bytes(hashlib.sha256(text).digest()[:4], "big") & _ID_BITS
    return Schema(number, f"{definition['namespace']}.{definition['name']}", text.decode())


def _plain(node: Any) -> Any:  # noqa: ANN401 - any part of a schema
    """The schema without logical types: the bytes are the same, decoding costs half (7.1 to 4.5 µs)."""
    if isinstance(node, dict):
        kept = {
            key: _plain(value) for key, value in node.items() if key not in {"logicalType", "doc", "confluent:tags"}
        }
        return kept if kept.keys() != {"type"} or isinstance(kept["type"], list) else kept["type"]
    return [_plain(part) for part in node] if isinstance(node, list) else node


class Codec:
    """Encodes and decodes every schema it was made with. Raises Misconfigured when two schemas share an id."""

    def __init__(self, schemas: Iterable[Schema]) -> None:
        self._schemas: dict[int, Schema] = {}
        self._parsed: dict[int, AvroSchema] = {}
        for schema in schemas:
            known = self._schemas.setdefault(schema.id, schema)
            if known.json != schema.json:
                clash = f"{known.name} and {schema.name} have the same schema id {schema.id}; change a doc text"
                raise Misconfigured(Problem("schemas", clash, clash))
            self._parsed[schema.id] = fastavro.parse_schema(_plain(schema.definition), named_schemas={})

    def __contains__(self, schema: Schema) -> bool:
        return schema.id in self._schemas

    @property
    def schemas(self) -> tuple[Schema, ...]:
        """Every schema known, each once."""
        return tuple(self._schemas.values())

    def encoder(self, schema: Schema) -> Callable[[Record], bytes]:
        """A function that writes records of this schema, framed. The record must be valid: it is not checked again."""
        parsed, head = self._parsed[schema.id], schema.frame
        with suppress(NotCompiledError):
            return compile_writer(_plain(schema.definition), head)
        write = fastavro.schemaless_writer

        def encode(record: Record) -> bytes:
            out = io.BytesIO(head)
            out.seek(_HEAD.size)
            write(out, parsed, record)
            return out.getvalue()

        return encode

    def fields(self, schema: Schema) -> dict[str, Callable[[Any], bytes]]:
        """A writer for each field alone, in the schema's order; one after the other they write a record's body."""
        parsed = cast("dict[str, Any]", self._parsed[schema.id])
        return {field["name"]: _writer(field["type"]) for field in parsed["fields"]}

    def decode(self, data: bytes | None) -> tuple[Schema, Record]:
        """The schema and the record. Raises Rejected: UNKNOWN_SCHEMA, or UNDECODABLE for all but exactly one record."""
        schema = self.schema_in(data)
        body = io.BytesIO(data)  # type: ignore[arg-type]  # schema_in refuses None
        body.seek(_HEAD.size)
        try:
            record = fastavro.schemaless_reader(body, self._parsed[schema.id], None)
        except (EOFError, ValueError, IndexError, OverflowError, MemoryError, KeyError, TypeError) as error:
            raise _undecodable("der Inhalt ist beschädigt", f"the body is damaged ({type(error).__name__})") from None
        if body.read(1):
            raise _undecodable("hinter dem Satz stehen weitere Bytes", "bytes follow the end of the record")
        return schema, cast("Record", record)

    def schema_in(self, data: bytes | None) -> Schema:
        """The schema named in a framed value, without decoding it. Raises Rejected as :meth:`decode` does."""
        if data is None or len(data) < _HEAD.size:
            raise _undecodable("der Wert ist leer oder zu kurz", "the value is empty or too short")
        magic, number = _HEAD.unpack_from(data)
        if magic != 0:
            raise _undecodable("das erste Byte ist nicht 0", "the first byte is not 0: not in Confluent's wire format")
        schema = self._schemas.get(number)
        if schema is None:
            english = f"schema id {number} is unknown here; was it written with a newer Kochbuch?"
            german = f"Die Schema-Nummer {number} ist hier unbekannt; stammt sie aus einem neueren Kochbuch?"
            raise Rejected(Reason.UNKNOWN_SCHEMA, Problem("value", german, english))
        return schema


def _writer(kind: AvroSchema) -> Callable[[Any], bytes]:
    write = fastavro.schemaless_writer

    def encode(value: Any) -> bytes:  # noqa: ANN401 - whatever the field holds
        out = io.BytesIO()
        write(out, kind, value)
        return out.getvalue()

    return encode


def _undecodable(german: str, english: str) -> Rejected:
    return Rejected(Reason.UNDECODABLE, Problem("value", german, english))
