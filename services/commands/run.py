"""laufzettel run: one process, in the foreground; what a supervisor, a container or systemd starts."""

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from services.commands.installation import Installation
from services.commands.processes import Service, process

if TYPE_CHECKING:
    import asyncio

    from services.commands.processes import Process
    from services.runtime.metrics import Metrics

Slot = Annotated[int, typer.Option("--slot", min=0, help="Which router this is, from 0; each slot runs once.")]


def run(service: Annotated[Service, typer.Argument(help="Which process.")], slot: Slot = 0) -> None:
    """Runs one process until SIGTERM, with /livez, /readyz and /metrics on its admin port.

    Topics must exist and schemas be published: `laufzettel topics apply`, or `laufzettel up`, which does all of it.
    """
    from services.runtime import loop
    from services.runtime.log import configure_log, wants_json

    installation = Installation.from_environment()
    settings = installation.settings
    one = process(settings, service, slot)
    configure_log(service=str(service), slot=one.name, json=wants_json(settings.log_format, sys.stderr))
    raise typer.Exit(loop.run(_run(installation, one)))


async def _run(installation: Installation, one: "Process") -> int:
    """The composition: settings, Kochbuch, bus and metrics go into the service; nothing is fetched from inside."""
    from services.runtime.access import require_access
    from services.runtime.kafka import KafkaBus
    from services.runtime.metrics import process_metrics
    from services.runtime.published import stopped_unless_published
    from services.runtime.stopping import stop_event

    settings, book = installation.settings, installation.book
    require_access(settings.connection())
    with stop_event() as stop:
        async with KafkaBus(settings.connection()) as reading, stopped_unless_published(reading, book.schemas, stop):
            return await _serve(installation, one, process_metrics(), stop)


async def _serve(installation: Installation, one: "Process", metrics: "Metrics", stop: "asyncio.Event") -> int:
    from services.runtime.following import follow_kafka

    settings, book = installation.settings, installation.book
    if one.service is Service.ROUTER:
        from services.router.app import run_router

        return await run_router(settings, book, metrics, slot=one.slot, admin_port=one.admin_port, stop=stop)
    async with installation.bus() as bus:
        if one.service is Service.INTAKE:
            from services.intake.app import run_intake

            follow = follow_kafka(settings.connection().client())
            await run_intake(settings, book, bus, follow, metrics, admin_port=one.admin_port, stop=stop)
        else:
            from services.importer.app import run_importer

            await run_importer(settings, book, bus, metrics, admin_port=one.admin_port, stop=stop)
    return 0
