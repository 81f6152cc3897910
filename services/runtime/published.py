"""Published: the schemas that readers already rely on, and what a change would do to them."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import orjson

from schemas.codec import Schema, schema_of
from schemas.errors import Problem
from schemas.message import Message
from schemas.topics import SCHEMAS
from services.runtime.bus import Bus

Published = dict[int, Schema]
"""Schemas by id."""


async def published_schemas(bus: Bus) -> Published:
    """Every schema on the topic ``schemas``."""
    found = [schema_of(orjson.loads(record.value)) async for record in bus.read(SCHEMAS) if record.value]
    return {schema.id: schema for schema in found}


def unpublished(desired: Iterable[Schema], published: Mapping[int, Schema]) -> list[Schema]:
    """Those that readers do not know yet, each once."""
    return list({schema.id: schema for schema in desired if schema.id not in published}.values())


def messages(schemas: Iterable[Schema]) -> list[Message]:
    """The records that publish them."""
    return [Message(SCHEMAS, str(schema.id).encode(), schema.json.encode()) for schema in schemas]


def incompatibilities(desired: Iterable[Schema], published: Mapping[int, Schema]) -> Iterator[Problem]:
    """Changes that stored events or present readers would not survive; a new version has a new name and is free."""
    earlier: dict[str, list[Schema]] = {}
    for schema in published.values():
        earlier.setdefault(schema.name, []).append(schema)
    for schema in unpublished(desired, published):
        for former in earlier.get(schema.name, ()):
            if why := (*_cannot_read(schema, former), *_cannot_read(former, schema)):
                yield _broken(schema, why)


def _cannot_read(reader: Schema, writer: Schema) -> tuple[str, ...]:
    """Why records of one schema cannot be read with the other; fastavro has no checker, avro has."""
    from avro.compatibility import ReaderWriterCompatibilityChecker, SchemaCompatibilityType

    checker: Any = ReaderWriterCompatibilityChecker()  # type: ignore[no-untyped-call]  # avro says nothing here
    checked = checker.get_compatibility(_parsed(reader), _parsed(writer))
    if checked.compatibility == SchemaCompatibilityType.compatible:
        return ()
    kinds = ", ".join(sorted({kind.name.replace("_", " ") for kind in checked.incompatibilities}))
    return (f"{kinds}: {', '.join(sorted(set(map(str, checked.messages))))}",)


def _parsed(schema: Schema) -> Any:  # noqa: ANN401 - avro has no types
    from avro.schema import parse

    return parse(schema.json, validate_names=False)


def _broken(schema: Schema, why: Iterable[str]) -> Problem:
    reasons = "; ".join(dict.fromkeys(why))
    return Problem(
        schema.name,
        f"Diese Änderung würden gespeicherte Ereignisse oder heutige Leser nicht überleben ({reasons}). Abhilfe: dem "
        "Rezept eine neue Version geben und die alte unter kochbuch/earlier aufheben; bei festen Ereignissen nur "
        "Felder mit Vorgabewert ergänzen.",
        f"Stored events or present readers would not survive this change ({reasons}). Remedy: give the recipe a new "
        "version and keep the old one in kochbuch/earlier; with fixed events, add only fields that have a default.",
    )
