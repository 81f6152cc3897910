"""laufzettel broker: the embedded Kafka alone."""

import asyncio
import sys
from typing import TYPE_CHECKING

import typer

from schemas.errors import Misconfigured, Problem
from services.commands.installation import Installation
from services.commands.processes import Overseer
from services.commands.terminal import report, say
from services.runtime.exit_codes import ExitCode

if TYPE_CHECKING:
    from services.runtime.slot import Outcome


def broker() -> None:
    """Runs the embedded Kafka broker until Ctrl-C or SIGTERM, restarted when it ends by itself.

    It has an admin port of its own, with /livez, /readyz and /metrics.
    """
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
    from services.commands.oversight import overseen
    from services.runtime.slot import Outcome, Phase, Status
    from services.runtime.stopping import stop_event
    from services.runtime.supervisor import Supervisor

    settings = installation.settings

    def changed(status: Status) -> None:
        watch.changed(status)
        if status.phase is Phase.RUNNING:
            say(f"Kafka answers on {settings.bootstrap}, its data is in {settings.data_dir / 'kafka'}")

    with stop_event() as stop:
        node = await embedded(installation, stop)
        if node is None:
            return Outcome(ExitCode.OK)
        slot = node.slot()
        try:
            async with overseen(settings, Overseer.BROKER, [slot.name]) as watch:
                return await Supervisor([slot], on_change=changed).run(stop)
        finally:
            await asyncio.to_thread(node.close)
