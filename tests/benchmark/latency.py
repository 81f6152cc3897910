"""Latency: submission to department, read committed, beside the broker's own way from a producer to a reader."""

import asyncio
from collections.abc import Iterator, Sequence
from uuid import uuid4

from schemas.message import Message
from services.commands.processes import Service
from services.router.processor import Router
from tests.benchmark.journey import Arrival, journey
from tests.benchmark.router import warm_up
from tests.benchmark.running import Running
from tests.benchmark.scale import Scale
from tests.benchmark.site import Rig, Site
from tests.benchmark.table import Figure
from tests.benchmark.workload import stored, submissions
from tests.support.kafka import create_topic
from tests.support.load import Latency, now_us, summary

_FLOOR = "producer to reader, no router"
_AIMS = {200: ("≤ 5 ms", "≤ 15 ms"), 1_000: ("≤ 12 ms", "≤ 30 ms")}
_SETTLING_S = 0.5


def latency(rig: Rig, scale: Scale) -> Iterator[Figure]:
    """At each rate: through the router, and beside it through nothing."""
    seeds = iter(range(1_000))
    with rig.site() as site, site.running(Service.ROUTER) as running:
        warm_up(site, running, scale)
        echo = f"bench-{uuid4().hex[:8]}"
        create_topic(site.bootstrap, echo)
        for rate in scale.rates:
            before, broker = _transactions(running), 0.0
            turns = []
            for _ in range(scale.rounds):
                messages = _messages(site, rate, scale, next(seeds))
                began = site.broker_cpu()
                mine = routed(site, messages, rate)
                broker += site.broker_cpu() - began
                turns.append((mine, _echoed(site, messages, echo, rate)))
            turns.sort(key=lambda turn: turn[0].p50)
            mine, bare = turns[len(turns) // 2]
            p50, p99 = _AIMS.get(rate, ("", ""))
            yield Figure(f"p50 at {rate:,} a second", mine.p50 * 1e3, "ms", bare.p50 * 1e3, _FLOOR, p50)
            yield Figure(f"p99 at {rate:,} a second", mine.p99 * 1e3, "ms", bare.p99 * 1e3, _FLOOR, p99)
            count, seconds, cases = (after - b for after, b in zip(_transactions(running), before, strict=True))
            yield Figure("  of it a transaction, begin to commit, mean", seconds * 1e3 / count, "ms")
            yield Figure("  CPU of the broker a transaction, readers included, mean", broker * 1e3 / count, "ms")
            yield Figure("  cases in a transaction, mean", cases / count, "")


def _transactions(running: Running) -> tuple[float, float, float]:
    """How many there were, how long they took together, and the cases in them."""
    name = "stage_transaction_duration_seconds"
    return running.metric(f"{name}_count"), running.metric(f"{name}_sum"), running.metric("stage_records_in_total")


def slips_of(site: Site, messages: Sequence[Message]) -> int:
    """How many department records must follow."""
    router, now = Router(site.book), now_us()
    written = router.process(0, stored(iter(messages), partitions=1), now)
    return sum(message.topic in site.departments for message in written)


def routed(site: Site, messages: Sequence[Message], rate: float) -> Latency:
    """From submission to each department that it concerns."""
    expected = slips_of(site, messages)
    return _settled(asyncio.run(journey(site.bootstrap, messages, site.departments, expected, rate=rate)))


def _echoed(site: Site, messages: Sequence[Message], echo: str, rate: float) -> Latency:
    same = [Message(echo, message.key, message.value, message.headers) for message in messages]
    return _settled(asyncio.run(journey(site.bootstrap, same, [echo], len(same), rate=rate)))


def _settled(arrivals: list[Arrival]) -> Latency:
    first = min(arrival.due for arrival in arrivals)
    settled = [arrival.seconds for arrival in arrivals if arrival.due - first >= _SETTLING_S * 1e6]
    return summary(settled)


def _messages(site: Site, rate: int, scale: Scale, seed: int) -> list[Message]:
    count = int(rate * (_SETTLING_S + scale.seconds))
    return list(submissions(site.book, count, seed=seed, start=now_us()))
