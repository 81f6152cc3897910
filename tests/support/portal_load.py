"""Portal load: submissions over HTTP, each repeated with the same key until it has a 202; the ledger is a file."""

import asyncio
import random
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx2 as httpx

from tests.support.hurry import Order
from tests.support.intake import SUBMISSIONS, headers
from tests.support.load import steady

CONNECTIONS = 16
PAUSE_S = 0.1
"""Before the next attempt."""
_AGAIN = 0.03
"""The share that is submitted once more although it was accepted."""


@dataclass(slots=True)
class Portal:
    """``accepted`` hears of each case as soon as it has been acknowledged."""

    url: str
    orders: list[Order]
    ledger: Path
    accepted: Callable[[Order, str], None]
    answers: Counter[str] = field(default_factory=Counter)
    """What the attempts came to: status codes and broken connections."""

    async def submit(self, rate: float, count: int) -> None:
        """Returns when every single one has been acknowledged."""
        queue: asyncio.Queue[int] = asyncio.Queue()
        limits = httpx.Limits(max_connections=CONNECTIONS, max_keepalive_connections=CONNECTIONS)
        async with httpx.AsyncClient(base_url=self.url, timeout=None, limits=limits) as client:
            with self.ledger.open("a", encoding="ascii") as ledger:

                async def work() -> None:
                    while (number := await queue.get()) >= 0:
                        await self._one(client, number, ledger.write)

                async with asyncio.TaskGroup() as group:
                    for _ in range(CONNECTIONS):
                        group.create_task(work())
                    number = 0
                    async for _ in steady(rate, count / rate):
                        queue.put_nowait(number)
                        number += 1
                    for _ in range(CONNECTIONS):
                        queue.put_nowait(-1)

    async def _one(self, client: httpx.AsyncClient, number: int, write: Callable[[str], object]) -> None:
        key, order = f"order-{number}", self._order(number)
        case_id = await self._accepted(client, key, order)
        write(f"{number} {case_id}\n")
        self.accepted(order, case_id)
        if random.random() < _AGAIN:
            assert await self._accepted(client, key, order) == case_id

    def acknowledged(self) -> Iterator[tuple[Order, str]]:
        """What the ledger says: each order with its case."""
        for line in self.ledger.read_text(encoding="ascii").splitlines():
            number, case_id = line.split()
            yield self._order(int(number)), case_id

    def _order(self, number: int) -> Order:
        return self.orders[number % len(self.orders)]

    async def _accepted(self, client: httpx.AsyncClient, key: str, order: Order) -> str:
        while True:
            try:
                answer = await client.post(SUBMISSIONS, content=order.body, headers=headers(key))
            except httpx.TransportError as error:
                self.answers[type(error).__name__] += 1
            else:
                self.answers[str(answer.status_code)] += 1
                if answer.status_code == httpx.codes.ACCEPTED:
                    return str(answer.json()["case_id"])
                assert answer.status_code == httpx.codes.SERVICE_UNAVAILABLE, answer.text
            await asyncio.sleep(PAUSE_S)
