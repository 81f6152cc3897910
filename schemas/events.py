"""Events: the fixed event and command types, one ``events/<Name>.avsc`` each.

``events/earlier/<Name>.<id>.avsc`` are former shapes of them: stored records that were written so are still read.
"""

from functools import cache
from pathlib import Path
from typing import Any, cast

import orjson

from schemas.codec import Schema, schema_of

HERE = Path(__file__).parent / "events"
EARLIER = HERE / "earlier"


@cache
def event_schemas() -> tuple[Schema, ...]:
    """Every fixed type, by name."""
    return tuple(schema_of(definition(path)) for path in sorted(HERE.glob("*.avsc")))


@cache
def earlier_schemas(folder: Path = EARLIER) -> tuple[Schema, ...]:
    """Every former shape that is kept."""
    return tuple(schema_of(definition(path)) for path in sorted(folder.glob("*.avsc")))


@cache
def event_schema(name: str) -> Schema:
    """The fixed type of that short name, e.g. ``CaseReceived``."""
    return schema_of(definition(HERE / f"{name}.avsc"))


def definition(path: Path) -> dict[str, Any]:
    """The schema in a file, as plain data."""
    return cast("dict[str, Any]", orjson.loads(path.read_bytes()))
