"""Examples of every fixed type as it stands on its topic: made once for each shape, committed, and read for ever.

``python -m tests.support.event_examples`` writes what is missing, from random cases of the shipped Kochbuch; with
``--unreleased`` it first takes away the examples of shapes that are no longer known.
"""

import sys
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import orjson

from schemas.codec import Schema
from schemas.events import HERE, earlier_schemas, event_schema, event_schemas
from schemas.kochbuch import Kochbuch, read_kochbuch
from tests.property.test_every_recipe import ROUTES, story, submit
from tests.support.casework import NOW, Office

FOLDER = HERE / "examples"
Example = tuple[str, dict[str, Any]]


def file_of(schema: Schema) -> Path:
    """Where the example of this shape stands."""
    return FOLDER / f"{schema.name.rpartition('.')[2]}.{schema.id}.json"


def written(book: Kochbuch, kind: str, record: dict[str, Any]) -> bytes:
    """The example's file: the record for people, and the bytes that were on the topic."""
    schema = event_schema(kind)
    content = {"type": schema.name, "record": plain(record), "framed": book.codec.encoder(schema)(record).hex()}
    return orjson.dumps(content, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def plain(value: Any) -> Any:  # noqa: ANN401 - a record or a part of it
    """The value as JSON can hold it; bytes as Avro's JSON encoding has them."""
    if isinstance(value, dict):
        return {name: plain(part) for name, part in value.items()}
    if isinstance(value, list):
        return [plain(part) for part in value]
    return value.decode("latin-1") if isinstance(value, bytes) else value


class _Recorded(Office):
    """An office that remembers the commands that had an effect."""

    commands: list[Example]

    def send(self, kind: str, record: dict[str, Any]) -> list[str]:
        """Sends a complete record."""
        followed = super().send(kind, record)
        if followed and "CommandRefused" not in followed:
            self.commands.append((kind, record))
        return followed


def happened(book: Kochbuch) -> Iterator[Example]:
    """Messages of random cases, the same ones each time."""
    yield (
        "DeadLetterOutcome",
        {
            "partition": 1, "offset": 17, "outcome": "replayed", "actor": "sb-00000001",
            "reason": "the role is filled now", "at": NOW,
        },
    )  # fmt: skip
    for seed in range(40):
        for recipe, town in ROUTES:
            desk = _Recorded(book, recipe.service, town.municipality)
            desk.commands = []
            for _ in story(desk, submit(desk, Random(seed)), Random(seed)):
                pass
            yield from desk.commands
            yield from desk.events
            yield from (("DepartmentNotice", x.body) for x in desk.letters if x.body.get("text"))
            states = [state.value for state in desk.log if state.value]
            yield "CaseState", book.codec.decode(max(states, key=len))[1]


def main(options: list[str]) -> None:
    """Writes the examples that are missing."""
    book = read_kochbuch()
    FOLDER.mkdir(exist_ok=True)
    if "--unreleased" in options:
        known = {file_of(schema) for schema in (*event_schemas(), *earlier_schemas())}
        for path in set(FOLDER.glob("*.json")) - known:
            path.unlink()
    missing = {schema.name.rpartition(".")[2] for schema in event_schemas() if not file_of(schema).exists()}
    for kind, record in happened(book) if missing else ():
        if kind in missing:
            file_of(event_schema(kind)).write_bytes(written(book, kind, record))
            missing.remove(kind)
        if not missing:
            return


if __name__ == "__main__":
    main(sys.argv[1:])
