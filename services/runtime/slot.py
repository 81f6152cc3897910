"""Slot: a place in which one process runs, and what is known of it."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from schemas.errors import Problem
from services.runtime.child import Command
from services.runtime.exit_codes import ExitCode


class Phase(StrEnum):
    """What a slot is doing."""

    WAITING = "waiting"
    STARTING = "starting"
    RUNNING = "running"
    RESTARTING = "restarting"
    HALTED = "halted"
    """It ended and is not started again: a person has to look first."""
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class Slot:
    """One process to keep running. All functions may block, and may raise Misconfigured to stop everything.

    ``command`` and ``ended`` may raise Unavailable: once all has run, the slot waits and asks again, without limit.

    ``command`` is asked at each start; the next slot starts when ``ready`` is true; ``ended`` learns the exit code.
    """

    name: str
    command: Callable[[], Command]
    ready: Callable[[], bool] = lambda: True
    ended: Callable[[int], None] = lambda _code: None
    drain_seconds: float = 10.0


@dataclass(frozen=True, slots=True)
class Status:
    """One slot as it is now."""

    name: str
    phase: Phase
    restarts: int
    pid: int | None = None
    last_exit: int | None = None
    problem: Problem | None = None
    """Why it is halted."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """Why a supervisor stopped: as asked (OK), or because of ``problems``."""

    code: ExitCode
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a supervisor keeps trying; a process that ran for ``calm_seconds`` has earned a fresh count."""

    restarts: int = 8
    first_pause: float = 0.1
    """Short, because a case waits; from the second time on, patience grows threefold."""
    longest_pause: float = 10.0
    calm_seconds: float = 30.0
    ready_seconds: float = 300.0
    """Long, because a broker that was killed reads all of its logs first."""

    def pause(self, restarts: int) -> float:
        """Seconds before the restart with this number, counted from 1."""
        return min(self.longest_pause, self.first_pause * 3.0 ** (restarts - 1))
