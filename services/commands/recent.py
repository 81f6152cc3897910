"""Recent: the latest submissions and the events of the cluster, decoded, for simulation and quality."""

import asyncio
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any

from schemas.errors import Rejected
from schemas.topics import CASE_EVENTS, CASE_REQUESTS
from services.commands.installation import Installation
from services.commands.terminal import progress

if TYPE_CHECKING:
    from schemas.codec import Codec, Schema
    from schemas.message import Stored
    from services.runtime.reading import Span

_AHEAD = 20
"""How many requests are read for each submission wanted: other services and commands stand between them."""


def submissions(installation: Installation, recipe: str, last: int) -> list[dict[str, Any]]:
    """The latest submissions to a recipe, oldest first; those that cannot be decoded are left out."""
    records = asyncio.run(_read(installation, CASE_REQUESTS, lambda span: max(span.start, span.end - last * _AHEAD)))
    wanted = (
        content
        for schema, content in _decoded(records, installation.book.codec)
        if "CaseSubmitted" in schema.name and content["recipe"] == recipe
    )
    return sorted(wanted, key=lambda content: content["received_at"])[-last:]


def events(installation: Installation) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every case event that is still kept, in the order of each case."""
    records = asyncio.run(_read(installation, CASE_EVENTS, lambda span: span.start))
    for schema, content in _decoded(records, installation.book.codec):
        yield schema.name.rpartition(".")[2], content


async def _read(installation: Installation, topic: str, start: "Callable[[Span], int]") -> "list[Stored]":
    from services.runtime.reading import Span, read_spans, spans

    with installation.admin() as admin:
        parts = {place: Span(start(span), span.end) for place, span in spans(admin, (topic,)).items()}
    with progress("Reading") as counter:
        reader = read_spans(installation.settings.connection().client(), parts, counter)
        return [record async for record in reader]


def _decoded(records: "Iterable[Stored]", codec: "Codec") -> "Iterator[tuple[Schema, dict[str, Any]]]":
    for record in records:
        try:
            yield codec.decode(record.value)
        except Rejected:
            continue
