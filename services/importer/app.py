"""App: the importer process: hot folders in front, the bus behind."""

import asyncio
from collections.abc import Iterable
from pathlib import Path

import structlog

from connectors.base import Limit
from connectors.hotfolder import FileInlet, HotFolder
from connectors.sources import Source, read_sources
from schemas.errors import Misconfigured, Problem
from schemas.kochbuch import Kochbuch
from schemas.submission import Acceptance
from services.importer.draining import Draining
from services.importer.watch import Reporter, Watch
from services.runtime.bus import Bus
from services.runtime.clock import Clock, system_clock
from services.runtime.health import Check, Health, serve_health
from services.runtime.metrics import Metrics
from services.runtime.settings import Settings

_log = structlog.get_logger(__name__)


async def run_importer(
    settings: Settings,
    book: Kochbuch,
    bus: Bus,
    metrics: Metrics,
    *,
    admin_port: int,
    stop: asyncio.Event,
    poll_seconds: float = 1.0,
) -> None:
    """Drains every declared source until ``stop`` is set. Raises Misconfigured with all problems before it begins."""
    sources = read_sources(book, settings.municipalities_dir)
    _make_home(settings.inbox)
    reporter = Reporter(metrics)
    ready: dict[str, Check] = {
        "sources": reporter.ready,
        "stopping": lambda: "asked to stop" if stop.is_set() else None,
    }
    drainings = [
        _draining(source, book, bus, settings.inbox, settings.import_bad_records, reporter) for source in sources
    ]
    setting = "LAUFZETTEL_ADMIN_PORT"
    async with serve_health(Health(metrics, ready, {}), host=settings.host, port=admin_port, setting=setting):
        _log.info("importer_started", folder=str(settings.inbox), sources=len(sources))
        await drain_all(drainings, stop, poll_seconds)


def _make_home(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        german = f"Der Ordner kann nicht angelegt werden ({error.strerror}). Abhilfe: Rechte prüfen."
        english = f"the folder cannot be made ({error.strerror}); remedy: check the rights"
        raise Misconfigured(Problem(f"LAUFZETTEL_INBOX_DIR: {folder}", german, english)) from error


async def drain_all(drainings: Iterable[Draining], stop: asyncio.Event, poll_seconds: float) -> None:
    """All sources side by side; what one of them cannot survive ends the process."""
    async with asyncio.TaskGroup() as group:
        for draining in drainings:
            group.create_task(draining.run(stop, poll_seconds), name=draining.name)
        await stop.wait()


def _draining(
    source: Source, book: Kochbuch, bus: Bus, root: Path, bad_records: int, watch: Watch, clock: Clock = system_clock
) -> Draining:
    limit = limit_of(source, bad_records)
    writer = bus.source(source.name)
    return Draining(source.name, source.inlet(root), writer, Acceptance(book).accept, limit, watch, clock)


def limit_of(source: Source, bad_records: int) -> Limit:
    """The source's own limit, with the installation's number where it names none; there 0 means no such number."""
    declared = source.config.limit
    return declared if declared.records else declared.model_copy(update={"records": bad_records or None})


async def import_file(
    path: Path,
    source: Source,
    book: Kochbuch,
    bus: Bus,
    watch: Watch,
    *,
    bad_records: int = 0,
    clock: Clock = system_clock,
) -> bool:
    """Imports one file where it lies, as if it had come through the source's folder; False when there was nothing.

    The same records get the same case ids as through the folder. The position is one of its own, so that a running
    importer is not fenced. Raises Unavailable: call it again, it goes on where it stopped.
    """
    if not isinstance(source.config, HotFolder):
        german = f"„{source.name}“ nimmt keine Dateien."
        raise Misconfigured(Problem(source.name, german, f"“{source.name}” takes no files"))
    inlet = FileInlet(source.config, source.name, path)
    writer = bus.source(f"{source.name}.by-hand")
    limit = limit_of(source, bad_records)
    draining = Draining(source.name, inlet, writer, Acceptance(book).accept, limit, watch, clock)
    return await draining.step(asyncio.Event())
