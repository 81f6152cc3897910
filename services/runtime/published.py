"""Published: the schemas that readers already rely on, and what a change would do to them."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager, suppress

import orjson
from aiokafka.errors import KafkaError

from schemas.codec import Schema, schema_of
from schemas.errors import Misconfigured, Problem, Unavailable
from schemas.message import Message
from schemas.topics import SCHEMAS
from services.runtime.bus import Bus

_LOOKS = 5
_NAMED = 3
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


@asynccontextmanager
async def stopped_unless_published(
    bus: Bus, desired: Iterable[Schema], stop: asyncio.Event, pause: float = 2.0
) -> AsyncIterator[None]:
    """Sets ``stop`` when the cluster lacks one of these schemas, and raises Misconfigured at the end of the block.

    Beside the start, not before it: a process that takes over has no time, and what it writes until then is readable
    as soon as the schemas are there.
    """
    looking = asyncio.create_task(_require_published(bus, list(desired), pause))
    looking.add_done_callback(lambda _: None if looking.cancelled() or looking.exception() is None else stop.set())
    try:
        yield
    finally:
        looking.cancel()
        with suppress(asyncio.CancelledError):
            await looking


async def _require_published(bus: Bus, desired: list[Schema], pause: float) -> None:
    """Looks more than once, because what was published just now is not known everywhere; a cluster may be away."""
    looks, new = _LOOKS, list[str]()
    while looks:
        try:
            known = await published_schemas(bus)
        except (Unavailable, KafkaError):
            await asyncio.sleep(pause)
            continue
        new = sorted({schema.name for schema in desired if schema.id not in known})  # other words are no other shape
        if not new:
            return
        looks -= 1
        await asyncio.sleep(pause)
    raise Misconfigured(_not_published(new))


def _not_published(names: list[str]) -> Problem:
    some = ", ".join(names[:_NAMED]) + (", …" if len(names) > _NAMED else "")
    return Problem(
        SCHEMAS,
        f"{len(names)} Schemata dieses Kochbuchs sind nicht veröffentlicht ({some}); andere könnten nicht lesen, was"
        " geschrieben wird. Abhilfe: laufzettel topics apply.",
        f"{len(names)} schemas of this Kochbuch are not published ({some}); others could not read what is written."
        " Remedy: laufzettel topics apply",
    )
