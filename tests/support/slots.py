"""Slots: worker processes that are restarted when they end, and the faults that a test inflicts on them."""

import asyncio
import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from tests.support.deadline import eventually_async

Command = Callable[[int], Sequence[str]]
"""The command line of the worker in one slot; the same one after a restart."""


@dataclass(slots=True)
class Slots:
    """As the supervisor does it: the same slot again, half a second after its process ended."""

    command: Command
    count: int
    logs: Path
    restart_after: float = 0.5
    exits: list[tuple[int, int]] = field(default_factory=list)
    """(slot, exit code) of each process that ended without being asked to stop."""
    _processes: dict[int, subprocess.Popen[bytes]] = field(default_factory=dict)
    _supervisor: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        for slot in range(self.count):
            self._start(slot)
        self._supervisor = asyncio.create_task(self._supervise())
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    def _start(self, slot: int) -> None:
        with (self.logs / f"slot-{slot}.log").open("ab") as log:
            self._processes[slot] = subprocess.Popen(self.command(slot), stdout=log, stderr=log)

    async def _supervise(self) -> None:
        due: dict[int, float] = {}
        while True:
            for slot, process in self._processes.items():
                if process.poll() is None:
                    continue
                if slot not in due:
                    self.exits.append((slot, process.returncode))
                    due[slot] = time.monotonic() + self.restart_after
                elif time.monotonic() >= due[slot]:
                    del due[slot]
                    self._start(slot)
            await asyncio.sleep(0.02)

    def send(self, slot: int, number: signal.Signals) -> None:
        """A signal to the process in ``slot``; none when it is just being restarted."""
        with suppress(ProcessLookupError):
            self._processes[slot].send_signal(number)

    def pid(self, slot: int) -> int:
        """The process in ``slot``."""
        return self._processes[slot].pid

    async def frozen(self, slot: int, seconds: float = 10.0) -> None:
        """Waits until the process has stopped itself."""
        stat = Path(f"/proc/{self.pid(slot)}/stat")
        await eventually_async(lambda: stat.read_text().rpartition(")")[2].split()[0] == "T", seconds)

    async def stop(self) -> dict[int, int]:
        """SIGTERM to all, frozen ones included; the exit codes by slot."""
        if self._supervisor is not None:
            self._supervisor.cancel()
            await asyncio.gather(self._supervisor, return_exceptions=True)
            self._supervisor = None
        for process in self._processes.values():
            for number in (signal.SIGCONT, signal.SIGTERM):
                with suppress(ProcessLookupError):
                    process.send_signal(number)
        return {slot: await asyncio.to_thread(_ended, process) for slot, process in self._processes.items()}

    def text(self, slot: int | None = None) -> str:
        """All that the workers, or the one in ``slot``, have printed."""
        pattern = "slot-*.log" if slot is None else f"slot-{slot}.log"
        return "".join(path.read_text(errors="replace") for path in sorted(self.logs.glob(pattern)))


def _ended(process: subprocess.Popen[bytes]) -> int:
    try:
        return process.wait(15)
    except subprocess.TimeoutExpired:
        process.kill()
        return process.wait()
