"""One source from folder to bus: outages, pauses, repeats, stopping."""

import asyncio
import tracemalloc
from collections.abc import Iterator, Sequence
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from connectors.base import Delivery, Item, Limit, Mark
from connectors.hotfolder import FolderInlet, HotFolder
from schemas.errors import Unavailable
from schemas.kochbuch import Kochbuch
from schemas.message import Message
from schemas.submission import Acceptance
from services.importer.core import Batch
from services.importer.draining import LONGEST_PAUSE, Draining, pause_after
from services.importer.watch import Ending
from services.runtime.bus import Fenced
from services.runtime.memory import MemoryBus
from tests.support.book import small_book

DECLARED: dict[str, Any] = {
    "kind": "hotfolder",
    "folder": "dogs",
    "service": "99102013104000",
    "encoding": "utf-8",
    "format": {"type": "csv", "columns": ["Name", "Vorname", "Rasse", "Seit"], "header": False},
    "map": {
        "holder.family_name": "Name",
        "holder.given_names": "Vorname",
        "breed": "Rasse",
        "kept_since": {"column": "Seit", "as": "date"},
    },
    "at_rest": 1,
}
CONFIG = HotFolder.model_validate(DECLARED)
GOOD = "Muster;Erika;Dackel;01.03.2026\n"
BAD = "Muster;Erika;Dackel;gestern\n"


class Listener:
    """A watch that writes down what it is told."""

    def __init__(self) -> None:
        self.said: list[str] = []
        self.open = 0
        self._news = asyncio.Event()

    async def hears(self, sentence: str) -> None:
        async with asyncio.timeout(10):
            while sentence not in self.said:
                self._news.clear()
                await self._news.wait()

    def _say(self, sentence: str) -> None:
        self.said.append(sentence)
        self._news.set()

    def begun(self, source: str, delivery: Delivery) -> None:
        self._say(f"{source} took {delivery.name}")

    def committed(self, source: str, batch: Batch) -> None:
        del source
        self._say(f"{batch.accepted} good, {sum(batch.reasons.values())} bad")

    def ended(self, source: str, delivery: Delivery, state: Ending, batch: Batch | None) -> None:
        del source, batch
        self._say(f"{delivery.name} {state}")

    def waiting(self, source: str, count: int) -> None:
        del source
        self.open = count

    def stalled(self, source: str, why: Unavailable | None) -> None:
        if why:
            self._say(f"{source} stalled")


class Town:
    """A hot folder, a bus and an importer between them."""

    def __init__(self, root: Path, book: Kochbuch, limit: Limit) -> None:
        self.root = root
        self.folder = root / "dogs"
        self.folder.mkdir()
        self.bus = MemoryBus()
        self.listener = Listener()
        self._book = book
        self._limit = limit
        self.now = 0.0
        self.draining = self.importer()

    def importer(self) -> Draining:
        inlet = FolderInlet(CONFIG, "town.dogs", self.root)
        accept = Acceptance(self._book).accept
        writer = self.bus.source("town.dogs")
        return Draining("town.dogs", inlet, writer, accept, self._limit, self.listener, lambda: 7, 3, lambda: self.now)

    def put(self, name: str, *lines: str) -> None:
        (self.folder / name).write_text("".join(lines), encoding="utf-8")

    async def drain(self) -> None:
        """Until nothing is left, also of what has to rest."""
        for _ in range(3):
            while await self.draining.step(asyncio.Event()):
                pass
            self.now += 1

    @property
    def files(self) -> list[str]:
        return sorted(path.relative_to(self.folder).as_posix() for path in self.folder.rglob("*") if path.is_file())

    def count(self, topic: str) -> int:
        return len(self.bus.records(topic))


@pytest.fixture
def town(tmp_path: Path) -> Town:
    root = tmp_path / "inbox"
    root.mkdir()
    return Town(root, small_book(tmp_path), Limit(in_a_row=2))


async def test_a_file_goes_through_in_batches_and_is_put_away(town: Town) -> None:
    town.put("a.csv", *[GOOD] * 4, BAD)
    await town.drain()
    assert (town.count("case-requests"), town.count("dead-letters"), town.files) == (4, 1, ["done/a.csv"])
    assert town.listener.said == ["town.dogs took a.csv", "3 good, 0 bad", "1 good, 1 bad", "a.csv done"]
    assert town.listener.open == 0


