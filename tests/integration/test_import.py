"""Files through a real broker: killed in the middle, at any moment, nothing is lost and nothing is sent twice."""

import asyncio
import json
import os
import random
import signal
import subprocess
import sys
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from kafka.errors import TopicAlreadyExistsError

from schemas.message import Stored
from schemas.submission import case_id_of
from services.importer.position import decode
from services.runtime.broker.node import EmbeddedBroker
from services.runtime.kafka import Connection, KafkaBus
from tests.support.book import small_book
from tests.support.deadline import eventually
from tests.support.kafka import create_topic

pytestmark = pytest.mark.kafka

ROWS = 4_000
BAD_EVERY = 97
CONFIG: dict[str, Any] = {
    "kind": "hotfolder",
    "folder": "dogs",
    "service": "99102013104000",
    "encoding": "cp1252",
    "format": {"type": "csv", "columns": ["Name", "Vorname", "Rasse", "Seit", "Text"]},
    "map": {
        "holder.family_name": "Name",
        "holder.given_names": "Vorname",
        "breed": "Rasse",
        "kept_since": {"column": "Seit", "as": "date"},
    },
    "at_rest": 0.1,
}


@pytest.fixture(autouse=True)
def _seed(record_property: Callable[[str, object], None]) -> None:
    seed = int(os.environ.get("LAUFZETTEL_TEST_SEED", time.time_ns() % 1_000_000))
    record_property("seed", seed)
    random.seed(seed)


