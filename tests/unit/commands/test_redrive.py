import asyncio
from collections.abc import Sequence

import pytest

from schemas.dead_letter import Origin, dead_letter, dead_row
from schemas.errors import Problem, Reason, Rejected
from schemas.message import Message, Stored
from services.commands.redrive import Redrive
from services.runtime.bus import Fenced
from services.runtime.dead_letters import DeadLetter, Selection, dead_letters
from services.runtime.memory import MemoryBus

WHY = Rejected(Reason.UNROUTABLE, Problem("route", "Keine Station passt.", "no station fits"))
OPEN = Selection()
NOW = 1_790_000_000_000_000


def redrive(action: str = "replayed", max_replays: int = 3, content: bytes | None = None) -> Redrive:
    return Redrive(action, "clerk-7", "recipe mended", 1_000_000.0, max_replays, content)


def failed(number: int, reason: Rejected = WHY) -> Message:
    record = Stored("case-requests", number % 4, number, b"case-%d" % number, b"\x00%d" % number, [("ce_id", b"x")], 0)
    return dead_letter(record, reason, "router", NOW)


def bus_with(*letters: Message) -> MemoryBus:
    bus = MemoryBus()
    bus.write(letters)
    return bus


async def run(bus: MemoryBus, work: Redrive, selection: Selection = OPEN) -> tuple[int, list[Problem]]:
    return await work.run(bus, selection, lambda: NOW)


async def test_a_replayed_record_is_the_original_on_its_own_partition() -> None:
    bus = bus_with(failed(5))
    assert await run(bus, redrive()) == (1, [])
    (back,) = bus.records("case-requests")
    assert (back.partition, back.key, back.value) == (1, b"case-5", b"\x005")
    assert list(back.headers) == [("ce_id", b"x"), ("dl_replays", b"1")]


async def test_who_did_what_and_why_is_kept() -> None:
    bus = bus_with(failed(0), failed(1))
    await run(bus, redrive("discarded"), Selection(ids=frozenset({"1:0"})))
    (letter,) = await dead_letters(bus, Selection(ids=frozenset({"1:0"}), settled=True))
    assert letter.outcome is not None
    assert (letter.status, letter.outcome.by, letter.outcome.why, letter.outcome.at) == (
        "discarded", "clerk-7", "recipe mended", NOW,
    )  # fmt: skip
    assert [each.id for each in await dead_letters(bus, OPEN)] == ["0:0"]
    assert bus.records("case-requests") == []


async def test_a_second_run_finds_nothing_left_to_do() -> None:
    bus = bus_with(*map(failed, range(10)))
    assert (await run(bus, redrive()))[0] == 10
    assert (await run(bus, redrive()))[0] == 0
    assert len(bus.records("case-requests")) == 10


class Interrupted(MemoryBus):
    """Ends the process with the second commit, before or after it has become durable."""

    after = False

    def source(self, name: str) -> "Interrupting":  # type: ignore[override]  # a Source, if not that one
        return Interrupting(self, name)


class Interrupting:
    def __init__(self, bus: Interrupted, name: str) -> None:
        self._bus = bus
        self._inner = MemoryBus.source(bus, name)
        self._commits = 0

    async def position(self) -> bytes | None:
        return await self._inner.position()

    async def commit(self, messages: Sequence[Message], position: bytes) -> None:
        self._commits += 1
        if self._commits == 2 and not self._bus.after:
            raise KeyboardInterrupt
        await self._inner.commit(messages, position)
        if self._commits == 2:
            raise KeyboardInterrupt


@pytest.mark.parametrize("after", [False, True])
def test_interrupted_it_goes_on_and_every_record_comes_back_once(after: bool) -> None:
    bus = Interrupted()
    bus.after = after
    bus.write(map(failed, range(12)))
    work = Redrive("replayed", "clerk-7", "again", 5.0)
    with pytest.raises(KeyboardInterrupt):
        asyncio.run(work.run(bus, OPEN, lambda: NOW))
    plain = MemoryBus(topics=bus.topics, positions=bus.positions, writers=bus.writers)
    asyncio.run(run(plain, redrive()))
    keys = [record.key for record in plain.records("case-requests")]
    assert sorted(keys, key=str) == sorted((b"case-%d" % n for n in range(12)), key=str)


async def test_an_operator_who_begins_later_fences_the_earlier_one() -> None:
    bus = bus_with(failed(0))
    earlier = bus.source("dead-letters")
    await earlier.position()
    await run(bus, redrive())
    with pytest.raises(Fenced):
        await earlier.commit([], b"")


async def test_what_failed_too_often_stays_and_says_so() -> None:
    again = failed(0)
    again.headers.append(("dl_replays", b"3"))
    bus = bus_with(again)
    done, (problem,) = await run(bus, redrive())
    assert done == 0
    assert "--max-replays" in problem.text_en
    assert (await run(bus, redrive(max_replays=4)))[0] == 1
    assert bus.records("case-requests")[0].header("dl_replays") == b"4"


async def test_a_row_of_a_file_is_refused_with_the_remedy() -> None:
    bus = bus_with(dead_row(b"a;b\n", Origin("list.csv", 3, 20), WHY, "importer", NOW))
    done, (problem,) = await run(bus, redrive())
    assert done == 0
    assert "list.csv line 3" in problem.text_en
    assert "--raw" in problem.text_en
    assert (await run(bus, redrive("discarded")))[0] == 1


async def test_a_null_value_goes_back_as_null() -> None:
    record = Stored("case-requests", 0, 0, b"k", None, [], 0)
    bus = bus_with(dead_letter(record, WHY, "router", NOW))
    await run(bus, redrive())
    assert bus.records("case-requests")[0].value is None


async def test_corrected_content_is_for_one_record_only_and_is_marked() -> None:
    bus = bus_with(failed(0), failed(1))
    done, (problem,) = await run(bus, redrive(content=b"mended"))
    assert (done, problem.where) == (0, "--edit")
    await run(bus, redrive(content=b"mended"), Selection(ids=frozenset({"0:0"})))
    assert bus.records("case-requests")[0].value == b"mended"
    (letter,) = await dead_letters(bus, Selection(ids=frozenset({"0:0"}), settled=True))
    assert letter.outcome is not None
    assert letter.outcome.why == "recipe mended (content corrected)"


async def test_what_the_bus_refuses_takes_no_other_record_with_it() -> None:
    large = Stored("case-requests", 0, 0, b"large", b"x" * 925_000, [], 0)
    bus = bus_with(failed(4), dead_letter(large, WHY, "router", NOW), failed(8))
    done, problems = await run(bus, redrive())
    assert (done, len(problems)) == (2, 1)


def letter(reason: Reason = Reason.UNROUTABLE, stage: str = "router", at: int = NOW) -> DeadLetter:
    message = dead_row(b"", Origin("hunde-2026.csv", 1, 0), Rejected(reason, "x"), stage, at)
    return DeadLetter(Stored("dead-letters", 0, 0, b"", b"", message.headers, 0))


@pytest.mark.parametrize(
    ("selection", "fits"),
    [
        (Selection(), True),
        (Selection(reason="unroutable"), True),
        (Selection(reason="invalid"), False),
        (Selection(stage="importer"), False),
        (Selection(file="hunde-*.csv"), True),
        (Selection(file="katzen-*.csv"), False),
        (Selection(since=NOW), True),
        (Selection(since=NOW + 1), False),
        (Selection(until=NOW), False),
        (Selection(ids=frozenset({"1:0"})), False),
    ],
)
def test_a_selection_takes_what_it_names(selection: Selection, fits: bool) -> None:
    assert (letter() in selection) is fits