async def test_a_file_that_is_being_written_rests_in_time_whatever_waits_beside_it(town: Town) -> None:
    """Each file that is found makes the importer look again at once; looks are no measure of rest."""
    for number in range(5):
        town.put(f"{number}.csv", GOOD, f"Muster{number};Erika;Dackel;01.03.2026\n")
    town.put("slow.csv", GOOD)
    assert not await town.draining.step(asyncio.Event())
    town.now += 1
    town.put("slow.csv", GOOD, GOOD)
    while await town.draining.step(asyncio.Event()):
        pass
    assert "slow.csv" in town.files
    await town.drain()
    assert (town.count("case-requests"), len(town.files)) == (5 * 2 + 2, 6)


async def test_the_same_content_again_is_a_duplicate_under_any_name(town: Town) -> None:
    for name in ("a.csv", "b.csv", "a.csv"):
        town.put(name, GOOD)
        await town.drain()
    assert town.count("case-requests") == 1
    assert town.listener.said.count("b.csv duplicate") == 1
    assert len(town.files) == 3


async def test_another_content_under_the_same_name_is_new(town: Town) -> None:
    town.put("a.csv", GOOD)
    await town.drain()
    town.put("a.csv", GOOD, GOOD)
    await town.drain()
    assert town.count("case-requests") == 3


async def test_too_many_bad_records_pause_the_file_and_others_go_on(town: Town) -> None:
    town.put("a.csv", GOOD, BAD, BAD, GOOD, GOOD)
    town.put("b.csv", GOOD)
    await town.drain()
    assert town.files == ["done/b.csv", "paused/a.csv", "paused/a.csv.why.txt"]
    assert (town.count("case-requests"), town.count("dead-letters"), town.listener.open) == (2, 2, 1)


async def test_a_declaration_that_swallows_a_whole_file_pauses_it_and_the_corrected_one_reads_all_of_it(
    town: Town,
) -> None:
    """One dead letter with the first bytes of it, and the file in ``done/``, would be a loss."""
    record = f"{'Muster':10}{'Erika':10}{'Dackel':10}01.03.2026"
    shape = {"type": "fixed-width", "length": 40, "unit": "bytes"}
    columns = {"Name": "1-10", "Vorname": "11-20", "Rasse": "21-30", "Seit": "31-40"}
    for line_ends, cases, files in ((True, 0, 2), (False, 10_000, 2)):
        form = shape | {"columns": columns, "line_ends": line_ends}
        config = HotFolder.model_validate(DECLARED | {"format": form})
        town.draining.inlet = FolderInlet(config, "town.dogs", town.root)
        town.put("a.dat", record * 10_000)
        await town.drain()
        assert (town.count("case-requests"), town.count("dead-letters"), len(town.files)) == (cases, 0, files)
        (town.folder / "paused/a.dat").unlink(missing_ok=True)
    assert "done/a.dat" in town.files


async def test_a_paused_file_goes_on_where_it_stopped_also_after_a_restart(town: Town) -> None:
    town.put("a.csv", GOOD, BAD, BAD, GOOD, GOOD)
    await town.drain()
    town.draining = town.importer()
    (town.folder / "paused/a.csv").rename(town.folder / "a.csv")
    await town.drain()
    assert (town.count("case-requests"), town.count("dead-letters")) == (3, 2)
    assert "done/a.csv" in town.files
    assert town.listener.open == 0


async def test_a_file_without_one_good_record_is_paused_and_read_whole_once_the_declaration_is_right(
    town: Town,
) -> None:
    swapped = CONFIG.format.model_copy(update={"columns": ("Seit", "Vorname", "Rasse", "Name")})
    town.draining.inlet = FolderInlet(CONFIG.model_copy(update={"format": swapped}), "town.dogs", town.root)
    town.put("a.csv", GOOD)
    await town.drain()
    assert (town.count("dead-letters"), town.files) == (1, ["paused/a.csv", "paused/a.csv.why.txt"])
    town.draining = town.importer()
    (town.folder / "paused/a.csv").rename(town.folder / "a.csv")
    await town.drain()
    assert (town.count("case-requests"), town.count("dead-letters"), town.listener.open) == (1, 1, 0)


