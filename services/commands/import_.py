"""laufzettel import: one file of an old system, as if it had come through the source's hot folder."""

import asyncio
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from schemas.errors import Misconfigured, Problem, Unavailable
from services.commands.installation import Installation
from services.commands.terminal import Counter, Json, emit, found, progress, say, words

if TYPE_CHECKING:
    from connectors.base import Delivery
    from connectors.sources import Source
    from services.importer.core import Batch
    from services.importer.watch import Ending

_ATTEMPTS = 5

File = Annotated[Path, typer.Argument(exists=True, dir_okay=False, readable=True, help="The file; it is not moved.")]
Name = Annotated[str, typer.Option("--source", help="A source of a municipality's file: <municipality>.<name>.")]


class Watching:
    """Shows how far a file has been read and remembers how it ended."""

    def __init__(self, counter: Counter) -> None:
        self._counter = counter
        self._size = 0
        self.state: str = "nothing to do"
        self.accepted = self.rejected = 0
        self.why = ""

    def begun(self, source: str, delivery: "Delivery") -> None:  # noqa: ARG002 - the contract of Watch
        """See Watch."""
        self._size = delivery.size

    def committed(self, source: str, batch: "Batch") -> None:  # noqa: ARG002 - the contract of Watch
        """See Watch."""
        total = batch.progress.total
        self.accepted, self.rejected = total.accepted, total.rejected
        if batch.progress.mark:
            self._counter(batch.progress.mark[0], self._size)

    def ended(self, source: str, delivery: "Delivery", state: "Ending", batch: "Batch | None") -> None:  # noqa: ARG002 - the contract of Watch
        """See Watch."""
        self.state = state
        if batch is not None:
            self.accepted, self.rejected = batch.progress.total.accepted, batch.progress.total.rejected
            self.why = str(batch.paused) if batch.paused else ""

    def waiting(self, source: str, count: int) -> None:
        """See Watch."""

    def stalled(self, source: str, why: Unavailable | None) -> None:  # noqa: ARG002 - the contract of Watch
        """See Watch."""
        if why is not None:
            say(str(why))


def import_(file: File, source: Name, as_json: Json = False) -> None:
    """Imports one file. Interrupted at any point, the same command goes on where it stopped; nothing is taken twice.

    Example: laufzettel import hunde-2026-03.csv --source dueren.hundesteuer-altsystem
    """
    installation = Installation.from_environment()
    declared = _declared(installation, source)
    with progress(file.name) as counter:
        watching = Watching(counter)
        asyncio.run(_import(installation, file, declared, watching))
    result = {
        "file": file.name,
        "source": source,
        "state": watching.state,
        "accepted": watching.accepted,
        "rejected": watching.rejected,
    }
    if as_json:
        emit(result)
    else:
        sys.stdout.write(f"{file.name}: {watching.state}, {watching.accepted} accepted, {watching.rejected} rejected\n")
        if watching.rejected:
            say(f"What is wrong with them: laufzettel dead-letters list --file '{file.name}'")
    if watching.why:
        say(watching.why)
    found(watching.state != "paused")


async def _import(installation: Installation, file: Path, declared: "Source", watching: Watching) -> None:
    """Tries again while the broker is away: each attempt goes on where the one before stopped."""
    from services.importer.app import import_file

    settings = installation.settings
    for attempt in range(_ATTEMPTS):
        try:
            async with installation.bus() as bus:
                await import_file(
                    file, declared, installation.book, bus, watching, bad_records=settings.import_bad_records
                )
        except Unavailable as error:
            if attempt == _ATTEMPTS - 1:
                raise
            say("; ".join(map(words, error.problems)))
            await asyncio.sleep(error.retry_after)
        else:
            return


def _declared(installation: Installation, name: str) -> Any:  # noqa: ANN401 - a Source
    from connectors.sources import names, read_sources

    sources = read_sources(installation.book, installation.settings.municipalities_dir)
    for source in sources:
        if source.name == name:
            return source
    known = ", ".join(names(sources)) or "(none)"
    german = f"Diese Quelle ist in keiner Kommune vereinbart; bekannt sind: {known}."
    raise Misconfigured(Problem("--source", german, f"no municipality declares this source; known are: {known}"))
