import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from time import perf_counter

import orjson
import pytest
from starlette.types import ASGIApp, Receive, Scope, Send

from services.intake.answer import Answer, send_answer
from services.intake.protocol import WAS_TOO_SLOW, PatientProtocol
from services.runtime.health import serve
from services.runtime.ports import listen

GET = b"GET / HTTP/1.1\r\nhost: x\r\n\r\n"


async def app(_scope: Scope, _receive: Receive, send: Send) -> None:
    await send_answer(Answer(200, b"{}"), send)


async def reading_app(scope: Scope, receive: Receive, send: Send) -> None:
    while (message := await receive()).get("more_body"):
        pass
    if message["type"] == "http.request":
        await send_answer(Answer(200, b"{}"), send)
    else:
        assert scope[WAS_TOO_SLOW]


@asynccontextmanager
async def serving(app: ASGIApp, seconds: float = 10.0) -> AsyncIterator[int]:
    protocol = partial(PatientProtocol, seconds=seconds)
    async with serve(app, listen("127.0.0.1", 0, "PORT"), protocol=protocol) as port:
        yield port


@pytest.fixture
async def port() -> AsyncIterator[int]:
    async with serving(app) as port:
        yield port


@pytest.fixture
async def hasty_port() -> AsyncIterator[int]:
    async with serving(app, seconds=0.05) as port:
        yield port


async def say(port: int, *parts: bytes) -> bytes:
    """What the server answers until it closes the connection."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        for part in parts:
            writer.write(part)
            await writer.drain()
        async with asyncio.timeout(10):
            return await reader.read()
    except ConnectionError:
        return b""
    finally:
        writer.close()


@pytest.mark.parametrize("parts", [[], [b"GET / HT"]])
async def test_a_head_that_does_not_come_closes_the_connection(hasty_port: int, parts: list[bytes]) -> None:
    assert await say(hasty_port, *parts) == b""


async def test_neither_does_a_second_one(hasty_port: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", hasty_port)
    writer.write(GET)
    assert (await reader.readuntil(b"{}")).startswith(b"HTTP/1.1 200")
    writer.write(b"GET / HTTP/1.1\r\nhost:")
    async with asyncio.timeout(2):  # uvicorn's own patience is five seconds
        assert await reader.read() == b""
    writer.close()


async def test_no_answer_waits_for_the_clients_next_packet(port: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    began = perf_counter()
    for _ in range(50):
        writer.write(GET)
        await reader.readuntil(b"{}")
    assert perf_counter() - began < 50 * 0.03  # with Nagle's algorithm and delayed acknowledgements 40 ms each
    writer.close()


async def test_a_head_without_end_is_refused(port: int) -> None:
    answer = await say(port, b"GET / HTTP/1.1\r\n", *(b"x-%d: %b\r\n" % (n, b"a" * 1000) for n in range(200)))
    assert answer == b"" or answer.startswith(b"HTTP/1.1 400 Bad Request")


async def test_a_second_head_without_end_is_refused_as_well(port: int) -> None:
    answer = await say(port, GET, b"GET / HTTP/1.1\r\n", *(b"x-%d: %b\r\n" % (n, b"a" * 1000) for n in range(200)))
    assert b"HTTP/1.1 200 OK" not in answer[20:]


@pytest.mark.parametrize(
    "nonsense", [b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", b"nonsense\r\n\r\n", b"GET /\xff HTTP/1.1\r\n\r\n"]
)
async def test_what_is_no_http_gets_a_problem(port: int, nonsense: bytes) -> None:
    head, _, body = (await say(port, nonsense)).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 400 Bad Request")
    assert b"application/problem+json" in head
    assert orjson.loads(body)["type"].endswith("#malformed-http")


async def test_the_rest_of_a_refused_body_is_read_so_that_the_answer_arrives(port: int) -> None:
    body = b"a" * 3_000_000
    head = b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: %d\r\n\r\n" % len(body)
    answer = await say(port, head, body, GET.replace(b"\r\n\r\n", b"\r\nconnection: close\r\n\r\n"))
    assert answer.count(b"HTTP/1.1 200 OK") == 2


@pytest.mark.parametrize(
    "parts",
    [
        [b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 3\r\n\r\n", b"a"],
        [b"POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n", b"1\r\na\r\n"],
        [b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 3\r\nexpect: 100-continue\r\n\r\n"],
    ],
)
async def test_a_body_that_does_not_come_is_answered_with_408(parts: list[bytes]) -> None:
    async with serving(reading_app, seconds=0.05) as port:
        answer = (await say(port, *parts)).removeprefix(b"HTTP/1.1 100 Continue\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 408 Request Timeout")
    assert b"connection: close" in answer
    assert orjson.loads(answer.partition(b"\r\n\r\n")[2])["type"].endswith("#too-slow")


async def test_a_slow_answer_is_not_the_clients_fault() -> None:
    released = asyncio.Event()

    async def slow_app(scope: Scope, receive: Receive, send: Send) -> None:
        await released.wait()
        await app(scope, receive, send)

    async with serving(slow_app, seconds=0.01) as port:
        asyncio.get_running_loop().call_later(0.1, released.set)
        assert (await say(port, GET.replace(b"\r\n\r\n", b"\r\nconnection: close\r\n\r\n"))).startswith(b"HTTP/1.1 200")


async def test_a_refused_body_without_end_is_not_read_for_ever(hasty_port: int) -> None:
    chunk = b"1000\r\n" + b"a" * 4096 + b"\r\n"
    _, writer = await asyncio.open_connection("127.0.0.1", hasty_port)
    writer.write(b"POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n")

    async def trickle() -> None:
        while True:
            writer.write(chunk)
            await writer.drain()
            await asyncio.sleep(0)

    with pytest.raises(ConnectionError):
        async with asyncio.timeout(10):
            await trickle()
    writer.close()
