"""The compiled writer writes the bytes that fastavro writes, for every schema of the shipped Kochbuch."""

import io
from typing import Any

import fastavro
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.codec import Schema
from schemas.kochbuch import read_kochbuch
from schemas.writer import NotCompiledError, compile_writer

BOOK = read_kochbuch()
SCHEMAS = BOOK.schemas
longs = st.integers(-(2**63), 2**63 - 1)


Named = dict[str, st.SearchStrategy[Any]]


def values(kind: Any, named: Named | None = None) -> st.SearchStrategy[Any]:  # noqa: ANN401 - any Avro schema
    named = {} if named is None else named
    match kind:
        case list():
            return st.one_of(*(values(branch, named) for branch in kind))
        case {"type": "record", "name": name, "fields": fields}:
            known = {field["name"]: values(field["type"], named) for field in fields}
            return named.setdefault(name, st.fixed_dictionaries(known))
        case {"type": "enum", "name": name, "symbols": symbols}:
            return named.setdefault(name, st.sampled_from(symbols))
        case {"type": "fixed", "name": name, "size": size}:
            return named.setdefault(name, st.binary(min_size=size, max_size=size))
        case {"type": "array", "items": items}:
            return st.lists(values(items, named), max_size=3)
        case {"type": inner}:
            return values(inner, named)
    simple: dict[str, st.SearchStrategy[Any]] = {
        "null": st.none(),
        "string": st.text(max_size=20),
        "bytes": st.binary(max_size=20),
        "long": longs,
        "int": st.integers(-(2**31), 2**31 - 1),
        "boolean": st.booleans(),
    }
    return named.get(kind) or simple[kind]


def by_fastavro(definition: Any, record: dict[str, Any]) -> bytes:  # noqa: ANN401 - any Avro schema
    out = io.BytesIO()
    fastavro.schemaless_writer(out, fastavro.parse_schema(definition), record)
    return out.getvalue()


def without_logical_types(kind: Any) -> Any:  # noqa: ANN401 - any Avro schema; a date is days on both sides
    if isinstance(kind, dict):
        return {key: without_logical_types(value) for key, value in kind.items() if key != "logicalType"}
    return [without_logical_types(part) for part in kind] if isinstance(kind, list) else kind


@pytest.mark.parametrize("schema", SCHEMAS, ids=lambda schema: schema.name)
@settings(max_examples=5)
@given(data=st.data())
def test_the_bytes_are_those_of_fastavro(schema: Schema, data: st.DataObject) -> None:
    record = data.draw(values(schema.definition))
    definition = without_logical_types(schema.definition)
    assert compile_writer(schema.definition)(record) == by_fastavro(definition, record)


@given(longs | st.sampled_from([0, -1, 63, 64, 4095, 4096, 2**31, -(2**63), 2**63 - 1]))
def test_every_number_is_written_as_avro_says(number: int) -> None:
    definition = {"type": "record", "name": "R", "fields": [{"name": "n", "type": "long"}]}
    assert compile_writer(definition)({"n": number}) == by_fastavro(definition, {"n": number})


@pytest.mark.parametrize("text", ["x" * size for size in (63, 64, 4095, 4096, 100_000)] + ["€" * 1_365, "€" * 1_366])
def test_long_texts_are_written_as_avro_says(text: str) -> None:
    definition = {"type": "record", "name": "R", "fields": [{"name": "t", "type": ["null", "string"], "default": None}]}
    assert compile_writer(definition)({"t": text}) == by_fastavro(definition, {"t": text})


@pytest.mark.parametrize(
    "kind",
    [
        {"type": "map", "values": "long"},
        ["string", "null"],
        ["null", "string", "long"],
        "double",
        "laufzettel.Named",
    ],
)
def test_what_recipes_do_not_use_is_left_to_fastavro(kind: Any) -> None:  # noqa: ANN401 - any Avro schema
    with pytest.raises(NotCompiledError):
        compile_writer({"type": "record", "name": "R", "fields": [{"name": "x", "type": kind}]})


def test_a_record_that_is_not_valid_does_not_pass_in_silence() -> None:
    schema = SCHEMAS[0]
    with pytest.raises((AttributeError, TypeError)):
        compile_writer(schema.definition)({})


def test_a_number_of_more_than_64_bits_is_refused() -> None:
    with pytest.raises(OverflowError):
        compile_writer("long")(2**63)  # type: ignore[arg-type]  # a bare number, to be short
