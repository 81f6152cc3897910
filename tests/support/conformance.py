"""What every connector must keep. Written once, for all that are in the registry now and later.

A check takes one example of a connector and an empty folder, and fails with an AssertionError.
"""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any
from unittest import mock

import orjson

from connectors.base import Delivery, Inlet, Item, Mark, Raw
from schemas.errors import Rejected, Unavailable
from schemas.kochbuch import Kochbuch
from schemas.message import Message
from schemas.submission import Acceptance, Submission
from services.importer.core import drain
from services.importer.draining import Draining
from services.importer.position import Progress
from services.runtime.bus import Source
from services.runtime.memory import MemoryBus
from tests.support.conformance_keeping import (
    an_outage_is_unavailable,
    an_outage_while_it_is_taken_is_unavailable,
    what_is_done_is_kept,
    what_is_paused_stays_until_a_person_acts,
)
from tests.support.connector_examples import RECEIVED_AT, Example, comparable, described, outcome_of, records, taken

NONSENSE = (
    b"",
    b"\x00" * 40,
    b"\xff\xfe\xfa" * 20,
    b"[" * 100_000,
    b'{"a":' * 5_000,
    b"x" * 2_000_000,
    b'"' * 30_001,
    b"\r\n\r\n\x1a",
)


def examples_translate_as_expected(example: Example, book: Kochbuch, root: Path) -> None:
    expected = orjson.loads((example.folder / "expected.json").read_bytes())
    assert described(example, book, root) == expected
    assert any("form" in record for record in expected), "an example without one good record shows nothing"


def submissions_survive_encoding(example: Example, book: Kochbuch, root: Path) -> None:
    acceptance = Acceptance(book)
    for raw, content, _ in records(example, root):
        if isinstance(content, Submission) and (accepted := _accepted(acceptance, content)):
            _, record = book.codec.decode(accepted.value)
            assert (record["service"], record["municipality"]) == (content.service, content.municipality)
            assert record["received_at"] == raw.received_at
            assert record["form"]


def _accepted(acceptance: Acceptance, submission: Submission) -> Message | None:
    try:
        return acceptance.accept(submission).message
    except Rejected:
        return None


def the_source_is_stamped_and_origins_differ(example: Example, book: Kochbuch, root: Path) -> None:
    del book
    found = [content for _, content, _ in records(example, root) if isinstance(content, Submission)]
    assert {content.source for content in found} == {example.source}
    assert len({content.origin for content in found}) == len(found)


def one_record_alone_gives_the_same(example: Example, book: Kochbuch, root: Path) -> None:
    """So that a dead letter can be translated again without the file that it stood in."""
    del book
    translate = example.connector.translator(example.config, example.source)
    for raw, content, place in records(example, root):
        again = outcome_of(lambda raw=raw: translate(raw))  # type: ignore[misc]
        assert comparable(again) == comparable(content), place


def translating_is_pure(example: Example, book: Kochbuch, root: Path) -> None:
    del book
    translate = example.connector.translator(example.config, example.source)
    for raw, _, _ in records(example, root):
        first = outcome_of(lambda raw=raw: translate(raw))  # type: ignore[misc]
        with _no_outside():
            second = outcome_of(lambda raw=raw: translate(raw))  # type: ignore[misc]
        assert comparable(first) == comparable(second)
        assert isinstance(first, Rejected) or first.received_at == raw.received_at


@contextmanager
def _no_outside() -> Iterator[None]:
    def forbidden(*_: object, **__: object) -> None:
        raise AssertionError("a translator asks nobody: no clock, no file, no network")

    with ExitStack() as stack:
        for name in ("builtins.open", "io.open", "os.open", "socket.socket", "time.time", "time.time_ns"):
            stack.enter_context(mock.patch(name, forbidden))
        yield


