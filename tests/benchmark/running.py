"""Running: one process of the product, seen from outside: its CPU, its memory, its metrics."""

import re
import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from time import monotonic, sleep

from services.runtime.child import Child, Command
from services.runtime.probe import is_ready
from tests.support.load import cpu_seconds, resident_bytes

_HOST = "127.0.0.1"
_PATIENCE_S = 120.0
_SERIES = re.compile(r"^(\w+)(?:\{(.*)\})? (\S+)$", re.MULTILINE)


@dataclass(slots=True)
class Running:
    """Ends with its context, or when asked to."""

    child: Child
    admin_port: int
    log: Path | None = None
    ready_after: float = 0.0

    @classmethod
    @contextmanager
    def start(cls, command: Command, admin_port: int) -> "Iterator[Running]":
        """Started, and perhaps not yet ready."""
        running = cls(Child.start(command), admin_port, command.output)
        try:
            yield running
        finally:
            running.child.send(signal.SIGCONT)
            running.child.end(15.0)

    @property
    def pid(self) -> int:
        """The program's process id."""
        return self.child.pid

    def await_ready(self, *ports: int) -> None:
        """Waits for /readyz, its own or that of all ``ports``, and notes how long it took."""
        began = monotonic()
        try:
            until(lambda: all(is_ready(_HOST, port) for port in ports or (self.admin_port,)) or self._ended(), 0.01)
        except TimeoutError as error:
            raise RuntimeError(f"{error}\n{self._said()}") from error
        self.ready_after = monotonic() - began

    def _ended(self) -> bool:
        if (code := self.child.poll()) is not None:
            raise RuntimeError(f"the process ended with {code} before it was ready\n{self._said()}")
        return False

    def _said(self) -> str:
        return self.log.read_text(errors="replace")[-2000:] if self.log else ""

    def cpu(self) -> float:
        """CPU seconds so far."""
        return cpu_seconds(self.pid)

    def resident(self) -> int:
        """Bytes in memory."""
        return resident_bytes(self.pid)

    def metric(self, name: str, **labels: str) -> float:
        """See metric_at."""
        return metric_at(self.admin_port, name, **labels)

    def freeze(self) -> None:
        """Stops the process where it is."""
        self.child.send(signal.SIGSTOP)

    def thaw(self) -> None:
        """Lets it go on."""
        self.child.send(signal.SIGCONT)


def at_rest(processes: Sequence[Running], seconds: float = 0.3) -> bool:
    """Whether they hardly used the CPU for a moment, watched from outside."""
    before = sum(process.cpu() for process in processes)
    sleep(seconds)
    return sum(process.cpu() for process in processes) - before < seconds / 5


def metric_at(admin_port: int, name: str, **labels: str) -> float:
    """The sum of a metric's series that have these labels; 0 where nobody answers."""
    return sum_of(_metrics(admin_port), f"laufzettel_{name}", labels)


def _metrics(admin_port: int) -> str:
    connection = HTTPConnection(_HOST, admin_port, timeout=30)
    try:
        connection.request("GET", "/metrics")
        return connection.getresponse().read().decode()
    except (OSError, HTTPException):
        return ""
    finally:
        connection.close()


def sum_of(text: str, name: str, labels: dict[str, str]) -> float:
    """From the text format of Prometheus."""
    wanted = [f'{label}="{value}"' for label, value in labels.items()]
    return sum(
        float(value)
        for found, have, value in _SERIES.findall(text)
        if found == name and all(label in have.split(",") for label in wanted)
    )


def until(condition: Callable[[], object], pause: float, within: float = _PATIENCE_S) -> None:
    """Waits for ``condition()``; raises TimeoutError."""
    deadline = monotonic() + within
    while not condition():
        if monotonic() > deadline:
            raise TimeoutError(f"not within {within:.0f} s")
        sleep(pause)
