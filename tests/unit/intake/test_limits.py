import pytest
from starlette.types import Message, Receive

from services.intake.body import Disconnected, read_body
from services.intake.bucket import Bucket
from services.intake.budget import Budget
from services.intake.problems import Refused


def sending(*messages: Message) -> Receive:
    pending = list(messages)

    async def receive() -> Message:
        return pending.pop(0)

    return receive


def chunk(body: bytes, *, more: bool = True) -> Message:
    return {"type": "http.request", "body": body, "more_body": more}


async def read(receive: Receive, declared: bytes | None = None, *, most: int = 10, budget: int = 100) -> bytes:
    pot = Budget(budget)
    try:
        with pot.lease("portal") as lease:
            return await read_body(receive, declared, most, lease)
    finally:
        assert pot.used == 0


async def test_a_body_arrives_in_pieces() -> None:
    assert await read(sending(chunk(b"ab"), chunk(b""), chunk(b"c", more=False))) == b"abc"


async def test_a_declared_length_is_refused_before_anything_is_read() -> None:
    for declared in (b"11", b"9" * 10_000):
        with pytest.raises(Refused) as caught:
            await read(sending(), declared)
        assert caught.value.kind.status == 413


async def test_without_a_length_it_is_refused_with_the_first_byte_too_many() -> None:
    with pytest.raises(Refused) as caught:
        await read(sending(chunk(b"a" * 10), chunk(b"b")))
    assert caught.value.kind.status == 413


@pytest.mark.parametrize("declared", [b"", b"-1", b"1e3", "\u0661".encode(), b"\x00"])
async def test_a_length_that_is_no_number_is_malformed(declared: bytes) -> None:
    with pytest.raises(Refused) as caught:
        await read(sending(), declared)
    assert caught.value.kind.status == 400


async def test_nobody_is_answered_who_left() -> None:
    with pytest.raises(Disconnected):
        await read(sending(chunk(b"a"), {"type": "http.disconnect"}))


async def test_the_bytes_in_flight_are_bounded_declared_or_not() -> None:
    for receive, declared in ((sending(), b"9"), (sending(chunk(b"a" * 9)), None)):
        with pytest.raises(Refused) as caught:
            await read(receive, declared, budget=8)
        assert caught.value.kind.status == 503
        assert caught.value.retry_after


def test_leases_share_one_budget_and_give_back_what_they_held() -> None:
    budget = Budget(10)
    with budget.lease("a") as first:
        first.hold(6)
        first.hold(4)
        with budget.lease("b") as second, pytest.raises(Refused):
            second.hold(5)
        assert budget.used == 6
    assert budget.used == 0


def test_a_portal_leaves_the_others_some() -> None:
    budget = Budget(10)
    with budget.lease("a", 0.5) as first, budget.lease("a", 0.5) as second, budget.lease("b", 0.5) as other:
        first.hold(3)
        second.hold(2)
        with pytest.raises(Refused):
            second.hold(3)
        other.hold(5)
    with budget.lease("a", 0.5) as alone:
        alone.hold(8)


def test_a_bucket_lets_a_burst_pass_and_then_the_rate() -> None:
    bucket = Bucket(rate=2.0, burst=3.0, at=100.0)
    assert [bucket.take(100.0) for _ in range(3)] == [0.0, 0.0, 0.0]
    assert bucket.take(100.0) == pytest.approx(0.5)
    assert bucket.take(100.5) == 0.0
    assert bucket.take(100.5) > 0.0
    assert [bucket.take(200.0) for _ in range(3)] == [0.0, 0.0, 0.0]
    assert bucket.take(200.0) > 0.0
