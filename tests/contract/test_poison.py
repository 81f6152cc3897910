"""Bad records never stop a partition: each becomes one dead letter with its own bytes, and the next case goes on."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.kochbuch import Kochbuch
from schemas.message import Message
from schemas.topics import CASE_REQUESTS, DEAD_LETTERS, ROUTER_STATE
from services.router.processor import Router
from services.runtime.memory import MemoryBus
from tests.support.book import small_book
from tests.support.poison import corpus, good, message

NOW = 1_772_000_001_000_000


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Kochbuch:
    return small_book(tmp_path_factory.mktemp("book"))


def routed(book: Kochbuch, messages: list[Message]) -> MemoryBus:
    bus = MemoryBus(partitions=1, now=NOW)
    bus.write(messages)
    bus.run(Router(book), group="router", topic=CASE_REQUESTS, state=ROUTER_STATE, now=NOW)
    return bus


def test_each_of_the_corpus_is_one_dead_letter_and_the_others_arrive(book: Kochbuch) -> None:
    poisons = corpus(book)
    messages = [record for n, poison in enumerate(poisons) for record in (message(poison), good(book, n))]
    bus = routed(book, messages)
    letters = bus.records(DEAD_LETTERS)
    found = [
        (poison.name, (letter.header("dl_reason") or b"").decode())
        for poison, letter in zip(poisons, letters, strict=True)
    ]
    assert found == [(poison.name, poison.reason.value) for poison in poisons]
    assert [letter.value for letter in letters] == [poison.value or b"" for poison in poisons]
    assert [letter.key for letter in letters] == [poison.key for poison in poisons]
    assert len(bus.records("department.town.taxes")) == len(poisons)


def test_the_place_of_each_is_known(book: Kochbuch) -> None:
    bus = routed(book, [message(poison) for poison in corpus(book)])
    offsets = [int(letter.header("dl_offset") or b"-1") for letter in bus.records(DEAD_LETTERS)]
    assert offsets == list(range(len(corpus(book))))


@given(data=st.binary(max_size=400), key=st.none() | st.binary(max_size=40))
@settings(max_examples=200)
def test_whatever_stands_on_the_topic_the_router_goes_on(data: bytes, key: bytes | None, book: Kochbuch) -> None:
    framed = book.services["99102013104000"].submission.frame + data
    bus = routed(
        book, [Message(CASE_REQUESTS, key, data, [], 0), Message(CASE_REQUESTS, key, framed, [], 0), good(book)]
    )
    assert len(bus.records("department.town.taxes")) >= 1
    assert len(bus.records(DEAD_LETTERS)) >= 1


def test_no_detail_shows_what_people_wrote(book: Kochbuch) -> None:
    for letter in routed(book, [message(poison) for poison in corpus(book)]).records(DEAD_LETTERS):
        outside = b"".join(value for _, value in letter.headers)
        assert b"Muster" not in outside
        assert letter.header("dl_detail")
