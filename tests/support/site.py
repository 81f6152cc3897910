"""Site: a small installation in a folder of its own, run by its commands, as an operator runs it."""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from random import SystemRandom
from typing import Any

import httpx2 as httpx
import orjson
from prometheus_client.parser import text_string_to_metric_families

from schemas.kochbuch import Kochbuch, read_kochbuch
from schemas.message import Message, Stored
from services.runtime.kafka import Connection, KafkaBus
from services.runtime.probe import is_ready
from services.runtime.settings import ADMIN_PORTS
from tests.support.book import DOG, TOWN, write
from tests.support.crash import committed
from tests.support.deadline import eventually
from tests.support.intake import BODY, SUBMISSIONS, headers, settings_in

HOST = "127.0.0.1"
SERVICES = ("intake", "importer", "router-0")
"""In the order of their admin ports."""
OVERSEERS = {"up": ADMIN_PORTS - 2, "broker": ADMIN_PORTS - 1}
"""Behind those of all routers that there can be."""

FILES = """
    sources:
      dogs:
        kind: hotfolder
        folder: dogs
        service: "99102013104000"
        encoding: utf-8
        at_rest: 0.1
        limit: {in_a_row: 40, percent: 100}
        format: {type: csv, columns: [Name, Vorname, Rasse, Seit]}
        map:
          holder.family_name: Name
          holder.given_names: Vorname
          breed: Rasse
          kept_since: {column: Seit, as: date}
"""


@dataclass(slots=True)
class Running:
    """A command that goes on until it is asked to stop; all it says stands in its log."""

    process: "subprocess.Popen[bytes]"
    log: Path

    @property
    def pid(self) -> int:
        return self.process.pid

    def said(self) -> str:
        return self.log.read_text(encoding="utf-8", errors="replace")

    def send(self, number: signal.Signals) -> None:
        with suppress(ProcessLookupError):
            self.process.send_signal(number)

    def ended(self, within: float = 40.0) -> int:
        """The exit code."""
        return self.process.wait(within)


