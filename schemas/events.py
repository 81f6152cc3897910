"""Events: the fixed event and command types, one ``events/<Name>.avsc`` each."""

from functools import cache
from pathlib import Path
from typing import Any, cast

import orjson

from schemas.codec import Schema, schema_of

HERE = Path(__file__).parent / "events"


@cache
def event_schemas() -> tuple[Schema, ...]:
    """Every fixed type, by name."""
    return tuple(schema_of(definition(path)) for path in sorted(HERE.glob("*.avsc")))


@cache
def event_schema(name: str) -> Schema:
    """The fixed type of that short name, e.g. ``CaseReceived``."""
    return schema_of(definition(HERE / f"{name}.avsc"))


def definition(path: Path) -> dict[str, Any]:
    """The schema in a file, as plain data."""
    return cast("dict[str, Any]", orjson.loads(path.read_bytes()))