@dataclass(slots=True)
class Site:
    """An installation with one hot folder, and the importer that is killed."""

    bootstrap: str
    home: Path
    source: str = field(default_factory=lambda: f"town.dogs-{uuid.uuid4().hex[:8]}")

    def __post_init__(self) -> None:
        small_book(self.home)
        self.folder.mkdir(parents=True)
        for topic, partitions in (("case-requests", 4), ("dead-letters", 4), ("source-positions", 1)):
            with suppress(TopicAlreadyExistsError):
                create_topic(self.bootstrap, topic, partitions=partitions)

    @property
    def folder(self) -> Path:
        return self.home / "inbox" / "dogs"

    def put(self, name: str, rows: int, seed: str = "") -> None:
        path = self.folder / f"{name}.part"
        path.write_bytes(content(rows, seed))
        path.rename(self.folder / name)

    @contextmanager
    def importer(self, records: int = 100) -> Iterator[subprocess.Popen[str]]:
        arguments = {
            "bootstrap": self.bootstrap,
            "home": str(self.home),
            "config": CONFIG,
            "source": self.source,
            "records": records,
        }
        command = [sys.executable, "-m", "tests.support.import_worker", json.dumps(arguments)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
            try:
                yield process
            finally:
                process.kill()
                process.communicate()

    def done(self, *names: str) -> bool:
        return all((self.folder / "done" / name).exists() for name in names)

    async def written(self) -> tuple[list[Stored], list[Stored], bytes | None]:
        """Cases and dead letters of this site, as a reader of committed records finds them, and the position."""
        async with KafkaBus(Connection(self.bootstrap)) as bus:
            source = f"file/{self.source}".encode()
            cases = [r async for r in bus.read("case-requests") if r.header("ce_source") == source]
            files = {path.name.encode() for path in (self.folder / "done").iterdir()}
            dead = [r async for r in bus.read("dead-letters") if r.header("dl_file") in files]
            positions = [r.value async for r in bus.read("source-positions") if r.key == self.source.encode()]
        return cases, dead, positions[-1] if positions else None


def content(rows: int, seed: str) -> bytes:
    lines = ["Name;Vorname;Rasse;Seit;Text"]
    for number in range(rows):
        since = "gestern" if number % BAD_EVERY == 0 else "01.03.2026"
        lines.append(f'Müster{seed}{number};Erika;Dackel;{since};"erste Zeile\nzweite ""Zeile"""')
    return ("\r\n".join(lines) + "\r\n").encode("cp1252")


def expect_all_once(cases: list[Stored], dead: list[Stored], files: int, rows: int) -> None:
    bad = files * len(range(0, rows, BAD_EVERY))
    assert (len(cases), len(dead)) == (files * rows - bad, bad)
    assert max(Counter(record.key for record in cases).values()) == 1
    places = Counter((record.header("dl_file"), record.header("dl_byte")) for record in dead)
    assert max(places.values()) == 1


@pytest.fixture
def site(kafka: str, tmp_path: Path) -> Site:
    return Site(kafka, tmp_path)


@pytest.mark.timeout(180)
async def test_killed_in_the_middle_of_a_file_nothing_is_lost_and_nothing_doubled(site: Site) -> None:
    name = f"{site.source}.csv"
    site.put(name, ROWS)
    seen = kills = 0
    while not site.done(name):
        with site.importer() as process:
            seen, killed = await asyncio.to_thread(watch_and_kill, site, process, name, seen)
            kills += killed
    cases, dead, position = await site.written()
    expect_all_once(cases, dead, 1, ROWS)
    assert kills >= 5, f"only {kills} kills"
    assert decode(position).done
    assert {record.header("received_at") for record in cases} == {cases[0].header("received_at")}, "one receipt a file"


def watch_and_kill(site: Site, process: subprocess.Popen[str], name: str, seen: int) -> tuple[int, int]:
    """Kills after some commits and some milliseconds more; progress must never go backwards."""
    assert process.stdout is not None
    for left in range(random.randint(1, 9), -1, -1):
        line = process.stdout.readline()
        assert line, process.stderr.read() if process.stderr else ""
        assert int(line) >= seen, "a batch was committed twice"
        seen = int(line)
        if seen >= ROWS:
            eventually(lambda: site.done(name))
            return seen, 0
        if not left:
            time.sleep(random.random() * 0.02)
    process.kill()
    return seen, 1


@pytest.mark.timeout(120)
async def test_files_that_are_replaced_or_come_again_meanwhile(site: Site) -> None:
    first, second = f"{site.source}.csv", f"{site.source}-2.csv"
    site.put(first, 600, "a")
    with site.importer() as process:
        assert process.stdout is not None
        await asyncio.to_thread(process.stdout.readline)
        site.put(first, 600, "b")  # the same name, another content, while the first is being read
        site.put(second, 600, "a")  # the same content, another name
        done = site.folder / "done"
        await asyncio.to_thread(eventually, lambda: done.exists() and len(list(done.iterdir())) == 3)
    cases, dead, _ = await site.written()
    assert len(cases) + len(dead) == 1_200
    assert max(Counter(record.key for record in cases).values()) == 1
    assert sum(".duplicate-" in path.name for path in done.iterdir()) == 1


@pytest.mark.timeout(120)
async def test_a_successor_ends_the_importer_before_it_and_goes_on(site: Site) -> None:
    name = f"{site.source}.csv"
    site.put(name, ROWS)
    with site.importer(records=20) as old:
        assert old.stdout is not None
        await asyncio.to_thread(old.stdout.readline)
        old.send_signal(signal.SIGSTOP)  # or it would be through with the file before anybody comes after it
        with site.importer() as new:
            assert new.stdout is not None
            await asyncio.to_thread(new.stdout.readline)
            old.send_signal(signal.SIGCONT)
            await asyncio.to_thread(eventually, lambda: old.poll() is not None)
            await asyncio.to_thread(eventually, lambda: site.done(name))
    cases, dead, _ = await site.written()
    expect_all_once(cases, dead, 1, ROWS)


@pytest.mark.timeout(180)
async def test_a_broker_that_is_killed_meanwhile_is_waited_for(own_kafka: EmbeddedBroker, tmp_path: Path) -> None:
    site = Site(own_kafka.bootstrap, tmp_path / "site")
    name = f"{site.source}.csv"
    site.put(name, ROWS)
    with site.importer(records=50) as process:
        assert process.stdout is not None
        for _ in range(3):
            await asyncio.to_thread(process.stdout.readline)
        await asyncio.to_thread(own_kafka.kill)
        await asyncio.to_thread(own_kafka.start)
        await asyncio.to_thread(eventually, lambda: site.done(name), 120.0)
        assert process.poll() is None, "the importer waits, it does not end"
    cases, dead, _ = await site.written()
    expect_all_once(cases, dead, 1, ROWS)


@pytest.mark.timeout(60)
async def test_the_case_ids_follow_from_the_content_and_the_byte(site: Site) -> None:
    name = f"{site.source}.csv"
    site.put(name, 3)
    with site.importer():
        await asyncio.to_thread(eventually, lambda: site.done(name))
    cases, _, position = await site.written()
    [fingerprint] = decode(position).done
    data = content(3, "")
    offsets = [data.index(f"Müster{number};".encode("cp1252")) for number in (1, 2)]
    expected = {str(case_id_of(site.source, f"{fingerprint}:{offset}")).encode() for offset in offsets}
    assert {record.key for record in cases} == expected
