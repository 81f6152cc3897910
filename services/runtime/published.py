"""Published: the schemas that readers already rely on, and what a change would do to them."""

from collections.abc import Iterable, Mapping

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
    """Those that readers do not know yet, or know with other words, each once."""
    return list({schema.id: schema for schema in desired if published.get(schema.id) != schema}.values())


def messages(schemas: Iterable[Schema]) -> list[Message]:
    """The records that publish them."""
    return [Message(SCHEMAS, str(schema.id).encode(), schema.json.encode()) for schema in schemas]


def incompatibilities(desired: Iterable[Schema], published: Mapping[int, Schema]) -> list[Problem]:
    """Changes that stored events or present readers would not survive."""
    from schemas.compatibility import check_compatible, missing

    ours = list(desired)
    return [*check_compatible(published.values(), ours), *missing(published.values(), ours)]
