"""laufzettel topics: what is on the cluster, against ``topics.yaml`` and the municipalities."""

import asyncio
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import typer

from schemas.errors import raise_if_any
from services.commands.installation import CASE_TOPICS_GROUP, Installation
from services.commands.terminal import Json, emit_or_table, found, report

if TYPE_CHECKING:
    from schemas.codec import Schema
    from services.runtime.admin import Admin
    from services.runtime.topic_plan import TopicPlan

app = typer.Typer(help="Topics and schemas of the cluster: see what differs, and make it so.", no_args_is_help=True)

_COLUMNS = ("change", "topic", "setting", "actual", "desired")


@app.command()
def plan(as_json: Json = False) -> None:
    """Shows what `apply` would change; exit 1 when there is something."""
    installation = Installation.from_environment()
    with installation.admin() as admin:
        changes = plan_of(installation, admin)
        new = (
            asyncio.run(_unpublished(installation))
            if "schemas" in admin.partitions(["schemas"])
            else _all(installation)
        )
    rows = [*_rows(changes), *({"change": "publish", "topic": "schemas", "desired": schema.name} for schema in new)]
    emit_or_table(as_json, rows, _COLUMNS, "The cluster is as it should be.")
    report(changes.refused)
    found(changes.is_empty and not new)


@app.command()
def apply(as_json: Json = False) -> None:
    """Creates topics, mends settings, and publishes all schemas; refuses what would break stored cases or readers."""
    installation = Installation.from_environment()
    rows = list(apply_to(installation))
    emit_or_table(as_json, rows, _COLUMNS, "The cluster is as it should be.")


def apply_to(installation: Installation) -> Iterator[dict[str, Any]]:
    """Makes the cluster fit and yields what was changed. Raises Misconfigured before any change that must not be."""
    with installation.admin() as admin:
        changes = plan_of(installation, admin)
        raise_if_any(changes.refused)
        # First of all: on a fresh broker this takes 0.3 s now, and 6 s once it has six hundred partitions to make.
        admin.await_coordinators(CASE_TOPICS_GROUP, f"{CASE_TOPICS_GROUP}-0")
        admin.create(changes.create, installation.settings.replication_factor)
        admin.configure(changes.drift)
    yield from _rows(changes)
    for schema in asyncio.run(_publish(installation)):
        yield {"change": "publish", "topic": "schemas", "desired": schema.name}


def plan_of(installation: Installation, admin: "Admin") -> "TopicPlan":
    """The difference between the cluster and the catalogue."""
    from services.runtime.topic_plan import plan_topics

    desired = installation.topics
    return plan_topics(desired, admin.topics(desired), installation.settings.partitions)


def _rows(changes: "TopicPlan") -> Iterator[dict[str, Any]]:
    for creation in changes.create:
        yield {"change": "create", "topic": creation.topic, "desired": f"{creation.partitions} partitions"}
    for drift in changes.drift:
        yield {
            "change": "set",
            "topic": drift.topic,
            "setting": drift.setting,
            "actual": drift.actual,
            "desired": drift.desired,
        }


def _all(installation: Installation) -> "list[Schema]":
    from services.runtime.published import unpublished

    return unpublished(installation.book.schemas, {})


async def _unpublished(installation: Installation) -> "list[Schema]":
    from services.runtime.published import incompatibilities, published_schemas, unpublished

    async with installation.bus() as bus:
        published = await published_schemas(bus)
    raise_if_any(incompatibilities(installation.book.schemas, published))
    return unpublished(installation.book.schemas, published)


async def _publish(installation: Installation) -> "list[Schema]":
    from services.runtime.published import messages

    new = await _unpublished(installation)
    if new:
        async with installation.bus() as bus:
            await bus.publisher().publish(messages(new))
    return new
