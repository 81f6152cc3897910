"""laufzettel broker: the embedded Kafka alone."""

import asyncio
import sys
from typing import TYPE_CHECKING

import typer

from schemas.errors import Misconfigured, Problem
from services.commands.installation import Installation
from services.commands.terminal import report, say
from services.commands.up import show_download

if TYPE_CHECKING:
    from services.runtime.slot import Outcome


def broker() -> None:
    """Runs the embedded Kafka broker until Ctrl-C or SIGTERM, restarted when it ends by itself."""
    from services.runtime.log import configure_log, wants_json

    installation = Installation.from_environment()
    configure_log(service="broker", json=wants_json(installation.settings.log_format, sys.stderr))
    if not installation.settings.embedded:
        german = "Es ist schon ein Cluster eingestellt; der eingebettete Broker wird nicht gebraucht."
        english = "A cluster is configured already; the embedded broker is not needed."
        raise Misconfigured(Problem("LAUFZETTEL_KAFKA", german, english))
    outcome = asyncio.run(_run(installation))
    report(outcome.problems)
    raise typer.Exit(outcome.code)


async def _run(installation: Installation) -> "Outcome":
    from services.commands.fleet import embedded
    from services.runtime.slot import Phase, Status
    from services.runtime.stopping import stop_event
    from services.runtime.supervisor import Supervisor

    def changed(status: Status) -> None:
        if status.phase is Phase.RUNNING:
            settings = installation.settings
            say(f"Kafka answers on {settings.bootstrap}, its data is in {settings.data_dir / 'kafka'}")

    with stop_event() as stop:
        node = await asyncio.to_thread(embedded, installation, show_download)
        try:
            return await Supervisor([node.slot()], on_change=changed).run(stop)
        finally:
            await asyncio.to_thread(node.close)