async def test_of_a_file_that_is_written_on_while_it_is_read_the_rest_is_handed_in_and_nothing_doubles(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    def written_on(inlet: FolderInlet, delivery: Delivery, mark: Mark, received_at: int) -> Iterator[Item]:
        for number, item in enumerate(sound(inlet, delivery, mark, received_at)):
            if number == 5:
                with (town.folder / "work/a.csv").open("a", encoding="utf-8") as file:
                    file.write(GOOD[:9])
            yield item

    sound = FolderInlet.read
    with monkeypatch.context() as patched:
        patched.setattr(FolderInlet, "read", written_on)
        town.put("a.csv", *[GOOD] * 7)
        await town.drain()
    assert (town.count("case-requests"), town.files) == (7, ["paused/a.csv", "paused/a.csv.why.txt"])
    why = (town.folder / "paused/a.csv.why.txt").read_text(encoding="utf-8")
    assert "was ab Zeile 8 steht, als neue Datei einlegen" in why
    town.put("rest.csv", GOOD)
    await town.drain()
    assert (town.count("case-requests"), town.count("dead-letters")) == (8, 0)


async def test_a_killed_importer_that_was_done_but_had_not_said_so_says_it(town: Town) -> None:
    town.put("a.csv", GOOD)
    await town.drain()
    (town.folder / "done/a.csv").rename(town.folder / "work/a.csv")
    town.draining = town.importer()
    await town.drain()
    assert (town.count("case-requests"), town.files) == (1, ["done/a.csv"])
    assert town.listener.said[-1] == "a.csv done"


async def test_a_broker_that_is_away_is_waited_for_and_nothing_is_lost(town: Town) -> None:
    town.put("a.csv", *[GOOD] * 5)
    town.bus.available = False
    stop = asyncio.Event()
    town.draining.seconds = count().__next__
    running = asyncio.create_task(town.draining.run(stop, poll_seconds=0.001))
    await town.listener.hears("town.dogs stalled")
    town.bus.available = True
    stop.set()
    await running
    await town.drain()
    assert (town.count("case-requests"), town.files) == (5, ["done/a.csv"])


async def test_a_broker_that_leaves_in_the_middle_costs_nothing(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    """The commit whose outcome is unknown has happened: the position tells, and nothing is sent twice."""
    town.put("a.csv", *[GOOD] * 8)
    writer: Any = town.draining.writer
    commits = 0

    class Forgetful:
        async def position(self) -> bytes | None:
            return await writer.position()  # type: ignore[no-any-return]  # the writer is untyped above

        async def commit(self, messages: Any, position: bytes) -> None:  # noqa: ANN401 - handed through
            nonlocal commits
            commits += 1
            await writer.commit(messages, position)
            if commits == 2:
                raise Unavailable("no answer", retry_after=0.001)

    monkeypatch.setattr(town.draining, "writer", Forgetful())
    stop = asyncio.Event()
    town.draining.seconds = count().__next__
    running = asyncio.create_task(town.draining.run(stop, poll_seconds=0.001))
    await town.listener.hears("a.csv done")
    stop.set()
    await running
    assert (town.count("case-requests"), "town.dogs stalled" in town.listener.said) == (8, True)


async def test_a_stop_ends_after_the_batch_and_the_next_process_goes_on(town: Town) -> None:
    town.put("a.csv", *[GOOD] * 9)
    stop = asyncio.Event()
    stop.set()
    while town.count("case-requests") == 0:
        await town.draining.step(stop)
        town.now += 1
    assert (town.count("case-requests"), town.files) == (3, ["work/a.csv"])
    town.draining = town.importer()
    await town.drain()
    assert (town.count("case-requests"), town.files) == (9, ["done/a.csv"])


async def test_a_second_importer_ends_the_first(town: Town) -> None:
    town.put("a.csv", GOOD)
    await town.draining.step(asyncio.Event())
    await town.importer().writer.position()
    town.put("b.csv", GOOD, GOOD)
    with pytest.raises(Fenced):
        await town.drain()


async def test_memory_does_not_grow_with_the_file(town: Town) -> None:
    """27 MB here; the same loop takes a gigabyte."""
    line = f"Muster;Erika;Dackel;01.03.2026;{'x' * 9_000}\n"
    shape = CONFIG.format.model_copy(update={"columns": ("Name", "Vorname", "Rasse", "Seit", "Text")})
    town.draining.inlet = FolderInlet(CONFIG.model_copy(update={"format": shape}), "town.dogs", town.root)
    town.draining.records = 200
    written = 0

    class Forgetting:
        async def position(self) -> bytes | None:
            return None

        async def commit(self, messages: Sequence[Message], position: bytes) -> None:
            nonlocal written
            written += len(messages)
            assert position

    town.draining.writer = Forgetting()
    with (town.folder / "a.csv").open("w", encoding="utf-8") as file:
        file.writelines(line for _ in range(3_000))
    tracemalloc.start()
    try:
        await town.drain()
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert written == 3_000
    assert peak < 8 << 20, f"{peak} bytes at once"


def test_the_pauses_grow_to_a_minute_and_stay_there_for_days() -> None:
    assert [pause_after(failures, 5.0) for failures in (1, 2, 3, 4)] == [5, 10, 20, 40]
    assert pause_after(100_000, 5.0) == LONGEST_PAUSE
