"""Journey: messages sent at a steady rate, and how long until each of their results could be read committed."""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass

from aiokafka import AIOKafkaConsumer

from schemas.message import Message
from tests.support.load import SENT_AT, now_us, producer, steady, tail

_PATIENCE_S = 60.0


@dataclass(frozen=True, slots=True)
class Arrival:
    """One result: when its cause should have been sent, µs since the epoch, and how many seconds later it came."""

    due: int
    seconds: float


async def journey(
    bootstrap: str,
    messages: Sequence[Message],
    outputs: Sequence[str],
    expected: int,
    *,
    rate: float,
    meanwhile: Callable[[], Coroutine[None, None, None]] | None = None,
) -> list[Arrival]:
    """Sends all messages at ``rate`` a second and waits for ``expected`` results; ``meanwhile`` runs beside it.

    Time counts from the moment at which a message was due: a sender that is held up makes nothing look faster.
    """
    arrivals: list[Arrival] = []
    async with tail(bootstrap, *outputs) as reader, producer(bootstrap) as client:
        await reader.seek_to_end()
        ours = frozenset(message.key for message in messages)
        collecting = asyncio.create_task(_collect(reader, ours, expected, arrivals))
        beside = asyncio.create_task(meanwhile()) if meanwhile else None
        waiting = iter(messages)
        async for due in steady(rate, len(messages) / rate):
            message = next(waiting)
            headers = [header for header in message.headers if header[0] != SENT_AT]
            await client.send(message.topic, message.value, key=message.key, headers=[*headers, (SENT_AT, b"%d" % due)])
        if collecting not in (await asyncio.wait({collecting}, timeout=_PATIENCE_S))[0]:
            collecting.cancel()
            raise TimeoutError(
                f"{len(arrivals)} of {expected} results within {_PATIENCE_S:.0f} s after the last message"
            )
        await collecting
        if beside is not None:
            await beside
    return arrivals


async def _collect(
    reader: AIOKafkaConsumer, ours: frozenset[bytes | None], expected: int, arrivals: list[Arrival]
) -> None:
    while len(arrivals) < expected:
        for records in (await reader.getmany(timeout_ms=1000)).values():
            now = now_us()
            for record in records:
                due = next((int(value) for name, value in record.headers if name == SENT_AT), None)
                if due is not None and record.key in ours:
                    arrivals.append(Arrival(due, (now - due) / 1e6))
