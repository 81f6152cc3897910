"""Takeover: how long cases wait when a router is killed or asked to stop, under the supervisor, with another beside."""

import asyncio
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from services.commands.portals import add_key
from services.commands.processes import Service
from services.runtime.child import Command
from tests.benchmark.family import pid_of
from tests.benchmark.journey import journey
from tests.benchmark.latency import slips_of
from tests.benchmark.running import Running, metric_at, until
from tests.benchmark.scale import Scale
from tests.benchmark.site import Rig, Site
from tests.benchmark.table import Figure
from tests.benchmark.workload import submissions
from tests.support.load import now_us

_RATE, _BEFORE_S, _AFTER_S = 50, 1.0, 7.0
_AIMS = {signal.SIGTERM: "≤ 0.5 s", signal.SIGKILL: "≤ 2.5 s"}


def takeover(rig: Rig, scale: Scale) -> Iterator[Figure]:
    """The longest that a case had to wait, around each fault."""
    with rig.site() as site, everything(site, routers=2) as supervisor:
        for number, (kind, aim) in enumerate(_AIMS.items()):
            waits = [_longest_wait(site, supervisor, kind, 10 * number + turn) for turn in range(scale.rounds)]
            yield Figure(f"longest wait of a case, {kind.name}", sorted(waits)[len(waits) // 2], "s", aim=aim)


def _longest_wait(site: Site, supervisor: Running, kind: signal.Signals, seed: int) -> float:
    messages = list(submissions(site.book, int(_RATE * (_BEFORE_S + _AFTER_S)), seed=seed, start=now_us()))
    slot = seed % 2

    async def strike() -> None:
        await asyncio.sleep(_BEFORE_S)
        os.kill(pid_of(supervisor.pid, f"run router --slot {slot}"), kind)

    arrivals = asyncio.run(
        journey(site.bootstrap, messages, site.departments, slips_of(site, messages), rate=_RATE, meanwhile=strike)
    )
    _await_shared(site)
    return max(arrival.seconds for arrival in arrivals)


@contextmanager
def everything(site: Site, routers: int) -> Iterator[Running]:
    """`laufzettel up` on the benchmark's broker, once all its processes are ready."""
    add_key(site.installation.settings.portal_keys, "bench")
    argv = [sys.executable, "-m", "services.cli", "up", "--routers", str(routers)]
    with Running.start(Command(argv, site.environ, output=site.folder / "up.log"), 0) as supervisor:
        ports = [site.process(service).admin_port for service in Service]
        ports += [site.process(Service.ROUTER, slot).admin_port for slot in range(1, routers)]
        supervisor.await_ready(*ports)
        if routers > 1:
            _await_shared(site)
        yield supervisor


def _await_shared(site: Site) -> None:
    """Waits until both routers have partitions again."""
    ports = [site.process(Service.ROUTER, slot).admin_port for slot in (0, 1)]
    until(lambda: all(metric_at(port, "assigned_partitions") == 2 for port in ports), 0.1)
