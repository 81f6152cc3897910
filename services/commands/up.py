"""laufzettel up: the broker, if it is our own, the topics and all services, kept running until Ctrl-C."""

import asyncio
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from services.commands.fleet import Fleet
from services.commands.installation import Installation
from services.commands.terminal import own_settings, report, say, words

if TYPE_CHECKING:
    from services.runtime.slot import Outcome

Routers = Annotated[
    int | None, typer.Option("--routers", min=1, help="Router processes; at most as many as partitions.")
]


def up(routers: Routers = None) -> None:
    """Runs everything that this machine needs, each process restarted when it ends, until Ctrl-C or SIGTERM.

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
    from services.runtime.stopping import stop_event

    fleet = Fleet(
        installation,
        environ={"LAUFZETTEL_ROUTERS": str(installation.settings.routers)},
        progress=show_download,
        on_topics=lambda number: say(f"Topics: {number} changes."),
    )
    for what, where in addresses(installation.settings):
        say(f"{what:24} {where}")
    with stop_event() as stop:
        return await fleet.run(stop)


def show_download(what: str, done: int, total: int) -> None:
    """One line a file, or one that changes, where a person looks."""
    if sys.stderr.isatty():
        sys.stderr.write(f"\r  {what}: {done} of {total}" + ("\n" if done == total else ""))
    elif done in {0, total}:
        say(f"  {what}: {done} of {total}")
