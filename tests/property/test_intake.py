"""Whatever arrives, intake answers with 202 or 4xx, and publishes only what it accepted."""

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path

import orjson
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from starlette.types import Message

from schemas.topics import CASE_REQUESTS
from services.intake.bucket import Bucket
from services.intake.language import preferred
from services.intake.memory import DAY, Known, Memory
from tests.support.book import small_book
from tests.support.intake import BODY, KEY, SUBMISSIONS, Desk, open_desk

GOOD = orjson.dumps(BODY)
Headers = list[tuple[bytes, bytes]]
Send = Callable[[bytes, Headers], int]
HEADERS: Headers = [(b"x-api-key", KEY.encode()), (b"content-type", b"application/json")]

scalars = st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.floats(allow_nan=False) | st.text()
documents = st.recursive(scalars, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=20)
names = st.sampled_from(
    [b"authorization", b"x-api-key", b"idempotency-key", b"content-type", b"content-encoding", b"content-length"]
)
mutations = st.tuples(st.integers(0, len(GOOD)), st.integers(0, 3), st.binary(max_size=4))


@pytest.fixture(scope="module")
def send(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Send]:
    """Sends one request straight into the application; every idempotency key is new."""
    folder: Path = tmp_path_factory.mktemp("intake")
    numbers = iter(range(1_000_000))
    with asyncio.Runner() as runner:
        context = open_desk(folder, small_book(folder), portal_rate=1e9, portal_burst=1e9)
        desk = runner.run(context.__aenter__())
        yield lambda body, headers: runner.run(post(desk, body, headers, next(numbers)))
        runner.run(context.__aexit__(None, None, None))


async def post(desk: Desk, body: bytes, headers: Headers, number: int) -> int:
    before, status = len(desk.bus.records(CASE_REQUESTS)), 0

    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Message) -> None:
        nonlocal status
        status = message.get("status", status)

    all_headers = [*headers, (b"idempotency-key", b"n-%d" % number)]
    scope = {"type": "http", "path": SUBMISSIONS, "method": "POST", "headers": all_headers}
    await desk.intake.app(scope, receive, send)
    assert len(desk.bus.records(CASE_REQUESTS)) == before + (status == 202)
    return status


def is_answer(status: int) -> bool:
    return status == 202 or 400 <= status < 500


@given(st.binary())
@example(b"\x00")
@example(b'{"form":')
def test_bytes(send: Send, body: bytes) -> None:
    assert is_answer(send(body, HEADERS))


@given(documents)
def test_json(send: Send, document: object) -> None:
    assert is_answer(send(orjson.dumps(document), HEADERS))


@given(st.dictionaries(st.sampled_from([*BODY["form"], "weight_kg", "iban", "dog"]), documents), documents)
def test_forms(send: Send, form: dict[str, object], applied_on: object) -> None:
    body = BODY | {"form": BODY["form"] | form, "applied_on": applied_on}
    assert is_answer(send(orjson.dumps(body), HEADERS))


@given(st.lists(mutations, min_size=1, max_size=4))
def test_damaged_submissions(send: Send, damage: list[tuple[int, int, bytes]]) -> None:
    body = GOOD
    for at, dropped, inserted in damage:
        body = body[:at] + inserted + body[at + dropped :]
    assert is_answer(send(body, HEADERS))


@given(st.lists(st.tuples(names, st.binary(max_size=40)), max_size=4))
def test_headers(send: Send, headers: Headers) -> None:
    assert is_answer(send(GOOD, [*HEADERS, *headers]))


@given(st.binary())
def test_any_accept_language_leads_to_one_of_two(header: bytes) -> None:
    assert preferred(header) in {"de", "en"}


@given(st.integers(2, 20), st.lists(st.tuples(st.integers(0, 30), st.integers(0, DAY)), max_size=200))
def test_the_memory_is_bounded_and_knows_the_latest(limit: int, steps: list[tuple[int, int]]) -> None:
    memory, now, latest = Memory(limit), DAY, list[bytes]()
    for number, pause in steps:
        now += pause
        case_id, known = b"%d" % number, Known(b"d" * 16, "portal", "DN-1", now)
        memory.remember(case_id, known, now)
        latest = [each for each in latest if each != case_id] + [case_id]
        assert len(memory) <= limit
        assert memory.recall(case_id) == known
    if steps and sum(pause for _, pause in steps) < DAY:
        assert all(memory.recall(case_id) for case_id in latest[-(limit // 2) :])


@given(st.floats(0.1, 1000), st.integers(1, 50), st.lists(st.floats(0, 2), max_size=100))
def test_a_bucket_never_grants_more_than_it_holds(rate: float, burst: int, pauses: list[float]) -> None:
    bucket, at, granted = Bucket(rate, burst, 0.0), 0.0, 0
    for pause in pauses:
        at += pause
        wait = bucket.take(at)
        granted += not wait
        assert granted <= burst + at * rate + 1e-6
        if wait:
            at += wait * 1.001
            assert bucket.take(at) == 0.0
            granted += 1
