"""Site: one installation for one section: a municipality, its topics on the benchmark's broker, its processes."""

import random
import socket
import tempfile
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from shutil import copy

from kafka import KafkaAdminClient

from schemas.kochbuch import MUNICIPALITIES, Kochbuch
from schemas.message import Message
from schemas.topics import SCHEMAS
from services.commands.installation import Installation
from services.commands.processes import Process, Service, process
from services.commands.topics import apply_to
from services.runtime.broker.node import EmbeddedBroker
from services.runtime.folders import cache_dir
from services.runtime.kafka import KafkaBus
from tests.benchmark.running import Running
from tests.support.load import cpu_seconds

TOWN = "dueren"
_NOTHING: Mapping[str, str] = {}
_AT_ONCE = 2_000
_PORTS, _BELOW_EPHEMERAL = 6, range(15_000, 30_000)
_SESSION_TIMEOUT = 10


@dataclass(frozen=True)
class Site:
    """Where a section's processes live; ``environ`` is what they are started with."""

    folder: Path
    broker: EmbeddedBroker
    environ: Mapping[str, str]
    installation: Installation

    @property
    def book(self) -> Kochbuch:
        """The shipped recipes, and one municipality."""
        return self.installation.book

    @property
    def bootstrap(self) -> str:
        """Where the broker is."""
        return self.broker.bootstrap

    @property
    def departments(self) -> Sequence[str]:
        """The departments' topics."""
        return self.installation.departments

    def process(self, service: Service, slot: int = 0) -> Process:
        """How a process is started, and its port."""
        return process(self.installation.settings, service, slot)

    @contextmanager
    def running(self, service: Service, slot: int = 0, environ: Mapping[str, str] = _NOTHING) -> Iterator[Running]:
        """One process, started as users start it, once it is ready."""
        one = self.process(service, slot)
        command = one.command({**self.environ, **environ}, self.folder)
        with Running.start(command, one.admin_port) as running:
            running.await_ready()
            yield running

    async def publish(self, messages: Sequence[Message]) -> None:
        """Puts messages on their topics, in their order."""
        async with KafkaBus(self.installation.settings.connection()) as bus:
            publisher = bus.publisher()
            for start in range(0, len(messages), _AT_ONCE):
                await publisher.publish(messages[start : start + _AT_ONCE])

    def broker_cpu(self) -> float:
        """CPU seconds of the broker so far."""
        return cpu_seconds(self.broker.child.pid)


class Rig:
    """One broker for a whole run, started when the first section needs it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._broker: EmbeddedBroker | None = None
        self._sites = 0

    def close(self) -> None:
        """Ends the broker."""
        if self._broker is not None:
            self._broker.close()

    @contextmanager
    def site(self) -> Iterator[Site]:
        """A fresh installation, its topics empty."""
        broker = self._broker = self._broker or self._started()
        self._sites += 1
        folder = self._folder / f"site-{self._sites}"
        values = _settings(folder, broker.bootstrap)
        (folder / "municipalities").mkdir(parents=True)
        copy(MUNICIPALITIES / f"{TOWN}.yaml", folder / "municipalities")
        environ = {f"LAUFZETTEL_{name.upper()}": value for name, value in values.items()}
        installation = Installation.from_environment(**values)
        _drop_topics(broker.bootstrap)
        deque(apply_to(installation), maxlen=0)
        yield Site(folder, broker, environ, installation)

    def _started(self) -> EmbeddedBroker:
        broker = EmbeddedBroker(self._folder / "kafka", cache_dir())
        broker.start()
        return broker


@contextmanager
def open_rig() -> Iterator[Rig]:
    """A rig in a folder of its own, all of which goes in the end."""
    with tempfile.TemporaryDirectory(prefix="laufzettel-bench-", ignore_cleanup_errors=True) as folder:
        rig = Rig(Path(folder))
        try:
            yield rig
        finally:
            rig.close()


def _settings(folder: Path, bootstrap: str) -> dict[str, str]:
    first = _free_ports(_PORTS)
    return {
        "kafka": bootstrap,
        "data_dir": str(folder),
        "municipalities_dir": str(folder / "municipalities"),
        "portal_keys_file": str(folder / "portals.yaml"),
        "inbox_dir": str(folder / "inbox"),
        "intake_port": str(first),
        "admin_port": str(first + 1),
        "portal_rate": "1e6",
        "portal_burst": "1e6",
        "session_timeout_seconds": str(_SESSION_TIMEOUT),
        "log_format": "json",
    }


def _free_ports(count: int) -> int:
    """The first of so many free ports in a row, below those that clients are given."""
    while True:
        first = random.choice(_BELOW_EPHEMERAL)
        with suppress(OSError, OverflowError):
            if all(_is_free(port) for port in range(first, first + count)):
                return first


def _is_free(port: int) -> bool:
    with socket.create_server(("127.0.0.1", port)):
        return True


def _drop_topics(bootstrap: str) -> None:
    admin = KafkaAdminClient(bootstrap_servers=bootstrap)
    try:
        old = [name for name in admin.list_topics() if not name.startswith("__") and name != SCHEMAS]
        if old:
            admin.delete_topics(old)
    finally:
        admin.close()
