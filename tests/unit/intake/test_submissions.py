import asyncio
from collections.abc import Awaitable

import orjson
import pytest

from connectors.portal import translate
from schemas.errors import Reason, Rejected, Unavailable
from schemas.kochbuch import Kochbuch
from schemas.submission import Acceptance
from schemas.topics import CASE_REQUESTS, SUBMISSION_KEYS
from services.intake.kinds import KEY_REUSED
from services.intake.memory import Memory
from services.intake.problems import Refused
from services.intake.submissions import Receipt, Submissions
from tests.support.book import LARGE, SMALL
from tests.support.intake import BODY, HeldPublisher

NOW = 1_800_000_000_000_000
FIRST, OTHER = orjson.dumps(BODY), orjson.dumps(BODY | {"form": LARGE})
REORDERED = orjson.dumps(
    dict(reversed(BODY.items())) | {"form": dict(reversed(SMALL.items()))}, option=orjson.OPT_INDENT_2
)


class Bench:
    def __init__(self, book: Kochbuch) -> None:
        self.publisher, self.broken = HeldPublisher(), list[BaseException]()
        self.submissions = Submissions(translate, Acceptance(book), self.publisher, Memory(100), self.broken.append)

    def submit(self, body: bytes = FIRST, key: str = "1", portal: str = "portal") -> Awaitable[Receipt]:
        return self.submissions.submit(body, portal, key, NOW)

    async def begin(self, body: bytes = FIRST, key: str = "1") -> "asyncio.Task[Receipt]":
        task = asyncio.ensure_future(self.submissions.submit(body, "portal", key, NOW))
        await asyncio.sleep(0)
        return task


@pytest.fixture
def bench(book: Kochbuch) -> Bench:
    return Bench(book)


async def test_nobody_hears_of_it_before_the_broker_has_acknowledged(bench: Bench) -> None:
    waiting = await bench.begin()
    for _ in range(10):
        await asyncio.sleep(0)
    assert not waiting.done()
    bench.publisher.released.set()
    assert (await waiting).repeated is False


async def test_submission_and_key_go_together(bench: Bench) -> None:
    bench.publisher.released.set()
    receipt = await bench.submit()
    (messages,) = bench.publisher.published
    assert [message.topic for message in messages] == [CASE_REQUESTS, SUBMISSION_KEYS]
    assert [message.key for message in messages] == [str(receipt.case_id).encode()] * 2


async def test_the_same_at_once_is_published_once_and_gets_one_answer(bench: Bench) -> None:
    tasks = [await bench.begin(body) for body in (FIRST, FIRST, REORDERED)]
    bench.publisher.released.set()
    receipts = await asyncio.gather(*tasks)
    assert len({(receipt.case_id, receipt.reference) for receipt in receipts}) == 1
    assert [receipt.repeated for receipt in receipts] == [False, True, True]
    assert len(bench.publisher.published) == 1


async def test_the_same_again_later_is_not_published_again(bench: Bench) -> None:
    bench.publisher.released.set()
    first, again = await bench.submit(), await bench.submit(REORDERED)
    assert (again.case_id, again.reference, again.repeated) == (first.case_id, first.reference, True)
    assert len(bench.publisher.published) == 1


async def test_other_content_under_the_key_is_refused_while_the_first_is_on_its_way_and_afterwards(
    bench: Bench,
) -> None:
    waiting = await bench.begin()
    for _ in range(2):
        with pytest.raises(Refused) as caught:
            await bench.submit(OTHER)
        assert caught.value.kind is KEY_REUSED
        bench.publisher.released.set()
        await waiting
    assert len(bench.publisher.published) == 1


async def test_a_key_belongs_to_its_portal(bench: Bench) -> None:
    bench.publisher.released.set()
    first, second = await bench.submit(), await bench.submit(OTHER, portal="other")
    assert first.case_id != second.case_id


async def test_an_unknown_outcome_is_told_to_all_who_wait_and_binds_the_key(bench: Bench) -> None:
    bench.publisher.error = Unavailable("away")
    tasks = [await bench.begin() for _ in range(3)]
    bench.publisher.released.set()
    assert all(isinstance(each, Unavailable) for each in await asyncio.gather(*tasks, return_exceptions=True))
    assert not bench.broken
    with pytest.raises(Refused):
        await bench.submit(OTHER)
    bench.publisher.error = None
    assert (await bench.submit()).repeated is False


async def test_what_no_batch_can_hold_is_refused_and_leaves_the_key_free(bench: Bench) -> None:
    bench.publisher.error = Rejected(Reason.OVERSIZE, "large")
    tasks = [await bench.begin() for _ in range(2)]
    bench.publisher.released.set()
    assert all(isinstance(each, Rejected) for each in await asyncio.gather(*tasks, return_exceptions=True))
    bench.publisher.error = None
    assert (await bench.submit(OTHER)).repeated is False


async def test_a_publisher_that_breaks_its_contract_ends_the_process(bench: Bench) -> None:
    bench.publisher.error = RuntimeError("sequence lost")
    leader, follower = await bench.begin(), await bench.begin()
    bench.publisher.released.set()
    with pytest.raises(RuntimeError):
        await leader
    with pytest.raises(Unavailable):
        await follower
    assert bench.broken == [bench.publisher.error]


async def test_who_gives_up_takes_nobody_along(bench: Bench) -> None:
    leader, impatient, patient = [await bench.begin() for _ in range(3)]
    impatient.cancel()
    bench.publisher.released.set()
    assert (await leader).case_id == (await patient).case_id
    with pytest.raises(asyncio.CancelledError):
        await impatient


async def test_a_cancelled_leader_leaves_nobody_waiting(bench: Bench) -> None:
    leader, follower = await bench.begin(), await bench.begin()
    leader.cancel()
    with pytest.raises(Unavailable):
        await follower
    assert not bench.broken


async def test_only_the_portal_that_submitted_finds_its_case(bench: Bench) -> None:
    bench.publisher.released.set()
    receipt = await bench.submit()
    found = bench.submissions.find(receipt.case_id, "portal")
    assert found is not None
    assert (found.reference, found.accepted_at) == (receipt.reference, NOW)
    assert bench.submissions.find(receipt.case_id, "other") is None


async def test_what_was_never_acknowledged_is_not_found(bench: Bench) -> None:
    bench.publisher.error = Unavailable("away")
    bench.publisher.released.set()
    with pytest.raises(Unavailable):
        await bench.submit()
    bench.publisher.error = None
    receipt = await bench.submit(key="2")
    assert bench.submissions.find(receipt.case_id, "portal")
    assert len(bench.publisher.published) == 2
