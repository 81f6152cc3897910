"""Fleet: everything that one machine runs, under one supervisor: broker first, then topics, then the services."""

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from schemas.errors import Misconfigured, Problem, raise_if_any
from services.commands.installation import Installation
from services.commands.processes import Process, processes
from services.commands.topics import apply_to
from services.runtime.exit_codes import ExitCode
from services.runtime.ports import require_free

if TYPE_CHECKING:
    from connectors.sources import Source
    from services.runtime.broker.node import EmbeddedBroker
    from services.runtime.child import Command
    from services.runtime.slot import Outcome, Slot, Status


@dataclass(frozen=True)
class Fleet:
    """What to run, and where its output goes; ``environ`` is added to the services' environment."""

    installation: Installation
    environ: Mapping[str, str] = field(default_factory=dict)
    logs: Path | None = None
    on_change: "Callable[[Status], None]" = lambda _: None
    on_topics: Callable[[int], None] = lambda _: None

    @property
    def names(self) -> list[str]:
        """Its slots, in the order in which they start."""
        broker = ["broker"] if self.installation.settings.embedded else []
        return broker + [process.name for process in processes(self.installation.settings)]

    async def run(self, stop: asyncio.Event) -> "Outcome":
        """Runs until ``stop`` is set or something gives up; everything has ended when it returns.

        Raises Misconfigured before anything starts, with all that stands in the way.
        """
        from services.runtime.slot import Outcome
        from services.runtime.supervisor import Supervisor

        self.require_startable()
        services = [
            self._slot(process, first=n == 0) for n, process in enumerate(processes(self.installation.settings))
        ]
        if not self.installation.settings.embedded:
            return await Supervisor(services, on_change=self.on_change).run(stop)
        reading = asyncio.create_task(asyncio.to_thread(self._read))
        broker = await embedded(self.installation, stop)
        if broker is None:
            return Outcome(ExitCode.OK)
        try:
            return await Supervisor([broker.slot(), *services], on_change=self.on_change).run(stop)
        finally:
            reading.cancel()
            await asyncio.to_thread(broker.close)

    def _kochbuch_unfit(self) -> Iterator[Problem]:
        """What is wrong with recipes, municipalities and sources."""
        try:
            self._sources  # noqa: B018 - cached
        except Misconfigured as error:
            yield from error.problems

    @cached_property
    def _sources(self) -> "tuple[Source, ...]":
        from connectors.sources import read_sources

        return read_sources(self.installation.book, self.installation.settings.municipalities_dir)

    def _make_folders(self) -> None:
        """The hot folders below our own inbox; one that is named by its full path belongs to somebody else."""
        settings = self.installation.settings
        for source in self._sources:
            folder = Path(getattr(source.config, "folder", "."))
            if not folder.is_absolute():
                make_folder(settings.inbox / folder)

    def _read(self) -> None:
        """While the broker starts: what applying the topics needs."""
        from services.runtime import admin, kafka  # noqa: F401 - the import is what takes time

        self.installation.book.schemas  # noqa: B018 - cached

    def require_startable(self, *more: int) -> None:
        """Raises Misconfigured with all that stands in the way; ``more`` are admin ports of whoever runs the fleet."""
        raise_if_any([*self._kochbuch_unfit(), *self._ports_taken(more), *self._folder_unusable()])

    def _ports_taken(self, more: Sequence[int]) -> Iterator[Problem]:
        """The broker says for itself when its own is."""
        settings = self.installation.settings
        wanted = [(settings.intake_port, "LAUFZETTEL_INTAKE_PORT")]
        admin = [*(process.admin_port for process in processes(settings)), *more]
        wanted += [(port, "LAUFZETTEL_ADMIN_PORT") for port in admin]
        for port, setting in wanted:
            try:
                require_free(settings.host, port, setting)
            except Misconfigured as error:
                yield from error.problems

    def _folder_unusable(self) -> Iterator[Problem]:
        """The data folder, or the portals in it; intake would say so too, but only when everything else runs."""
        from services.intake.keyring import read_keyring
        from services.runtime.broker.folder import unwritable

        settings = self.installation.settings
        try:
            settings.data_dir.mkdir(parents=True, exist_ok=True)
            read_keyring(settings.portal_keys)
        except OSError as error:
            yield unwritable(settings.data_dir, error)
        except Misconfigured as error:
            yield from error.problems

    def _slot(self, process: Process, *, first: bool) -> "Slot":
        """The first service waits for the topics; the services do not wait for each other."""
        from services.runtime.slot import Slot

        prepared = not first

        def command() -> "Command":
            nonlocal prepared
            if not prepared:
                self._make_folders()
                self.on_topics(sum(1 for _ in apply_to(self.installation)))
                prepared = True  # a restart need not wait for the broker
            return process.command(self.environ, self.logs)

        return Slot(process.name, command, drain_seconds=self.installation.settings.drain_seconds)


def make_folder(path: Path) -> None:
    """Raises Misconfigured with the remedy when it cannot be made."""
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Misconfigured(_unwritable(path, error)) from error


def _unwritable(path: Path, error: OSError) -> Problem:
    return Problem(
        str(path),
        f"Der Ordner kann nicht angelegt werden ({error.strerror}). Abhilfe: Rechte oder freien Platz prüfen.",
        f"The folder cannot be made ({error.strerror}). Remedy: check permissions and free space.",
    )


async def embedded(installation: Installation, stop: asyncio.Event) -> "EmbeddedBroker | None":
    """The embedded broker of this installation, not yet started; None when ``stop`` was set during a download."""
    from services.runtime.broker.node import EmbeddedBroker
    from services.runtime.broker.telling import Telling

    telling, settings = Telling(), installation.settings

    def tell(what: str, done: int, of: int) -> None:
        if stop.is_set():
            raise _StoppedError
        telling(what, done, of)

    def make() -> "EmbeddedBroker":
        data, cache = settings.data_dir / "kafka", settings.cache_dir
        return EmbeddedBroker(data, cache, port=settings.broker_port, progress=tell)

    try:
        return await asyncio.to_thread(make)
    except _StoppedError:
        return None


class _StoppedError(Exception):
    pass
