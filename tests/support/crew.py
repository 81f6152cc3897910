"""Crew: an intake and two routers as their own processes under the product's supervisor, to be hit by a test."""

import asyncio
import os
import signal
import sys
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from services.runtime.child import Command
from services.runtime.exit_codes import ExitCode
from services.runtime.probe import is_ready
from services.runtime.slot import Outcome, Patience, Slot
from services.runtime.supervisor import Supervisor
from tests.support.site import HOST, Site

INTAKE = "intake"
ROUTERS = ("router-0", "router-1")
ADMIN = {INTAKE: 0, "router-0": 2, "router-1": 3}
"""The processes, and their places among the admin ports."""
EXPLAINED = frozenset({ExitCode.OK, ExitCode.INTERNAL, ExitCode.UNAVAILABLE, -signal.SIGKILL, -signal.SIGTERM})
"""As asked, replaced by a successor, without a broker, or hit."""

_PATIENCE = Patience(restarts=10_000, first_pause=0.5, longest_pause=0.5)


@dataclass(slots=True)
class Crew:
    """``exits`` holds what each process reported when it ended, whoever had asked it to."""

    site: Site
    exits: list[tuple[str, int]] = field(default_factory=list)
    _starts: Counter[str] = field(default_factory=Counter)
    _stop: asyncio.Event = field(default_factory=asyncio.Event)
    _supervisor: Supervisor = field(init=False)
    _running: asyncio.Task[Outcome] = field(init=False)

    async def __aenter__(self) -> Self:
        self._supervisor = Supervisor([self._slot(name) for name in ADMIN], patience=_PATIENCE)
        self._running = asyncio.create_task(self._supervisor.run(self._stop))
        for place in ADMIN.values():
            await self._ready(self.site.admin_port + place)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def _ready(self, port: int) -> None:
        while not await asyncio.to_thread(is_ready, HOST, port):
            self.require()

    async def stop(self) -> Outcome:
        """Ends all of them in good order."""
        for name in ADMIN:
            self.send(name, signal.SIGCONT)
        self._stop.set()
        return await self._running

    def require(self) -> None:
        """Fails when the supervisor has given up."""
        assert not self._running.done(), (self._running.result(), self.text()[-8000:])

    def send(self, name: str, number: signal.Signals) -> None:
        """A signal to a process; none when it is just being restarted."""
        pid = next(status.pid for status in self._supervisor.statuses if status.name == name)
        if pid is not None:
            with suppress(ProcessLookupError):
                os.kill(pid, number)

    def text(self) -> str:
        """All that the processes have printed."""
        logs = sorted(self._logs.glob("*.log"), key=lambda path: path.stat().st_mtime)
        return "".join(f"== {path.name}\n{path.read_text(errors='replace')}" for path in logs)

    @property
    def _logs(self) -> Path:
        return self.site.folder / "logs"

    def _slot(self, name: str) -> Slot:
        self._logs.mkdir(exist_ok=True)

        def command() -> Command:
            self._starts[name] += 1
            service, _, slot = name.partition("-")
            argv = [sys.executable, "-m", "services.cli", "run", service, "--slot", slot or "0"]
            return Command(argv, self.site.environ({}), output=self._logs / f"{name}.{self._starts[name]:03}.log")

        return Slot(name, command, ended=lambda code: self.exits.append((name, code)))
