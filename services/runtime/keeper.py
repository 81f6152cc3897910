"""Keeper: one slot's process, started again whenever it ends, under the same name and so the same transactional id."""

import asyncio
import signal
from collections.abc import Callable
from concurrent.futures import Executor
from contextlib import suppress
from time import monotonic
from typing import TypeVar

import structlog

from schemas.errors import Misconfigured, Problem, Unavailable
from services.runtime.child import Child
from services.runtime.exit_codes import FINAL, HALTING, ExitCode
from services.runtime.slot import Outcome, Patience, Phase, Slot, Status

_log = structlog.get_logger(__name__)
_READY_PAUSE_S = 0.05

T = TypeVar("T")


class Keeper:
    """``keep`` runs until it makes no sense any more; ``stop`` ends the process within the slot's drain time."""

    def __init__(self, slot: Slot, patience: Patience, threads: Executor, on_change: Callable[[Status], None]) -> None:
        self._slot = slot
        self._patience = patience
        self._threads = threads
        self._on_change = on_change
        self._child: Child | None = None
        self._exit: asyncio.Future[int] | None = None
        self.ready = asyncio.Event()
        self.status = Status(slot.name, Phase.WAITING, 0)

    async def keep(self) -> Outcome:
        """Returns why it gave up; is cancelled otherwise."""
        restarts = 0
        try:
            while True:
                self._show(Phase.STARTING, restarts)
                started = monotonic()
                try:
                    code = await self._run_once(restarts)
                except Unavailable as error:
                    if not self.ready.is_set():
                        return Outcome(ExitCode.UNAVAILABLE, error.problems)
                    await self._wait_for_others(restarts, error)
                    continue
                restarts = 1 if monotonic() - started > self._patience.calm_seconds else restarts + 1
                _log.warning("process ended", slot=self._slot.name, exit_code=code, restarts=restarts)
                if code in HALTING:
                    await self._halt(restarts, code)
                if (outcome := self._verdict(code, restarts)) is not None:
                    return outcome
                self._show(Phase.RESTARTING, restarts, code)
                await asyncio.sleep(self._patience.pause(restarts))
        except Misconfigured as error:
            return Outcome(ExitCode.MISCONFIGURED, error.problems)

    async def stop(self) -> None:
        """Asks the process to end, waits, then insists; returns when it has gone."""
        if self._child is not None and self._exit is not None:
            self._child.send(signal.SIGTERM)
            done, _ = await asyncio.wait({self._exit}, timeout=self._slot.drain_seconds)
            if not done:
                _log.warning("process killed, it did not stop in time", slot=self._slot.name)
                self._child.send(signal.SIGKILL)
            code = await self._exit
            self._child = None
            with suppress(Misconfigured, Unavailable):  # it is being stopped anyway, and the other slots after it
                await self._in_thread(lambda: self._slot.ended(code))
        self._show(Phase.STOPPED, self.status.restarts)

    async def _run_once(self, restarts: int) -> int:
        command = await self._in_thread(self._slot.command)
        try:
            child = self._child = Child.start(command)
        except OSError as error:
            raise Misconfigured(_not_started(self._slot.name, command.argv[0], error)) from error
        self._exit = asyncio.ensure_future(self._in_thread(child.wait))
        self._show(Phase.STARTING, restarts)
        await self._await_ready(self._exit)
        if not self._exit.done():
            self.ready.set()
            self._show(Phase.RUNNING, restarts)
        code = await asyncio.shield(self._exit)
        self._child = None
        await self._in_thread(lambda: self._slot.ended(code))
        return code

    async def _halt(self, restarts: int, code: int) -> None:
        """Until everything is stopped: its input stays where it is, and no other slot has to suffer for it."""
        self.ready.set()
        self._show(Phase.HALTED, restarts, code, _halted(self._slot.name, code))
        await asyncio.Event().wait()

    async def _wait_for_others(self, restarts: int, error: Unavailable) -> None:
        """What has worked before will work again; only a process that ends by itself uses up its restarts."""
        problems = [problem.text_en for problem in error.problems]
        _log.warning("process waits", slot=self._slot.name, problems=problems, retry_after=error.retry_after)
        self._show(Phase.RESTARTING, restarts)
        await asyncio.sleep(error.retry_after)

    async def _await_ready(self, ended: asyncio.Future[int]) -> None:
        deadline = monotonic() + self._patience.ready_seconds
        while not ended.done() and not await self._in_thread(self._slot.ready):
            if monotonic() > deadline:
                raise Misconfigured(_not_ready(self._slot.name, self._patience.ready_seconds))
            await asyncio.wait({ended}, timeout=_READY_PAUSE_S)

    def _verdict(self, code: int, restarts: int) -> Outcome | None:
        if code in FINAL:
            return Outcome(ExitCode(code), (_final(self._slot.name, code),))
        if restarts > self._patience.restarts:
            return Outcome(ExitCode.RESTART_LIMIT, (_exhausted(self._slot.name, self._patience.restarts, code),))
        return None

    def _show(self, phase: Phase, restarts: int, code: int | None = None, problem: Problem | None = None) -> None:
        pid = self._child.pid if self._child else None
        last = code if code is not None else self.status.last_exit
        self.status = Status(self._slot.name, phase, restarts, pid, last, problem)
        self._on_change(self.status)

    def _in_thread(self, function: Callable[[], T]) -> asyncio.Future[T]:
        return asyncio.get_running_loop().run_in_executor(self._threads, function)


def _not_started(name: str, program: str, error: OSError) -> Problem:
    return Problem(
        name,
        f"{program} kann nicht gestartet werden ({error.strerror}).",
        f"{program} cannot be started ({error.strerror}).",
    )


def _not_ready(name: str, seconds: float) -> Problem:
    return Problem(
        name,
        f"Läuft, ist aber nach {seconds:.0f} Sekunden nicht bereit. Abhilfe: sein Log lesen.",
        f"It runs, but is not ready after {seconds:.0f} seconds. Remedy: read its log.",
    )


def _final(name: str, code: int) -> Problem:
    return Problem(
        name,
        f"Endete mit Code {code}: So kann es nicht laufen, was zu ändern ist, steht darüber.",
        f"Ended with code {code}: it cannot run like this; what to change stands above.",
    )


def _halted(name: str, code: int) -> Problem:
    return Problem(
        name,
        f"Angehalten nach Code {code}: Was er liest, wartet, alles andere läuft weiter. Abhilfe: sein Log lesen, "
        "die Ursache beheben, dann neu starten.",
        f"Halted after code {code}: what it reads waits, everything else goes on. Remedy: read its log, mend the "
        "cause, then start anew.",
    )


def _exhausted(name: str, restarts: int, code: int) -> Problem:
    return Problem(
        name,
        f"Endete nach {restarts} Neustarts wieder, zuletzt mit Code {code}. Abhilfe: sein Log lesen.",
        f"Ended again after {restarts} restarts, last with code {code}. Remedy: read its log.",
    )
