"""Load: records at a steady rate, and how long they take; numbers for tests and for the benchmark.

Everything is measured from the moment at which a record *should* have been sent, so that a producer that is held up
does not make the system look faster than it is.
"""

import asyncio
import os
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from schemas.message import Message, partition_for

SENT_AT = "received_at"
"""The header that carries the due time, in microseconds, from input to output."""

_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Latency:
    """Seconds from due time to arrival behind the stage."""

    count: int
    p50: float
    p95: float
    p99: float
    worst: float

    def __str__(self) -> str:
        p50, p95, p99, worst = (f"{value * 1000:.1f}" for value in (self.p50, self.p95, self.p99, self.worst))
        return f"{self.count} records, p50 {p50} ms, p95 {p95} ms, p99 {p99} ms, worst {worst} ms"


def summary(seconds: list[float]) -> Latency:
    """Percentiles by nearest rank."""
    ordered = sorted(seconds)

    def rank(share: float) -> float:
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))]

    return Latency(len(ordered), rank(0.50), rank(0.95), rank(0.99), ordered[-1])


def cpu_seconds(pid: int) -> float:
    """User and system time of a process so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def resident_bytes(pid: int) -> int:
    """Memory of a process that is not shared out by swapping."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def now_us() -> int:
    """Microseconds since the epoch."""
    return time.time_ns() // 1000


@asynccontextmanager
async def producer(bootstrap: str) -> AsyncIterator[AIOKafkaProducer]:
    """An idempotent producer for tests; its acknowledgements are the promise that the checker holds us to."""
    client = AIOKafkaProducer(
        bootstrap_servers=bootstrap,
        enable_idempotence=True,
        acks="all",
        linger_ms=1,
        max_batch_size=256 << 10,
        request_timeout_ms=600_000,
        partitioner=lambda key, partitions, _available: partitions[partition_for(key or b"", len(partitions))],
    )
    await client.start()
    try:
        yield client
    finally:
        await client.stop()


@asynccontextmanager
async def tail(bootstrap: str, *topics: str) -> AsyncIterator[AIOKafkaConsumer]:
    """A read_committed reader of whole topics, without a group."""
    client = AIOKafkaConsumer(
        *topics,
        bootstrap_servers=bootstrap,
        isolation_level="read_committed",
        auto_offset_reset="earliest",
        fetch_max_wait_ms=100,
    )
    await client.start()
    try:
        yield client
    finally:
        await client.stop()


async def steady(rate: float, seconds: float) -> AsyncIterator[int]:
    """Yields the due time of each record, in microseconds, at ``rate`` a second; late ones follow at once."""
    start = time.time()
    for index in range(int(rate * seconds)):
        due = start + index / rate
        if (rest := due - time.time()) > 0:
            await asyncio.sleep(rest)
        yield int(due * 1e6)


async def latency_through(
    bootstrap: str,
    make: Callable[[int], Message],
    output: str,
    *,
    rate: float,
    seconds: float,
    warm_up: float = 2.0,
) -> Latency:
    """Sends ``make(i)`` at ``rate`` and waits for one record on ``output`` for each; the first seconds do not count."""
    taken: list[float] = []
    total = int(rate * (warm_up + seconds))
    async with tail(bootstrap, output) as reader, producer(bootstrap) as client:
        await reader.seek_to_end()
        collecting = asyncio.create_task(_collect(reader, total, taken))
        index = 0
        async for due in steady(rate, warm_up + seconds):
            message = make(index)
            headers = [*message.headers, (SENT_AT, b"%d" % due)]
            await client.send(message.topic, message.value, key=message.key, headers=headers)
            index += 1
        await asyncio.wait_for(collecting, 60)
    return summary(taken[int(rate * warm_up) :])


async def _collect(reader: AIOKafkaConsumer, total: int, taken: list[float]) -> None:
    while len(taken) < total:
        for records in (await reader.getmany(timeout_ms=1000)).values():
            arrived = now_us()
            for record in records:
                due = next((int(value) for name, value in record.headers if name == SENT_AT), None)
                if due is not None:
                    taken.append((arrived - due) / 1e6)