def nonsense_is_rejected(example: Example, book: Kochbuch, root: Path) -> None:
    acceptance = Acceptance(book)
    translate = example.connector.translator(example.config, example.source)
    good = next(raw for raw, content, _ in records(example, root) if isinstance(content, Submission))
    surely = (*NONSENSE, good.data[: len(good.data) // 2], good.data * 2)
    for data in surely:
        assert not _accepts(translate, acceptance, data), f"accepted: {data[:40]!r}"
    for place in range(0, len(good.data), 3):
        for damage in (b"\x00", b"\xff", b'"', b"\n", b"\xed\xa0\x80"):
            _accepts(translate, acceptance, good.data[:place] + damage + good.data[place + 1 :])


def _accepts(translate: Callable[[Raw], Submission], acceptance: Acceptance, data: bytes) -> bool:
    """False when rejected; every other exception is the finding."""
    try:
        acceptance.accept(translate(Raw(data, "origin", RECEIVED_AT)))
    except Rejected:
        return False
    return True


def reading_goes_on_at_every_mark(example: Example, book: Kochbuch, root: Path) -> None:
    del book
    example.arrive(root)
    inlet = example.inlet(root)
    delivery = taken(inlet)
    whole = [_item(item) for item in inlet.read(delivery, (), RECEIVED_AT)]
    marks: list[Mark] = [item.after for item in inlet.read(delivery, (), RECEIVED_AT)]
    for number, mark in enumerate(marks, start=1):
        rest = [_item(item) for item in inlet.read(delivery, mark, RECEIVED_AT)]
        assert rest == whole[number:], f"after record {number}"


def _item(item: Item) -> tuple[object, ...]:
    return (comparable(item.content), item.raw, item.place, tuple(item.after))


def done_is_said_only_when_all_is_durable(example: Example, book: Kochbuch, root: Path) -> None:
    example.arrive(root)
    bus, said = MemoryBus(available=False), list[str]()
    inlet = _Listening(example.inlet(root), said)
    with suppress(Unavailable):
        asyncio.run(_until_empty(_draining(example, inlet, bus, book)))
    assert not said, "done is said while the broker is away"
    bus.available = True
    asyncio.run(_until_empty(_draining(example, inlet, bus, book, listener=said)))
    assert said[-1] == "done", said
    assert len(said) > 2
    assert "done" not in said[:-1], said


def a_kill_at_any_moment_loses_and_doubles_nothing(example: Example, book: Kochbuch, root: Path) -> None:
    expected = _undisturbed(example, book, root / "calm")
    for moment in range(40):
        bus, place = MemoryBus(), root / f"kill-{moment}"
        example.arrive(place)
        try:
            asyncio.run(_until_empty(_draining(example, example.inlet(place), bus, book, kill_at=moment)))
        except _KilledError:
            asyncio.run(_until_empty(_draining(example, example.inlet(place), bus, book)))
        else:
            assert moment > 1, "no kill happened at all"
            return
        assert _written(bus) == expected, f"killed at moment {moment}"
    raise AssertionError("the delivery never ends")


def the_same_content_again_sends_nothing(example: Example, book: Kochbuch, root: Path) -> None:
    bus = MemoryBus()
    example.arrive(root)
    asyncio.run(_until_empty(_draining(example, example.inlet(root), bus, book)))
    once = _written(bus)
    example.arrive(root)
    asyncio.run(_until_empty(_draining(example, example.inlet(root), bus, book)))
    assert _written(bus) == once
    again = example.inlet(root)
    assert all(again.poll(second) is None for second in range(10)), "the repeat is still waiting"


def every_batch_ends_where_the_next_begins(example: Example, book: Kochbuch, root: Path) -> None:
    """The marks that are committed are marks of records; the number of messages is the number of records."""
    example.arrive(root)
    inlet = example.inlet(root)
    delivery = taken(inlet)
    items = list(inlet.read(delivery, (), RECEIVED_AT))
    limit = example.config.limit  # type: ignore[attr-defined]  # a pull source has one
    batches = list(drain(iter(items), Progress(RECEIVED_AT), Acceptance(book).accept, limit, lambda: RECEIVED_AT, 2))
    assert [len(batch.messages) for batch in batches[:-1]] == [2] * (len(batches) - 1)
    assert sum(len(batch.messages) for batch in batches) == len(items)
    assert batches[-1].finished
    assert batches[-1].progress.mark == tuple(items[-1].after)


class _KilledError(Exception):
    pass


@dataclass(slots=True)
class _Listening:
    """An inlet that writes down what is said to it."""

    inner: Inlet
    said: list[str]

    def poll(self, now: float) -> Delivery | None:
        return self.inner.poll(now)

    def read(self, delivery: Delivery, mark: Mark, received_at: int) -> Iterator[Item]:
        return self.inner.read(delivery, mark, received_at)

    def done(self, delivery: Delivery, *, duplicate: bool) -> None:
        self.said.append("done")
        self.inner.done(delivery, duplicate=duplicate)

    def pause(self, delivery: Delivery, why: Rejected) -> None:
        self.said.append("pause")
        self.inner.pause(delivery, why)


@dataclass(slots=True)
class _Writer:
    """A source that writes down commits, and can be killed before or after any of them."""

    inner: Source
    said: list[str]
    kill_at: int | None
    moment: int = -1

    async def position(self) -> bytes | None:
        return await self.inner.position()

    async def commit(self, messages: Sequence[Message], position: bytes) -> None:
        self._live()
        await self.inner.commit(messages, position)
        self.said.append("commit")
        self._live()

    def _live(self) -> None:
        self.moment += 1
        if self.moment == self.kill_at:
            raise _KilledError


class _Silent:
    """A watch that nobody listens to."""

    def __getattr__(self, name: str) -> Callable[..., None]:
        return lambda *_: None


def _draining(
    example: Example,
    inlet: Inlet,
    bus: MemoryBus,
    book: Kochbuch,
    *,
    listener: list[str] | None = None,
    kill_at: int | None = None,
) -> Draining:
    writer = _Writer(bus.source(example.source), [] if listener is None else listener, kill_at)
    limit = example.config.limit  # type: ignore[attr-defined]  # a pull source has one
    watch: Any = _Silent()
    accept = Acceptance(book).accept
    return Draining(example.source, inlet, writer, accept, limit, watch, lambda: RECEIVED_AT, 2, count().__next__)


async def _until_empty(draining: Draining) -> None:
    stop = asyncio.Event()
    idle = 0
    while idle < 10:  # some inlets look more than once before they believe that something is complete
        idle = 0 if await draining.step(stop) else idle + 1


def _undisturbed(example: Example, book: Kochbuch, root: Path) -> list[tuple[object, ...]]:
    bus = MemoryBus()
    example.arrive(root)
    asyncio.run(_until_empty(_draining(example, example.inlet(root), bus, book)))
    return _written(bus)


def _written(bus: MemoryBus) -> list[tuple[object, ...]]:
    return sorted((topic, r.key, r.value) for topic in bus.topics for r in bus.records(topic))


Check = Callable[[Example, Kochbuch, Path], None]
FOR_ALL: tuple[Check, ...] = (
    examples_translate_as_expected,
    submissions_survive_encoding,
    the_source_is_stamped_and_origins_differ,
    one_record_alone_gives_the_same,
    translating_is_pure,
    nonsense_is_rejected,
)
FOR_PULL: tuple[Check, ...] = (
    reading_goes_on_at_every_mark,
    an_outage_is_unavailable,
    an_outage_while_it_is_taken_is_unavailable,
    what_is_paused_stays_until_a_person_acts,
    what_is_done_is_kept,
    done_is_said_only_when_all_is_durable,
    a_kill_at_any_moment_loses_and_doubles_nothing,
    the_same_content_again_sends_nothing,
    every_batch_ends_where_the_next_begins,
)
