"""Redrive: dead letters on their way back, each with its outcome in one transaction."""

import asyncio
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from schemas.errors import Problem, Rejected
from services.runtime.bus import Bus, Source
from services.runtime.clock import Clock
from services.runtime.dead_letters import (
    WRITER,
    DeadLetter,
    Outcome,
    Selection,
    dead_letters,
    obstacle,
    outcome_message,
    replayed,
)

_BATCH = 100
_MAX_BATCH_BYTES = 800_000


@dataclass(frozen=True, slots=True)
class Redrive:
    """What is to be done with dead letters, by whom and why."""

    action: str
    by: str
    why: str
    rate: float
    max_replays: int = 3
    content: bytes | None = None

    def sort_out(self, letters: Iterable[DeadLetter]) -> tuple[list[DeadLetter], list[Problem]]:
        """Those that can be settled so, and why the others cannot."""
        able: list[DeadLetter] = []
        problems: list[Problem] = []
        for letter in letters:
            problem = obstacle(letter, self.max_replays) if self.action == "replayed" else None
            if problem is None:
                able.append(letter)
            else:
                problems.append(problem)
        if self.content is not None and len(able) > 1:
            german, english = "--edit gilt für genau einen Dead Letter.", "--edit is for exactly one dead letter"
            return [], [Problem("--edit", german, english)]
        return able, problems

    async def run(
        self, bus: Bus, selection: Selection, clock: Clock, progress: Callable[[int, int], None] = lambda _d, _t: None
    ) -> tuple[int, list[Problem]]:
        """Settles all that are selected; how many, and what was refused.

        Opening the source first ends what an interrupted run left open and fences a second operator: only then is it
        certain which dead letters are open.
        """
        source = bus.source(WRITER)
        await source.position()
        able, problems = self.sort_out(await dead_letters(bus, selection))
        done, begun = 0, asyncio.get_running_loop().time()
        for batch in _batches(able, max(1, min(_BATCH, int(self.rate)))):
            try:
                await self._commit(source, batch, clock())
            except Rejected as error:
                problems += [Problem(batch[0].id, p.text, p.text_en) for p in error.problems]
                continue
            done += len(batch)
            progress(done, len(able))
            await asyncio.sleep(max(0.0, begun + done / self.rate - asyncio.get_running_loop().time()))
        return done, problems

    async def _commit(self, source: Source, batch: list[DeadLetter], now: int) -> None:
        why = self.why if self.content is None else f"{self.why} (content corrected)"
        outcome = Outcome(self.action, now, self.by, why)
        messages = [outcome_message(letter, outcome) for letter in batch]
        if self.action == "replayed":
            messages += [replayed(letter, self.content) for letter in batch]
        await source.commit(messages, batch[-1].id.encode())


def _batches(letters: list[DeadLetter], most: int) -> Iterator[list[DeadLetter]]:
    """Batches of bounded number and bytes; one as large as the bus may refuse goes alone and takes no other with it."""
    batch: list[DeadLetter] = []
    size = 0
    for letter in letters:
        bytes_ = len(letter.record.value or b"")
        if batch and (len(batch) >= most or size + bytes_ > _MAX_BATCH_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(letter)
        size += bytes_
    if batch:
        yield batch
