"""App: the intake process: HTTP in front, the bus behind; it stops when asked, after finishing what it has begun."""

import asyncio
import gc
from collections.abc import Callable, Coroutine, Iterator
from contextlib import AsyncExitStack, contextmanager
from functools import partial
from socket import socket
from typing import Any

import structlog
from starlette.types import ASGIApp, Receive, Scope, Send

from connectors.portal import translate
from schemas.errors import Misconfigured, Problem, raise_if_any
from schemas.kochbuch import Kochbuch
from schemas.submission import Acceptance
from services.intake.budget import Budget
from services.intake.endpoint import SUBMISSIONS, SubmissionEndpoint
from services.intake.gate import Gate
from services.intake.keyring import read_keyring
from services.intake.memory import Memory
from services.intake.protocol import PatientProtocol
from services.intake.reading import reading_app
from services.intake.rotation import watch_keyring
from services.intake.submissions import Submissions
from services.intake.tail import Tail
from services.intake.tally import Tally
from services.runtime.bus import Bus
from services.runtime.clock import Clock, system_clock
from services.runtime.following import Follow
from services.runtime.health import Check, Health, serve, serve_health
from services.runtime.metrics import Metrics
from services.runtime.ports import listen, require_free
from services.runtime.settings import Settings

_SILENT_SECONDS = 10.0
"""Twice what a submission waits: from here on every one that comes is answered with 503."""

_log = structlog.get_logger(__name__)


class Intake:
    """The parts of one intake process, put together; ``app`` is what an HTTP server serves."""

    def __init__(
        self,
        settings: Settings,
        book: Kochbuch,
        bus: Bus,
        follow: Follow,
        metrics: Metrics,
        *,
        clock: Clock = system_clock,
        broken: Callable[[BaseException], None] = lambda _: None,
    ) -> None:
        budget = Budget(settings.intake_buffer_bytes)
        tally = Tally(metrics, budget)
        memory = Memory(settings.keys_remembered, tally.forgot)
        self.gate = Gate(read_keyring(settings.portal_keys), settings.portal_rate, settings.portal_burst)
        self.tail = Tail(follow, memory, clock)
        self._publisher = bus.publisher(tally.durable)
        self.endpoint = SubmissionEndpoint(
            gate=self.gate,
            budget=budget,
            body_bytes=settings.max_body_bytes,
            submissions=Submissions(translate, Acceptance(book), self._publisher, memory, broken),
            ready=self.tail.caught_up.is_set,
            tally=tally,
            clock=clock,
            public_url=settings.public_url.rstrip("/"),
        )
        self.app = _app(self.endpoint, reading_app(book, self.endpoint))

    def checks(self) -> dict[str, Check]:
        """What has to hold before anybody sends submissions here."""
        return {"submission_keys": self._keys_unread, "broker": self._broker_silent}

    def _keys_unread(self) -> str | None:
        return None if self.tail.caught_up.is_set() else "not read yet"

    def _broker_silent(self) -> str | None:
        seconds = self._publisher.silence()
        return f"has not answered for {seconds:.0f} s" if seconds > _SILENT_SECONDS else None


def _app(submit: ASGIApp, read: ASGIApp) -> ASGIApp:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await (submit if scope["path"] == SUBMISSIONS else read)(scope, receive, send)

    return app


async def run_intake(
    settings: Settings,
    book: Kochbuch,
    bus: Bus,
    follow: Follow,
    metrics: Metrics,
    *,
    admin_port: int,
    stop: asyncio.Event,
) -> None:
    """Serves until ``stop`` is set, then finishes what it has begun, for ``drain_seconds`` at most.

    Raises Misconfigured with every problem before it accepts anything, and whatever broke the publisher afterwards.
    """
    failures: list[BaseException] = []

    def broken(error: BaseException) -> None:
        failures.append(error)
        stop.set()

    async with AsyncExitStack() as stack:
        problems: list[Problem] = []
        with _gathered(problems):
            intake = Intake(settings, book, bus, follow, metrics, broken=broken)
        with _gathered(problems):
            listener = stack.enter_context(listen(settings.host, settings.intake_port, "LAUFZETTEL_INTAKE_PORT"))
        with _gathered(problems):
            require_free(settings.host, admin_port, "LAUFZETTEL_ADMIN_PORT")
        raise_if_any(problems)
        await _serve(intake, settings, metrics, listener, admin_port, stop)
    if failures:
        raise failures[0]


async def _serve(
    intake: Intake, settings: Settings, metrics: Metrics, listener: socket, admin_port: int, stop: asyncio.Event
) -> None:
    ready = intake.checks() | {"stopping": lambda: "asked to stop" if stop.is_set() else None}
    health = serve_health(
        Health(metrics, ready, {}), host=settings.host, port=admin_port, setting="LAUFZETTEL_ADMIN_PORT"
    )
    protocol = partial(PatientProtocol, seconds=settings.read_seconds)
    http = serve(intake.app, listener, drain_seconds=settings.drain_seconds, protocol=protocol)
    # What stands now stands for ever: collections that walk through all recipes and modules would stop the answers.
    gc.collect()
    gc.freeze()
    async with health, http as port:
        _log.info("intake_started", host=settings.host, port=port)
        await _until(stop, intake.tail.run(), watch_keyring(settings.portal_keys, intake.gate))
        _log.info("intake_stopping")


async def _until(stop: asyncio.Event, *endless: Coroutine[Any, Any, None]) -> None:
    """Runs the coroutines until ``stop`` is set; one that ends before, and be it cancelled, takes the process along."""
    stopped = asyncio.ensure_future(stop.wait())
    tasks = [asyncio.ensure_future(each) for each in endless]
    try:
        done, _ = await asyncio.wait({stopped, *tasks}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in (stopped, *tasks):
            task.cancel()
        await asyncio.gather(stopped, *tasks, return_exceptions=True)
    for task in done - {stopped}:
        raise RuntimeError("a background task of intake ended") from (None if task.cancelled() else task.exception())


@contextmanager
def _gathered(problems: list[Problem]) -> Iterator[None]:
    try:
        yield
    except Misconfigured as error:
        problems += error.problems
