"""Core: from the items of a delivery to batches of messages; every decision of the importer, without I/O."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from connectors.base import Item, Limit, Mark
from schemas.dead_letter import dead_row
from schemas.errors import Problem, Reason, Rejected
from schemas.message import Message
from schemas.submission import Accepted, Submission
from services.importer.position import Progress

STAGE = "importer"
MAX_RECORDS = 1_000
MAX_BYTES = 1_000_000
MAX_VALUE = 800_000
"""The bus refuses a message above 900 KiB, and with it the whole batch."""

Accept = Callable[[Submission], Accepted]


@dataclass(slots=True)
class Batch:
    """What is committed together. ``finished``: the delivery has come to its end; ``paused``: why it may not go on."""

    before: Progress
    mark: Mark
    in_a_row: int
    messages: list[Message] = field(default_factory=list)
    size: int = 0
    reasons: Counter[Reason] = field(default_factory=Counter)
    finished: bool = False
    paused: Rejected | None = None

    @property
    def rejected(self) -> int:
        """Records that became dead letters."""
        return self.reasons.total()

    @property
    def accepted(self) -> int:
        """Records that became cases."""
        return len(self.messages) - self.rejected

    @property
    def progress(self) -> Progress:
        """Where the delivery stands after this batch."""
        rejected = self.rejected
        accepted = len(self.messages) - rejected
        total, recent = (count.plus(accepted, rejected) for count in (self.before.total, self.before.recent))
        return Progress(self.before.received_at, tuple(self.mark), total, recent, self.in_a_row)


def drain(
    items: Iterator[Item],
    progress: Progress,
    accept: Accept,
    limit: Limit,
    now: Callable[[], int],
    records: int = MAX_RECORDS,
) -> Iterator[Batch]:
    """The batches of a delivery from its progress on; the last one is finished or paused, and may be empty."""
    batch = _after(progress)
    paused = exceeded(progress, limit)
    try:
        while paused is None and (item := next(items, None)) is not None:
            _take(item, batch, accept, now)
            paused = exceeded(batch.progress, limit) if batch.in_a_row else None
            if paused is None and (len(batch.messages) >= records or batch.size >= MAX_BYTES):
                yield batch
                batch = _after(batch.progress)
        paused = paused or fruitless(batch.progress)
    except Rejected as unreadable:
        paused = unreadable
    batch.paused, batch.finished = paused, paused is None
    yield batch


def _after(progress: Progress) -> Batch:
    return Batch(progress, progress.mark, progress.in_a_row)


def exceeded(progress: Progress, limit: Limit) -> Rejected | None:
    """Why a delivery with so many bad records must wait for a person; None while it may go on."""
    bad = progress.recent.rejected
    seen = progress.recent.accepted + bad
    if progress.in_a_row >= limit.in_a_row:
        return _too_many(
            f"{progress.in_a_row} fehlerhafte Sätze nacheinander", f"{progress.in_a_row} bad records in a row"
        )
    share = 100 * bad / seen if seen >= limit.after else 0
    if (limit.records is not None and bad >= limit.records) or share > limit.percent:
        return _too_many(f"{bad} von {seen} Sätzen sind fehlerhaft", f"{bad} of {seen} records are bad")
    return None


def fruitless(progress: Progress) -> Rejected | None:
    """Why a delivery that came to its end without one good record must wait for a person; None when it need not."""
    bad = progress.recent.rejected
    if progress.recent.accepted or not bad:
        return None
    return _too_many(f"Von {bad} Sätzen ist keiner in Ordnung", f"of {bad} records not one is good")


def _too_many(german: str, english: str) -> Rejected:
    remedy = "Sie stehen mit Grund und Zeile in den Dead Letters; vermutlich stimmt die Angabe der Quelle nicht."
    remedy_en = "they are among the dead letters with reason and line; the source's declaration is probably wrong"
    return Rejected(Reason.MALFORMED_ROW, Problem("", f"{german}. {remedy}", f"{english}; {remedy_en}"))


def _take(item: Item, batch: Batch, accept: Accept, now: Callable[[], int]) -> None:
    try:
        message = _message(item, accept)
        batch.in_a_row = 0
    except Rejected as error:
        batch.reasons[error.reason] += 1
        batch.in_a_row += 1
        message = dead_row(item.raw[:MAX_VALUE], item.place, error, STAGE, now())
    batch.messages.append(message)
    batch.size += len(message.value or b"")
    batch.mark = item.after


def _message(item: Item, accept: Accept) -> Message:
    if isinstance(item.content, Rejected):
        raise item.content
    message = accept(item.content).message
    if len(message.value or b"") > MAX_VALUE:
        german = f"Der Vorgang wäre größer als {MAX_VALUE} Bytes."
        raise Rejected(Reason.OVERSIZE, Problem("", german, f"the case would be larger than {MAX_VALUE} bytes"))
    return message
