import asyncio
from collections.abc import AsyncIterator

import orjson
import pytest
from starlette.types import Receive, Scope, Send

from services.intake import protocol
from services.intake.answer import Answer, send_answer
from services.intake.protocol import PatientProtocol
from services.runtime.health import serve
from services.runtime.ports import listen

GET = b"GET / HTTP/1.1\r\nhost: x\r\n\r\n"


async def app(_scope: Scope, _receive: Receive, send: Send) -> None:
    await send_answer(Answer(200, b"{}"), send)


@pytest.fixture
async def port() -> AsyncIterator[int]:
    async with serve(app, listen("127.0.0.1", 0, "PORT"), protocol=PatientProtocol) as port:
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


@pytest.mark.parametrize("parts", [[], [b"GET / HT"], [GET, b"GET / HTTP/1.1\r\nhost:"]])
async def test_a_head_that_does_not_come_closes_the_connection(
    port: int, parts: list[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(protocol, "HEAD_SECONDS", 0.05)
    answer = await say(port, *parts)
    assert answer.count(b"HTTP/1.1 200 OK") == (GET in parts)


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


async def test_a_refused_body_without_end_is_not_read_for_ever(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol, "HEAD_SECONDS", 0.05)
    chunk = b"1000\r\n" + b"a" * 4096 + b"\r\n"
    _, writer = await asyncio.open_connection("127.0.0.1", port)
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
