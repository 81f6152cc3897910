"""Router: CPU for each case of the real process, beside the same decisions in a bare loop without any transport."""

import asyncio
import gc
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from time import time

from schemas.kochbuch import Kochbuch
from schemas.message import Message
from services.commands.processes import Service
from services.router.processor import Router
from tests.benchmark.running import Running, at_rest, until
from tests.benchmark.scale import Scale
from tests.benchmark.site import Rig, Site
from tests.benchmark.table import Figure
from tests.benchmark.turns import cpu_micros
from tests.benchmark.workload import stored, submissions
from tests.support.load import now_us

SLICE = 100
"""As services.runtime.transaction.trunk hands records to the processor."""
_FLOOR = "decode, decide, encode; no Kafka"
_WARM = 1_000_000
_PATIENT = {"LAUFZETTEL_SESSION_TIMEOUT_SECONDS": "60"}
"""A frozen process keeps its partitions while its backlog is laid out."""


@dataclass(frozen=True, slots=True)
class Drain:
    """What one backlog cost; CPU in seconds."""

    cases: int
    messages: float
    router_cpu: float
    broker_cpu: float
    seconds: float

    @property
    def router_micros(self) -> float:
        """CPU of all routers for each case."""
        return self.router_cpu * 1e6 / self.cases


def router(rig: Rig, scale: Scale) -> Iterator[Figure]:
    """One process against the bare loop, then two beside the broker."""
    seeds = iter(range(1_000))
    with rig.site() as site, site.running(Service.ROUTER, environ=_PATIENT) as first:
        warm_up(site, first, scale)
        bare, one = [], []
        for _ in range(scale.rounds):
            bare.append(bare_micros(site.book, _backlog(site, scale, next(seeds))))
            one.append(drain(site, [first], _backlog(site, scale, next(seeds))))
        yield from _figures(bare, one)
        memory = first.resident()
        with site.running(Service.ROUTER, 1, environ=_PATIENT) as second:
            until(lambda: all(r.metric("assigned_partitions") == 2 for r in (first, second)), 0.1)
            two = [drain(site, [first, second], _backlog(site, scale, next(seeds))) for _ in range(scale.rounds)]
        rate = _median([d.cases / d.seconds for d in two])
        yield Figure("cases a second, two processes beside the broker", rate, "/s")
        yield Figure("messages a second, the same", _median([d.messages / d.seconds for d in two]), "/s", aim="≥ 80k")
        yield Figure("resident, with the open cases of these backlogs", memory / 2**20, "MiB")
        lost = first.metric("ledger_unaccounted")
        yield Figure("requests unaccounted for", lost, "", aim="0")


def _figures(bare: list[float], one: list[Drain]) -> Iterator[Figure]:
    # Each turn is compared with its own floor: the machine may have been slower in one of them.
    ratios = [d.router_micros / floor for d, floor in zip(one, bare, strict=True)]
    middle = sorted(range(len(ratios)), key=ratios.__getitem__)[len(ratios) // 2]
    cost, floor = one[middle].router_micros, bare[middle]
    yield Figure("CPU a case, one process", cost, "µs", floor, _FLOOR, "≤ 1.35 times")
    yield Figure("cases a CPU-second, one process", 1e6 / cost, "/s", 1e6 / floor, _FLOOR)
    yield Figure("messages written for a case", _median([d.messages / d.cases for d in one]), "")
    yield Figure("CPU a message, one process", cost * one[middle].cases / one[middle].messages, "µs", aim="≤ 20")
    yield Figure("CPU of the broker a case", _median([d.broker_cpu * 1e6 / d.cases for d in one]), "µs")
    yield Figure("cases a second, one process", _median([d.cases / d.seconds for d in one]), "/s")


def drain(site: Site, routers: Sequence[Running], backlog: list[Message]) -> Drain:
    """Lays out a backlog before frozen routers, then lets them loose."""

    def total(name: str) -> float:
        return sum(running.metric(name) for running in routers)

    before, written = total("stage_records_in_total"), total("stage_records_out_total")
    for running in routers:
        running.freeze()
    asyncio.run(site.publish(backlog))
    broker, cpu, began = site.broker_cpu(), sum(r.cpu() for r in routers), time()
    for running in routers:
        running.thaw()
    # Metrics cost the process that is asked: nobody asks while it works.
    until(lambda: at_rest(routers) and total("stage_records_in_total") >= before + len(backlog), 0.0)
    ended = max(r.metric("consumer_last_progress_timestamp_seconds") for r in routers)
    return Drain(
        cases=len(backlog),
        messages=total("stage_records_out_total") - written,
        router_cpu=sum(r.cpu() for r in routers) - cpu,
        broker_cpu=site.broker_cpu() - broker,
        seconds=ended - began,
    )


def warm_up(site: Site, routing: Running, scale: Scale) -> None:
    """Lets the broker compile and open its files: an installation is started once and then runs for months."""
    drain(site, [routing], list(submissions(site.book, scale.cases // 2, seed=_WARM, start=now_us())))


def bare_micros(book: Kochbuch, messages: list[Message]) -> float:
    """CPU microseconds for each case of the router's processor alone."""
    records = stored(iter(messages), partitions=1)
    processor, now = Router(book), now_us()

    def work() -> None:
        for start in range(0, len(records), SLICE):
            processor.process(0, records[start : start + SLICE], now)
        processor.account()

    with quiet_memory():
        return cpu_micros(work, len(records))


@contextmanager
def quiet_memory() -> Iterator[None]:
    """What the benchmark itself holds does not burden the collector of what it measures."""
    gc.collect()
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


def _backlog(site: Site, scale: Scale, seed: int) -> list[Message]:
    return list(submissions(site.book, scale.cases, seed=seed, start=now_us()))


def _median(values: list[float]) -> float:
    return sorted(values)[len(values) // 2]
