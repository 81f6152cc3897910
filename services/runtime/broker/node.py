"""Node: one Kafka broker on one data folder; all its methods block."""

import base64
import os
import signal
import subprocess
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from schemas.errors import Misconfigured, Unavailable
from services.runtime.broker.download import Progress
from services.runtime.broker.failure import disk_problem, explain, lasting_problem
from services.runtime.broker.fencing import fence_former_self
from services.runtime.broker.folder import Folder, require_some_space, take, unwritable
from services.runtime.broker.jvm import Kafka, find_kafka
from services.runtime.broker.properties import server_properties
from services.runtime.broker.readiness import await_ready, is_ready
from services.runtime.child import Child, Command
from services.runtime.ports import free_port, require_free
from services.runtime.slot import Slot

STOP_GRACE_S = 30.0
"""A first run leaves its classes for the next ones, which takes some seconds more."""

_START_TIMEOUT_S = 60.0
_ROOM_S = 2.0
"""How soon a broker whose disk was full is tried again."""

_JVM_STOPPED = 128 + signal.SIGTERM


def silent(_what: str, _done: int, _of: int) -> None:
    """Progress for nobody."""


class EmbeddedBroker:
    """Takes the folder and finds Java and the jars when created; ``start`` runs the broker."""

    def __init__(
        self, data_dir: Path, cache_dir: Path, *, host: str = "127.0.0.1", port: int = 0, progress: Progress = silent
    ) -> None:
        self._kafka = find_kafka(cache_dir, progress)
        self._host = host
        self._port = port or free_port(host)
        self._child: Child | None = None
        self._folder, self._lock = take(data_dir)

    @property
    def bootstrap(self) -> str:
        """``host:port`` for clients."""
        return f"{self._host}:{self._port}"

    @property
    def child(self) -> Child:
        """The running process."""
        if self._child is None:
            raise RuntimeError("the broker is not running")
        return self._child

    def start(self, timeout: float = _START_TIMEOUT_S) -> None:
        """Returns when the broker answers; raises Misconfigured or Unavailable with a remedy when it never will.

        After ``stop`` or ``kill`` it starts again with the same records on the same port.
        """
        child = self._child = Child.start(self.command())
        try:
            ready = await_ready(self._host, self._port, child, timeout)
        except BaseException:
            self.kill()
            raise
        if not ready:
            self._child = None
            raise explain(self._folder, child.wait(), self._port)

    def command(self) -> Command:
        """What a supervisor has to run; prepares the folder and says so when the port is taken."""
        require_free(self._host, self._port, "LAUFZETTEL_BROKER_PORT")
        folder = self._folder
        require_some_space(folder.root)
        try:
            folder.log.unlink(missing_ok=True)
            if folder.has_crashed:
                fence_former_self(self._kafka, folder, self._lock)
            controller = next(port for port in iter(free_port, None) if port != self._port)
            properties = server_properties(self._host, self._port, controller, folder.records)
            folder.properties.write_text(properties, encoding="utf-8")
        except OSError as error:
            raise Misconfigured(unwritable(folder.root, error)) from error
        if not folder.is_formatted:
            _format(self._kafka, folder)
        argv = self._kafka.broker(folder.properties, folder.log)
        return Command(argv, descriptors=(self._lock,), output=folder.console)

    def stop(self) -> None:
        """Ends the broker cleanly, so that the next start need not recover anything."""
        code = self.child.end(STOP_GRACE_S)
        self._child = None
        self._keep_classes(code)

    def kill(self) -> None:
        """Ends the broker as a crash would."""
        code = self.child.kill()
        self._child = None
        self._keep_classes(code)

    def close(self) -> None:
        """Lets go of the folder, having stopped what still runs."""
        if self._child is not None:
            self.stop()
        os.close(self._lock)

    def slot(self) -> Slot:
        """For a supervisor to run, instead of ``start`` and ``stop``."""
        return Slot("broker", self.command, self._is_ready, self._ended, drain_seconds=STOP_GRACE_S)

    def _is_ready(self) -> bool:
        return is_ready(self._host, self._port)

    def _ended(self, code: int) -> None:
        self._keep_classes(code)
        if code == _JVM_STOPPED:
            return
        if (full := disk_problem(self._folder)) is not None:
            raise Unavailable(full, retry_after=_ROOM_S)
        if (problem := lasting_problem(self._folder, self._port)) is not None:
            raise Misconfigured(problem)

    def _keep_classes(self, code: int) -> None:
        self._kafka.classes.keep(whole=code == _JVM_STOPPED)


@contextmanager
def embedded_broker(
    data_dir: Path, cache_dir: Path, *, host: str = "127.0.0.1", port: int = 0, progress: Progress = silent
) -> Iterator[EmbeddedBroker]:
    """A broker that answers, for as long as the context lasts."""
    broker = EmbeddedBroker(data_dir, cache_dir, host=host, port=port, progress=progress)
    try:
        broker.start()
        yield broker
    finally:
        broker.close()


def _format(kafka: Kafka, folder: Folder) -> None:
    arguments = ("format", "--cluster-id", _cluster_id(), "--config", str(folder.properties))
    argv = kafka.storage_tool(*arguments, log=folder.log)
    with folder.console.open("wb") as console:
        done = subprocess.run(argv, stdin=subprocess.DEVNULL, stdout=console, stderr=console, check=False)  # noqa: S603 - own command
    if done.returncode:
        raise explain(folder, done.returncode)


def _cluster_id() -> str:
    """22 characters of URL-safe Base64; Kafka's option parser takes one that starts with a dash for an option."""
    text = base64.urlsafe_b64encode(uuid.uuid4().bytes).decode("ascii").rstrip("=")
    return text if text[0] != "-" else _cluster_id()
