"""laufzettel lag: how far each group is behind, in records and in seconds."""

import asyncio
from collections.abc import Mapping
from contextlib import aclosing
from typing import TYPE_CHECKING, Annotated, Any

import typer

from schemas.message import instant_in
from services.commands.installation import CASE_TOPICS_GROUP, Installation
from services.commands.terminal import Json, emit_or_table

if TYPE_CHECKING:
    from services.runtime.admin import Admin

Group = Annotated[str, typer.Option("--group", help="Only this consumer group.")]

_COLUMNS = ("group", "topic", "partition", "committed", "end", "records", "seconds")


def lag(group: Group = "", as_json: Json = False) -> None:
    """Shows the lag of every group, topic and partition: records that wait, and for how long the first one has."""
    installation = Installation.from_environment()
    with installation.admin() as admin:
        names = [group] if group else sorted({*admin.groups(), CASE_TOPICS_GROUP})
        rows = [row for name in names for row in _of_group(admin, name)]
    since = asyncio.run(_waiting_since(installation, rows)) if any(row["records"] for row in rows) else {}
    for row in rows:
        row["seconds"] = _seconds(since, row)
    emit_or_table(as_json, rows, _COLUMNS, "No group has committed anything yet.")


def _of_group(admin: "Admin", group: str) -> list[dict[str, Any]]:
    committed = {**_untouched(admin, group), **admin.committed(group)}
    ends = admin.ends(committed)
    return [
        {
            "group": group,
            "topic": topic,
            "partition": partition,
            "committed": offset,
            "end": ends[topic, partition],
            "records": max(0, ends[topic, partition] - offset),
        }
        for (topic, partition), offset in sorted(committed.items())
    ]


def _untouched(admin: "Admin", group: str) -> dict[tuple[str, int], int]:
    """Where the router begins: what waits for a router that has never run waits as well."""
    from schemas.topics import CASE_REQUESTS

    if group != CASE_TOPICS_GROUP:
        return {}
    counts = admin.partitions([CASE_REQUESTS])
    return admin.starts([(topic, number) for topic, count in counts.items() for number in range(count)])


def _seconds(since: Mapping[tuple[str, int], int], row: Mapping[str, Any]) -> float:
    """Zero when nothing waits. Offsets also count the markers of transactions, which wait for nobody."""
    from services.runtime.clock import system_clock

    received = since.get((row["topic"], row["partition"]))
    return round((system_clock() - received) / 1_000_000, 3) if received is not None and row["records"] else 0.0


async def _waiting_since(installation: Installation, rows: list[dict[str, Any]]) -> dict[tuple[str, int], int]:
    from services.runtime.reading import Span, read_spans

    wanted = {(row["topic"], row["partition"]): Span(row["committed"], row["end"]) for row in rows if row["records"]}
    first: dict[tuple[str, int], int] = {}
    async with aclosing(read_spans(installation.settings.connection().client(), wanted)) as records:
        async for record in records:
            received = instant_in(record.header("received_at")) or record.timestamp * 1000
            first.setdefault((record.topic, record.partition), received)
            if len(first) == len(wanted):
                break
    return first
