"""Intake: requests a second until Kafka has acknowledged, beside an empty handler on the same server."""

import asyncio
import random
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

import orjson

from services.commands.portals import add_key
from services.commands.processes import Service
from services.intake.endpoint import SUBMISSIONS
from services.runtime.child import Command
from services.runtime.ports import free_port
from tests.benchmark.running import Running, until
from tests.benchmark.scale import Scale
from tests.benchmark.site import TOWN, Rig, Site
from tests.benchmark.table import Figure
from tests.benchmark.workload import Sample, samples
from tests.support.http_load import Load, request_bytes, run_load

_HOST = "127.0.0.1"
_FLOOR = "an empty Starlette handler, no Kafka"
_AIMS = {1: "≥ 300", 16: "≥ 3,500", 64: "≥ 6,500"}
_STEADY, _STEADY_CONNECTIONS = 1_000, 64
_BODIES = 500


@dataclass(frozen=True, slots=True)
class Server:
    """One of the two servers, and the requests for it."""

    running: Running
    port: int
    make: Callable[[int], bytes]

    def load(self, connections: int, requests: int, rate: float | None = None) -> tuple[Load, float]:
        """What came of it, and the server's CPU µs a request. Every request must be accepted."""
        before = self.running.cpu()
        load = asyncio.run(run_load(_HOST, self.port, self.make, connections=connections, requests=requests, rate=rate))
        if set(load.codes) != {202}:
            raise AssertionError(f"answers other than 202: {dict(load.codes)}")
        return load, (self.running.cpu() - before) * 1e6 / requests


def intake(rig: Rig, scale: Scale) -> Iterator[Figure]:
    """Closed loop on 1, 16 and 64 connections, then a steady rate."""
    with rig.site() as site:
        key = add_key(site.installation.settings.portal_keys, "bench")
        make = _requests(site, key)
        with site.running(Service.INTAKE) as process, _empty(site) as empty:
            ours = Server(process, site.installation.settings.intake_port, make)
            floor = Server(empty, empty.admin_port, make)
            for server in (ours, floor):
                server.load(16, max(16, scale.requests // 10))
            for connections, aim in _AIMS.items():
                yield from _closed(ours, floor, connections, aim, scale)
            yield from _open(ours, floor, scale)
            yield Figure("resident after this", process.resident() / 2**20, "MiB")


def _closed(ours: Server, floor: Server, connections: int, aim: str, scale: Scale) -> Iterator[Figure]:
    requests = scale.requests if connections > 1 else max(10, scale.requests // 8)
    turns = [(ours.load(connections, requests), floor.load(connections, requests)) for _ in range(scale.rounds)]
    turns.sort(key=lambda turn: turn[0][0].rate / turn[1][0].rate)
    (mine, cpu), (bare, bare_cpu) = turns[len(turns) // 2]
    yield Figure(f"requests a second, {connections} connections", mine.rate, "/s", bare.rate, _FLOOR, aim)
    if connections == max(_AIMS):
        yield Figure("CPU a request, the same", cpu, "µs", bare_cpu, _FLOOR)


def _open(ours: Server, floor: Server, scale: Scale) -> Iterator[Figure]:
    """Latency is counted from the moment at which a request was due."""
    requests = int(_STEADY * scale.seconds)
    turns = [
        (ours.load(_STEADY_CONNECTIONS, requests, _STEADY), floor.load(_STEADY_CONNECTIONS, requests, _STEADY))
        for _ in range(scale.rounds)
    ]
    turns.sort(key=lambda turn: turn[0][0].quantile(0.99))
    (mine, _), (bare, _) = turns[len(turns) // 2]
    for share, aim in ((0.5, ""), (0.99, "≤ 15 ms")):
        name = f"p{share * 100:.0f} at {_STEADY:,} a second"
        yield Figure(name, mine.quantile(share) * 1e3, "ms", bare.quantile(share) * 1e3, _FLOOR, aim)


def _requests(site: Site, key: str) -> Callable[[int], bytes]:
    """Request ``n`` of this server; no two have the same idempotency key, so each is a case of its own."""
    bodies = [
        orjson.dumps({"service": s.service, "municipality": s.municipality, "form": s.form}) for s in _forms(site)
    ]
    count = iter(range(10**9))

    def make(_: int) -> bytes:
        number = next(count)
        headers = {"x_api_key": key, "idempotency_key": f"bench-{number}", "content_type": "application/json"}
        return request_bytes("POST", SUBMISSIONS, bodies[number % len(bodies)], **headers)

    return make


def _forms(site: Site) -> list[Sample]:
    known = [sample for sample in samples(site.book) if sample.municipality == TOWN]
    chosen = random.Random(1)
    return [chosen.choice(known) for _ in range(_BODIES)]


@contextmanager
def _empty(site: Site) -> Iterator[Running]:
    port = free_port()
    argv = [sys.executable, "-m", "tests.benchmark.empty_server", str(port)]
    with Running.start(Command(argv, output=site.folder / "empty.log"), port) as running:
        until(lambda: _listens(port), 0.02)
        yield running


def _listens(port: int) -> bool:
    with suppress(OSError), socket.create_connection((_HOST, port), 1.0):
        return True
    return False
