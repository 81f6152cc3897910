"""laufzettel up: the broker, if it is our own, the topics and all services, kept running until Ctrl-C."""

import asyncio
import sys
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from services.commands.fleet import Fleet
from services.commands.installation import Installation
from services.commands.processes import Overseer, overseer_port
from services.commands.terminal import own_settings, report, say, words

if TYPE_CHECKING:
    from services.runtime.slot import Outcome, Status
    from services.runtime.slot_watch import SlotWatch

Routers = Annotated[
    int | None, typer.Option("--routers", min=1, help="Router processes; at most as many as partitions.")
]


def up(routers: Routers = None) -> None:
    """Runs everything that this machine needs, each process restarted when it ends, until Ctrl-C or SIGTERM.

    It tells of its processes on an admin port of its own: ready when all of them run. What ends with code 65 halts
    alone.

    With LAUFZETTEL_KAFKA an existing cluster is used and no broker is started.
    """
    from services.runtime.log import configure_log, wants_json
    from services.runtime.settings import unknown_settings

    overrides = {} if routers is None else {"routers": routers}
    installation = Installation.from_environment(**overrides)
    configure_log(service="up", json=wants_json(installation.settings.log_format, sys.stderr))
    for problem in unknown_settings(own_settings()):
        say(words(problem))
    outcome = asyncio.run(_run(installation))
    report(outcome.problems)
    raise typer.Exit(outcome.code)


async def _run(installation: Installation) -> "Outcome":
    from services.commands.addresses import addresses
    from services.commands.oversight import overseen
    from services.runtime.stopping import stop_event

    settings = installation.settings
    fleet = Fleet(
        installation,
        environ={"LAUFZETTEL_ROUTERS": str(settings.routers)},
        on_topics=lambda number: say(f"Topics: {number} changes."),
    )
    for what, where in addresses(settings):
        say(f"{what:24} {where}")
    port = overseer_port(settings, Overseer.UP)
    say(f"{'up: metrics, health':24} http://{settings.host}:{port}/metrics  /readyz  /livez")
    fleet.require_startable(port)
    with stop_event() as stop:
        async with overseen(settings, Overseer.UP, fleet.names) as watch:
            return await replace(fleet, on_change=partial(_changed, watch)).run(stop)


def _changed(watch: "SlotWatch", status: "Status") -> None:
    watch.changed(status)
    if status.problem is not None:
        report((status.problem,))
