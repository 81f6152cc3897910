import asyncio

import pytest
from starlette.types import Receive, Scope, Send

from services.intake.answer import Answer, send_answer
from services.runtime.health import serve
from services.runtime.ports import listen
from tests.support.http_load import request_bytes, run_load


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    body = (await receive())["body"]
    await send_answer(Answer(404 if scope["path"] == "/missing" else 200, body * 1000), send)


def make(number: int) -> bytes:
    return request_bytes("POST", "/missing" if number % 5 == 0 else "/", b"%d" % number, x_api_key="k")


async def test_every_request_is_sent_once_and_counted_by_its_answer() -> None:
    async with serve(app, listen("127.0.0.1", 0, "PORT")) as port:
        load = await run_load("127.0.0.1", port, make, connections=4, requests=100)
    assert load.codes == {200: 80, 404: 20}
    assert len(load.latencies) == 100
    assert 0 < load.quantile(0.5) <= load.quantile(0.99) <= load.seconds
    assert load.rate == pytest.approx(100 / load.seconds)


async def test_an_open_loop_counts_the_time_that_a_request_waited_to_be_sent() -> None:
    async def stalling(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"] == "/missing":
            await asyncio.sleep(0.1)
        await app(scope, receive, send)

    async with serve(stalling, listen("127.0.0.1", 0, "PORT")) as port:
        load = await run_load("127.0.0.1", port, make, connections=1, requests=5, rate=1000)
    assert min(load.latencies) > 0.09
    assert load.seconds >= 0.1
