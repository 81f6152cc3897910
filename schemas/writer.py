"""Writer: an Avro encoder compiled from one schema, for records that are known to be valid.

fastavro finds the branch of every union by validating the value against it, at each level anew: half of the cost of a
form with optional parts. A recipe's schemas only know "null or this", so that one look is enough. The bytes are the
same (tests/property/test_writer.py); what is not compiled here is left to fastavro (maps, wider unions, defaults other
than null).
"""

from collections.abc import Callable
from typing import Any

Put = Callable[[bytes], object]
Write = Callable[[Any, Put], object]
Record = dict[str, Any]

_NULL, _SOME = b"\x00", b"\x02"
_LONG = 1 << 63


class NotCompiledError(Exception):
    """Something in a schema is left to fastavro."""


def compile_writer(definition: Any, frame: bytes = b"") -> Callable[[Record], bytes]:  # noqa: ANN401 - any Avro schema
    """A function from record to bytes, after the frame. Raises NotCompiledError for what our schemas do not use."""
    write = _compile(definition, {})

    def encode(record: Record) -> bytes:
        parts = [frame]
        write(record, parts.append)
        return b"".join(parts)

    return encode


def _compile(kind: Any, named: dict[str, Write]) -> Write:  # noqa: ANN401 - any part of a schema
    match kind:
        case ["null", "string"]:
            return _write_optional_text
        case ["null", inner]:
            return _optional(_compile(inner, named))
        case {"type": "record", "name": name, "fields": fields}:
            return named.setdefault(name, _record(tuple(_field(field, named) for field in fields)))
        case {"type": "enum", "name": name, "symbols": symbols}:
            return named.setdefault(name, _enum(symbols))
        case {"type": "fixed", "name": name}:
            return named.setdefault(name, _write_fixed)
        case {"type": "array", "items": items}:
            return _array(_compile(items, named))
        case {"type": str(name), **rest} if not rest.keys() - {"logicalType"}:
            return _compile(name, named)
        case str(name) if name in _SIMPLE or name in named:
            return _SIMPLE.get(name) or named[name]
        case _:
            raise NotCompiledError(str(kind))


def _field(field: dict[str, Any], named: dict[str, Write]) -> tuple[str, Write]:
    if field.get("default") is not None:
        raise NotCompiledError(f"{field['name']} has a default")
    return field["name"], _compile(field["type"], named)


def _enum(symbols: list[str]) -> Write:
    numbers = {symbol: _zigzag(number) for number, symbol in enumerate(symbols)}

    def write(value: Any, put: Put) -> None:  # noqa: ANN401 - one of the symbols
        put(numbers[value])

    return write


def _optional(inner: Write) -> Write:
    def write(value: Any, put: Put) -> None:  # noqa: ANN401 - whatever the schema says
        if value is None:
            put(_NULL)
        else:
            put(_SOME)
            inner(value, put)

    return write


def _record(fields: tuple[tuple[str, Write], ...]) -> Write:
    def write(value: Any, put: Put) -> None:  # noqa: ANN401 - a mapping
        get = value.get
        for name, inner in fields:
            inner(get(name), put)

    return write


def _array(inner: Write) -> Write:
    def write(value: Any, put: Put) -> None:  # noqa: ANN401 - a list
        if value:
            _write_long(len(value), put)
            for element in value:
                inner(element, put)
        put(_NULL)

    return write


def _write_text(value: str, put: Put) -> None:
    data = value.encode()
    size = len(data)
    put((_SMALL[size] if size < _KNOWN else _zigzag(size)) + data)


def _write_optional_text(value: str | None, put: Put) -> None:
    """Most of a form; one call instead of two."""
    if value is None:
        put(_NULL)
    else:
        data = value.encode()
        size = len(data)
        put((_SOME_SMALL[size] if size < _KNOWN else _SOME + _zigzag(size)) + data)


def _write_bytes(value: bytes, put: Put) -> None:
    put(_zigzag(len(value)) + value)


def _write_fixed(value: bytes, put: Put) -> None:
    put(value)


def _write_long(value: int, put: Put) -> None:
    put(_SMALL[value] if 0 <= value < _KNOWN else _zigzag(value))


def _write_boolean(value: bool, put: Put) -> None:
    put(b"\x01" if value else b"\x00")


_SIMPLE: dict[str, Write] = {
    "string": _write_text,
    "bytes": _write_bytes,
    "long": _write_long,
    "int": _write_long,
    "boolean": _write_boolean,
}


def _zigzag(value: int) -> bytes:
    if not -_LONG <= value < _LONG:
        raise OverflowError("this number has more than 64 bits")
    rest = value << 1 if value >= 0 else (-value << 1) - 1
    out = bytearray()
    while rest > 0x7F:  # noqa: PLR2004 - seven bits a byte
        out.append(rest & 0x7F | 0x80)
        rest >>= 7
    out.append(rest)
    return bytes(out)


_KNOWN = 4096
_SMALL = tuple(_zigzag(number) for number in range(_KNOWN))
_SOME_SMALL = tuple(_SOME + number for number in _SMALL)
