"""Health: /livez, /readyz and /metrics, for every process alike."""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import cast

import uvicorn
from prometheus_client.exposition import choose_encoder
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from services.runtime.metrics import Metrics
from services.runtime.ports import listen

Check = Callable[[], str | None]
"""None when fine, otherwise why not, in a few words without personal data; must not block."""


@dataclass(frozen=True, slots=True)
class Health:
    """What a process knows of itself: ``ready`` says whether to send it work, ``live`` whether to restart it."""

    metrics: Metrics
    ready: Mapping[str, Check]
    live: Mapping[str, Check]


def health_routes(health: Health) -> list[Route]:
    """The three addresses, to be put into any application."""

    async def livez(_request: Request) -> Response:
        return _verdict(health.live)

    async def readyz(_request: Request) -> Response:
        return _verdict(health.ready)

    async def metrics(request: Request) -> Response:
        encode, content_type = choose_encoder(request.headers.get("accept", ""))
        return Response(encode(health.metrics.registry), media_type=content_type)

    return [Route("/livez", livez), Route("/readyz", readyz), Route("/metrics", metrics)]


def _verdict(checks: Mapping[str, Check]) -> Response:
    found = {name: check() for name, check in checks.items()}
    fine = not any(found.values())
    body = {"status": "ok" if fine else "unavailable", "checks": {name: why or "ok" for name, why in found.items()}}
    return JSONResponse(body, status_code=200 if fine else 503)


@asynccontextmanager
async def serve_health(health: Health, *, host: str, port: int, setting: str) -> AsyncIterator[int]:
    """Serves the three addresses in the running event loop while the context lasts; yields the port."""

    async def home(_request: Request) -> Response:
        return PlainTextResponse("/livez\n/readyz\n/metrics\n")

    app = Starlette(routes=[*health_routes(health), Route("/", home)])
    async with serve(app, listen(host, port, setting)) as served:
        yield served


@asynccontextmanager
async def serve(
    app: ASGIApp,
    listener: socket.socket,
    *,
    drain_seconds: float = 1.0,
    protocol: Callable[..., asyncio.Protocol] | None = None,
) -> AsyncIterator[int]:
    """Runs ``app`` on a bound socket beside whatever else the loop does; signals stay with the process."""
    config = uvicorn.Config(
        app,
        loop="none",
        http=cast("type[asyncio.Protocol]", protocol) if protocol else "auto",
        lifespan="off",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=max(1, round(drain_seconds)),
    )
    server = _Server(config)
    task = asyncio.create_task(server.serve(sockets=[listener]), name="http")
    try:
        yield int(listener.getsockname()[1])
    finally:
        server.should_exit = True
        await task
        listener.close()


class _Server(uvicorn.Server):
    """Uvicorn without handlers of its own for the process' signals."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Captures none; who runs the process decides when it ends."""
        yield
