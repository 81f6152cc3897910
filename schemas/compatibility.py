"""Compatibility: whether what is stored, and whoever reads it today, survives new schemas. fastavro has no checker.

Three promises are held. A published name keeps its shape: a changed form needs a new version of the recipe, so that a
case keeps the schema under which it started. A new version is BACKWARD compatible with every version before it: a
reader that moves on to the new schema still understands all stored events. And of the fixed events and commands every
shape ever published stays known here: it is kept in events/earlier.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Any

import orjson
from avro.compatibility import ReaderWriterCompatibilityChecker, SchemaCompatibilityType
from avro.schema import parse

from schemas.codec import Schema
from schemas.errors import Problem
from schemas.events import earlier_schemas

_VERSION = re.compile(r"_v(\d+)$")
_FORM = re.compile(r"\.CaseSubmitted_v\d+$")


def check_compatible(
    published: Iterable[Schema], new: Iterable[Schema], earlier: Iterable[Schema] | None = None
) -> list[Problem]:
    """What the new schemas would break, by name; nothing for schemas published already or families never seen.

    ``earlier`` are former shapes of the fixed types that are kept; those of this installation unless they are given.
    """
    former, fresh = list(published), list(new)
    kept = {schema.id for schema in (*fresh, *(earlier_schemas() if earlier is None else earlier))}
    known = {schema.id for schema in former}
    families: dict[str, dict[int, Schema]] = {}
    for schema in (*former, *fresh):
        families.setdefault(family(schema.name), {})[schema.id] = schema
    return [
        problem
        for schema in {schema.id: schema for schema in fresh}.values()
        for other in families[family(schema.name)].values()
        for problem in _compared(schema, other, is_published=schema.id in known, is_kept=other.id in kept)
    ]


def missing(published: Iterable[Schema], ours: Iterable[Schema]) -> list[Problem]:
    """The published versions of forms whose recipe is gone: their running cases could not be read any more."""
    known = {schema.name for schema in ours}
    return [
        _without_recipe(name) for name in sorted({schema.name for schema in published} - known) if _FORM.search(name)
    ]


def family(name: str) -> str:
    """The name without its version: what all versions of one form have in common."""
    return _VERSION.sub("", name)


def _version(schema: Schema) -> int:
    match = _VERSION.search(schema.name)
    return int(match[1]) if match else 0


def _compared(new: Schema, former: Schema, *, is_published: bool, is_kept: bool) -> Iterator[Problem]:
    if new.id == former.id:
        return
    if not _version(new) and not is_kept:
        yield _not_kept(former)
    if is_published or _version(former) > _version(new):
        return
    if _version(new) and new.name == former.name:
        yield _same_version(new)
    if reasons := unreadable(new, former):
        yield _unreadable(new, former, reasons)


def _same_version(new: Schema) -> Problem:
    return Problem(
        new.name,
        f"Das Formular hat sich geändert, die Version nicht: {new.name} ist schon anders veröffentlicht. Bitte die"
        " Version des Rezepts erhöhen und die alte Datei unter kochbuch/earlier aufheben.",
        f"the form has changed but its version has not: {new.name} is published with another shape. Raise the"
        " recipe's version and keep the old file in kochbuch/earlier",
    )


def _unreadable(new: Schema, former: Schema, reasons: str) -> Problem:
    return Problem(
        new.name,
        f"Wer mit {new.name} liest, versteht gespeicherte Ereignisse von {former.name} nicht mehr: {reasons}. Neue"
        " Felder bitte optional machen; Felder nicht in eine andere Art umwandeln.",
        f"a reader of {new.name} no longer understands stored events of {former.name}: {reasons}. Make new fields"
        " optional; do not turn a field into another kind",
    )


def _not_kept(former: Schema) -> Problem:
    short = former.name.rpartition(".")[2]
    file = f"schemas/events/earlier/{short}.{former.id}.avsc"
    return Problem(
        former.name,
        f"{short} wurde in einer früheren Form veröffentlicht (Nummer {former.id}), die hier fehlt: gespeicherte Sätze"
        f" wären nicht mehr lesbar. Bitte diese Form als {file} aufheben.",
        f"{short} has been published in a former shape (id {former.id}) that is not kept here: stored records could no"
        f" longer be read. Keep that shape as {file}",
    )


def _without_recipe(name: str) -> Problem:
    recipe, _, version = name.removeprefix("laufzettel.").partition(".CaseSubmitted_v")
    file = f"earlier/{recipe.replace('_', '-')}.v{version}.yaml"
    return Problem(
        name,
        f"Unter {name} sind Vorgänge veröffentlicht, aber das Rezept dieser Version fehlt hier; Befehle und Fristen"
        f" laufender Vorgänge blieben liegen. Bitte die Datei ins Kochbuch zurücklegen: {file}.",
        f"cases are published under {name}, but the recipe of this version is not here; commands and deadlines of"
        f" running cases would be stuck. Put the file back into the Kochbuch: {file}",
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
