"""Compatibility: whether what is stored, and whoever reads it today, survives new schemas. fastavro has no checker.

Two promises are held. A published name keeps its shape: a changed form needs a new version of the recipe, so that a
case keeps the schema under which it started. And a new version is BACKWARD compatible with every version published: a
reader that moves on to the new schema still understands all stored events.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Any

import orjson
from avro.compatibility import ReaderWriterCompatibilityChecker, SchemaCompatibilityType
from avro.schema import parse

from schemas.codec import Schema
from schemas.errors import Problem

_VERSION = re.compile(r"_v\d+$")
_SILENT = {"doc", "confluent:tags"}


def check_compatible(published: Iterable[Schema], new: Iterable[Schema]) -> list[Problem]:
    """What the new schemas would break, by name; nothing for schemas published already or families never seen."""
    families: dict[str, dict[int, Schema]] = {}
    for schema in published:
        families.setdefault(family(schema.name), {})[schema.id] = schema
    known = {number for versions in families.values() for number in versions}
    fresh = {schema.id: schema for schema in new if schema.id not in known}
    return [
        problem
        for schema in fresh.values()
        for former in families.get(family(schema.name), {}).values()
        for problem in _compared(schema, former)
    ]


def family(name: str) -> str:
    """The name without its version: what all versions of one form have in common."""
    return _VERSION.sub("", name)


def _compared(new: Schema, former: Schema) -> Iterator[Problem]:
    if new.name == former.name and _VERSION.search(new.name) and _shape(new.definition) != _shape(former.definition):
        yield Problem(
            new.name,
            f"Das Formular hat sich geändert, die Version nicht: {new.name} ist schon anders veröffentlicht. Bitte die"
            " Version des Rezepts erhöhen und die alte Datei unter kochbuch/earlier aufheben.",
            f"the form has changed but its version has not: {new.name} is published with another shape. Raise the"
            " recipe's version and keep the old file in kochbuch/earlier",
        )
    if reasons := unreadable(new, former):
        yield Problem(
            new.name,
            f"Wer mit {new.name} liest, versteht gespeicherte Ereignisse von {former.name} nicht mehr: {reasons}. Neue"
            " Felder bitte optional machen; Felder nicht in eine andere Art umwandeln.",
            f"a reader of {new.name} no longer understands stored events of {former.name}: {reasons}. Make new fields"
            " optional; do not turn a field into another kind",
        )


def unreadable(reader: Schema, writer: Schema) -> str:
    """Why records of the writer cannot be read with the reader's schema; empty when they can."""
    checker: Any = ReaderWriterCompatibilityChecker()  # type: ignore[no-untyped-call]  # a new one: it keeps its findings
    checked = checker.get_compatibility(_parsed(reader), _parsed(writer))
    if checked.compatibility is SchemaCompatibilityType.compatible:
        return ""
    kinds = ", ".join(sorted({kind.value.replace("_", " ") for kind in checked.incompatibilities}))
    return f"{kinds}: {', '.join(sorted(map(str, checked.messages)))}"


def _parsed(schema: Schema) -> Any:  # noqa: ANN401 - avro has no types
    definition = schema.definition
    return parse(orjson.dumps({**definition, "name": family(definition["name"])}).decode(), validate_names=False)


def _shape(node: Any) -> Any:  # noqa: ANN401 - any part of a schema
    """The schema without what only people read; the bytes are the same."""
    if isinstance(node, dict):
        return {key: _shape(value) for key, value in node.items() if key not in _SILENT}
    return [_shape(part) for part in node] if isinstance(node, list) else node