@dataclass(frozen=True)
class Site:
    """One installation; ``more`` goes into the environment of everything that it runs."""

    folder: Path
    intake_port: int
    admin_port: int
    broker_port: int
    more: Mapping[str, str] = field(default_factory=dict)

    @property
    def bootstrap(self) -> str:
        return self.more.get("LAUFZETTEL_KAFKA", f"{HOST}:{self.broker_port}")

    @property
    def inbox(self) -> Path:
        return self.folder / "data" / "inbox" / "dogs"

    @property
    def book(self) -> Kochbuch:
        return read_kochbuch(self.folder / "kochbuch", self.folder / "municipalities")

    def environ(self, more: Mapping[str, str]) -> dict[str, str]:
        own = {
            "LAUFZETTEL_DATA_DIR": str(self.folder / "data"),
            "LAUFZETTEL_KOCHBUCH_DIR": str(self.folder / "kochbuch"),
            "LAUFZETTEL_MUNICIPALITIES_DIR": str(self.folder / "municipalities"),
            "LAUFZETTEL_INTAKE_PORT": str(self.intake_port),
            "LAUFZETTEL_ADMIN_PORT": str(self.admin_port),
            "LAUFZETTEL_BROKER_PORT": str(self.broker_port),
            "LC_ALL": "C.UTF-8",
        }
        return {**os.environ, **own, **self.more, **more}

    def run(self, *arguments: str, **more: str) -> "subprocess.CompletedProcess[str]":
        """A command that ends by itself."""
        return subprocess.run(
            [sys.executable, "-m", "services.cli", *arguments],
            env=self.environ(more), capture_output=True, text=True, check=False, timeout=60,
        )  # fmt: skip

    def json(self, *arguments: str) -> list[dict[str, Any]]:
        """What a command prints with --json, line by line."""
        done = self.run(*arguments, "--json")
        assert done.returncode in {0, 1}, done.stderr
        return [json.loads(line) for line in done.stdout.splitlines()]

    @contextmanager
    def start(self, *arguments: str, **more: str) -> Iterator[Running]:
        """A command that goes on; when the context ends it is asked to stop, if it has not been before."""
        log = self.folder / f"{'-'.join(arguments)}-{len(list(self.folder.glob('*.log')))}.log"
        with ExitStack() as stack:
            output = stack.enter_context(log.open("wb"))
            process = subprocess.Popen(
                [sys.executable, "-m", "services.cli", *arguments],
                env=self.environ(more), stdin=subprocess.DEVNULL, stdout=output, stderr=output,
            )  # fmt: skip
            running = Running(process, log)
            try:
                yield running
            finally:
                if process.poll() is None:
                    running.send(signal.SIGTERM)
                try:
                    running.ended()
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()
                    raise

    def port_of(self, service: str) -> int:
        place = OVERSEERS.get(service)
        return self.admin_port + (SERVICES.index(service) if place is None else place)

    def ready(self, *services: str) -> bool:
        return all(is_ready(HOST, self.port_of(service)) for service in services or SERVICES)

    def await_ready(self, running: Running, *services: str) -> None:
        """Returns when the processes can work; fails with what was said when the command ends before."""

        def is_up() -> bool:
            assert running.process.poll() is None, running.said()[-4000:]
            return self.ready(*services)

        eventually(is_up, 60)

    def metric(self, service: str, name: str, **labels: str) -> float:
        """The sum of a metric's series with these labels."""
        text = httpx.get(f"http://{HOST}:{self.port_of(service)}/metrics", headers={"accept": "text/plain"}).text
        return sum(
            sample.value
            for family in text_string_to_metric_families(text)
            for sample in family.samples
            if sample.name == f"laufzettel_{name}" and labels.items() <= sample.labels.items()
        )

    def submit(
        self, key: str, body: object = BODY, *, port: int | None = None, client: httpx.Client | None = None, **more: str
    ) -> httpx.Response:
        """A submission over HTTP; bytes go as they are."""
        content = body if isinstance(body, bytes) else orjson.dumps(body)
        url = f"http://{HOST}:{port or self.intake_port}{SUBMISSIONS}"
        return (client or httpx).post(url, content=content, headers=headers(key, **more), timeout=30)

    async def records(self, *topics: str) -> list[Stored]:
        """Every committed record."""
        return await committed(self.bootstrap, topics)

    async def publish(self, messages: list[Message]) -> None:
        """As one of our own producers writes."""
        async with KafkaBus(Connection(self.bootstrap)) as bus:
            await bus.publisher().publish(messages)


def new_site(folder: Path, **more: str) -> Site:
    """An installation with one recipe, one town, one hot folder and two portals, on ports of its own."""
    write(folder / "kochbuch", "dog", DOG)
    write(folder / "municipalities", "town", TOWN + FILES)
    (folder / "data").mkdir()
    settings_in(folder / "data")
    first = free_ports(6)
    return Site(folder, first, first + 1, first + 5, more)


def free_ports(count: int) -> int:
    """The first of so many ports in a row that nobody listens on, below those that outgoing connections are given."""
    while True:
        first = SystemRandom().randrange(20_000, 32_000)
        with suppress(OSError), ExitStack() as stack:
            for port in range(first, first + count):
                stack.enter_context(socket.create_server((HOST, port)))
            return first


def children(pid: int) -> dict[int, str]:
    """The processes that this one has started, with their command lines."""
    found = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            if int(stat.read_text().rpartition(") ")[2].split()[1]) == pid:
                found[int(stat.parent.name)] = (stat.parent / "cmdline").read_text().replace("\0", " ")
    return found


def child(pid: int, what: str) -> int:
    """The one child whose command line holds ``what``; 0 when there is none."""
    return next((number for number, line in children(pid).items() if what in line), 0)
