"""A small HTTP load generator: keep-alive connections, precomputed requests, exact latencies.

Closed loop (``requests`` as fast as ``connections`` allow) or open loop (``rate`` a second, latencies counted from the
moment at which a request was due, so that a stalled server cannot hide behind requests that were never sent).
"""

import asyncio
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from time import perf_counter

_LENGTH = b"content-length: "


@dataclass(slots=True)
class Load:
    """What came of a run; latencies in seconds, in order of completion."""

    seconds: float = 0.0
    latencies: list[float] = field(default_factory=list)
    codes: Counter[int] = field(default_factory=Counter)

    @property
    def rate(self) -> float:
        """Answers a second."""
        return len(self.latencies) / self.seconds

    def quantile(self, share: float) -> float:
        """The latency that this share of requests did not exceed."""
        ordered = sorted(self.latencies)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def request_bytes(method: str, path: str, body: bytes = b"", **headers: str) -> bytes:
    """A request as it goes over the wire; underscores in header names stand for dashes."""
    lines = [f"{method} {path} HTTP/1.1", "host: load", f"content-length: {len(body)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode() + body


async def run_load(
    host: str,
    port: int,
    make: Callable[[int], bytes],
    *,
    connections: int,
    requests: int,
    rate: float | None = None,
    load: Load | None = None,
) -> Load:
    """Sends ``make(0)``, ``make(1)``, … and waits for every answer; ``load`` is filled while it runs.

    Raises ConnectionError when the server closes a connection.
    """
    load, numbers = load or Load(), iter(range(requests))
    clients = [await _Client.connect(host, port) for _ in range(connections)]
    began = perf_counter()

    async def work(client: _Client) -> None:
        for number in numbers:
            due = began + number / rate if rate else perf_counter()
            if (pause := due - perf_counter()) > 0:
                await asyncio.sleep(pause)
            code = await client.send(make(number))
            load.latencies.append(perf_counter() - due)
            load.codes[code] += 1

    try:
        await asyncio.gather(*map(work, clients))
        load.seconds = perf_counter() - began
    finally:
        for client in clients:
            client.close()
    return load


class _Client(asyncio.Protocol):
    """One connection, one request at a time; knows just enough HTTP for answers with a Content-Length."""

    def __init__(self) -> None:
        self._buffer = b""
        self._answer: asyncio.Future[int] | None = None

    @classmethod
    async def connect(cls, host: str, port: int) -> "_Client":
        _, client = await asyncio.get_running_loop().create_connection(cls, host, port)
        return client

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # for TCP it is one
        self._transport = transport

    def connection_lost(self, exc: Exception | None) -> None:
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(exc or ConnectionResetError("closed before the answer was complete"))

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        end = self._buffer.find(b"\r\n\r\n")
        if end < 0:
            return
        at = self._buffer.find(_LENGTH, 0, end) + len(_LENGTH)
        length = int(self._buffer[at : self._buffer.index(b"\r\n", at)])
        if len(self._buffer) >= end + 4 + length and self._answer is not None:
            code, self._buffer = int(self._buffer[9:12]), b""
            self._answer.set_result(code)

    async def send(self, request: bytes) -> int:
        """The answer's status. Raises ConnectionError when there is none."""
        if self._transport.is_closing():
            raise ConnectionResetError("closed between two requests")
        self._answer = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        return await self._answer

    def close(self) -> None:
        self._transport.close()
