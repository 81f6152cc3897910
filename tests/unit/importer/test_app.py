"""Limits of the installation, one file by hand, and what the importer reports."""

import asyncio
import shutil
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry
from structlog.testing import capture_logs

from connectors.base import PullSource
from connectors.sources import Source, read_sources, sources_of
from schemas.document import read_document
from schemas.errors import Misconfigured, Unavailable
from schemas.kochbuch import Kochbuch, read_kochbuch
from services.importer.app import import_file, limit_of, run_importer
from services.importer.watch import Reporter
from services.runtime.memory import MemoryBus
from services.runtime.metrics import Metrics
from services.runtime.ports import free_port
from services.runtime.settings import load_settings
from tests.support.connector_examples import EXAMPLES
from tests.support.deadline import eventually_async

FOLDER = EXAMPLES / "hotfolder/dueren-hundesteuer"
FILE = FOLDER / "input/hundesteuer/hunde-2026-03.csv"


@pytest.fixture(scope="module")
def book() -> Kochbuch:
    return read_kochbuch()


@pytest.fixture
def source(book: Kochbuch) -> Source:
    [source] = sources_of(read_document(FOLDER / "source.yaml"), "dueren", book)
    return source


@pytest.fixture
def metrics() -> Metrics:
    return Metrics(CollectorRegistry())


def value(metrics: Metrics, name: str, **labels: str) -> float | None:
    return metrics.registry.get_sample_value(f"laufzettel_{name}", labels)


async def test_one_file_by_hand_is_counted_and_left_where_it_lies(
    book: Kochbuch, source: Source, metrics: Metrics
) -> None:
    bus = MemoryBus()
    with capture_logs() as lines:
        assert await import_file(FILE, source, book, bus, Reporter(metrics), clock=lambda: 7)
    assert FILE.exists()
    assert (len(bus.records("case-requests")), len(bus.records("dead-letters"))) == (5, 5)
    name = {"connector": "dueren.hundesteuer-altsystem"}
    assert value(metrics, "ingest_records_total", **name, outcome="accepted") == 5
    assert value(metrics, "ingest_records_total", **name, outcome="dead_lettered") == 5
    assert value(metrics, "translate_errors_total", **name, reason="malformed-row") == 2
    assert value(metrics, "source_files_total", **name, state="done") == 1
    assert value(metrics, "ledger_accepted_total") == 5
    assert [line["event"] for line in lines] == ["file_taken", "file_ended"]
    assert (lines[1]["accepted"], lines[1]["rejected"]) == (5, 5)


async def test_a_file_by_hand_fences_no_running_importer_and_is_recognised(
    book: Kochbuch, source: Source, metrics: Metrics
) -> None:
    bus = MemoryBus()
    for _ in range(2):
        await import_file(FILE, source, book, bus, Reporter(metrics), clock=lambda: 7)
    assert len(bus.records("case-requests")) == 5
    assert list(bus.writers) == ["dueren.hundesteuer-altsystem.by-hand"]
    assert value(metrics, "source_files_total", connector=source.name, state="duplicate") == 1


async def test_a_file_with_too_many_bad_records_is_paused_and_says_so(
    book: Kochbuch, source: Source, metrics: Metrics
) -> None:
    with capture_logs() as lines:
        await import_file(FILE, source, book, MemoryBus(), Reporter(metrics), bad_records=2, clock=lambda: 7)
    assert value(metrics, "source_files_total", connector=source.name, state="paused") == 1
    assert value(metrics, "source_paused_files", connector=source.name) == 1
    assert (lines[-1]["event"], lines[-1]["log_level"]) == ("file_paused", "error")
    assert "2 of" in lines[-1]["problem"]


async def test_a_file_that_is_not_there_is_unavailable(book: Kochbuch, source: Source, metrics: Metrics) -> None:
    with pytest.raises(Unavailable, match="nowhere"):
        await import_file(Path("nowhere.csv"), source, book, MemoryBus(), Reporter(metrics))


def test_the_installation_limits_what_the_source_does_not(source: Source) -> None:
    assert limit_of(source, 100).records == 100
    assert limit_of(source, 0).records is None
    own = source.config.model_copy(update={"limit": source.config.limit.model_copy(update={"records": 7})})
    assert isinstance(own, PullSource)
    assert limit_of(Source(source.name, source.connector, own), 100).records == 7


def test_health_says_which_source_is_away(metrics: Metrics) -> None:
    reporter = Reporter(metrics)
    assert reporter.ready() is None
    reporter.stalled("town.dogs", Unavailable("away"))
    assert reporter.ready() == "town.dogs: away"
    reporter.stalled("town.dogs", None)
    assert reporter.ready() is None


def test_the_sources_that_ship_are_in_order(book: Kochbuch) -> None:
    assert all(source.name.partition(".")[0] in book.municipalities for source in read_sources(book))


async def test_the_importer_drains_all_declared_folders_until_it_is_stopped(
    book: Kochbuch, metrics: Metrics, tmp_path: Path
) -> None:
    settings = load_settings(inbox_dir=tmp_path / "inbox")
    for example in (EXAMPLES / "hotfolder").iterdir():
        shutil.copytree(example / "input", settings.inbox, dirs_exist_ok=True)
    bus, stop = MemoryBus(), asyncio.Event()
    running = asyncio.create_task(
        run_importer(settings, book, bus, metrics, admin_port=free_port(), stop=stop, poll_seconds=0.01)
    )
    await eventually_async(lambda: len(list(settings.inbox.rglob("done/*"))) == 2)
    stop.set()
    await running
    assert (len(bus.records("case-requests")), len(bus.records("dead-letters"))) == (8, 8)
    assert sorted(bus.positions) == ["dueren.hundesteuer-altsystem", "norderstedt.gewerberegister"]


async def test_an_inbox_that_cannot_be_made_is_told_at_start(book: Kochbuch, metrics: Metrics, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    settings = load_settings(inbox_dir=tmp_path / "file" / "inbox")
    with pytest.raises(Misconfigured, match="LAUFZETTEL_INBOX_DIR"):
        await run_importer(settings, book, MemoryBus(), metrics, admin_port=free_port(), stop=asyncio.Event())
