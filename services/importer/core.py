"""Core: from the items of a delivery to batches of messages; every decision of the importer, without I/O."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

from connectors.base import Item, Limit
from schemas.dead_letter import dead_row
from schemas.errors import Problem, Reason, Rejected
from schemas.message import Message
from schemas.submission import Accepted, Submission
from services.importer.position import Count, Progress

STAGE = "importer"
MAX_RECORDS = 1_000
MAX_BYTES = 1_000_000
MAX_VALUE = 800_000
"""The bus refuses a message above 900 KiB, and with it the whole batch."""

Accept = Callable[[Submission], Accepted]


@dataclass(slots=True)
class Batch:
    """What is committed together. ``finished``: the delivery has come to its end; ``paused``: why it may not go on."""

    progress: Progress
    messages: list[Message] = field(default_factory=list)
    size: int = 0
    accepted: int = 0
    reasons: Counter[Reason] = field(default_factory=Counter)
    finished: bool = False
    paused: Rejected | None = None


def drain(
    items: Iterator[Item],
    progress: Progress,
    accept: Accept,
    limit: Limit,
    now: Callable[[], int],
    records: int = MAX_RECORDS,
) -> Iterator[Batch]:
    """The batches of a delivery from its progress on; the last one is finished or paused, and may be empty."""
    batch = Batch(progress)
    paused = exceeded(progress.recent, limit)
    try:
        while paused is None and (item := next(items, None)) is not None:
            good = _take(item, batch, accept, now)
            batch.progress = _moved(batch.progress, item, good=good)
            paused = None if good else exceeded(batch.progress.recent, limit)
            if paused is None and (len(batch.messages) >= records or batch.size >= MAX_BYTES):
                yield batch
                batch = Batch(batch.progress)
    except Rejected as unreadable:
        paused = unreadable
    batch.paused, batch.finished = paused, paused is None
    yield batch


def exceeded(count: Count, limit: Limit) -> Rejected | None:
    """Why a delivery with so many bad records must wait for a person; None while it may go on."""
    seen = count.accepted + count.rejected
    if count.in_a_row >= limit.in_a_row:
        return _too_many(f"{count.in_a_row} fehlerhafte Sätze nacheinander", f"{count.in_a_row} bad records in a row")
    share = 100 * count.rejected / seen if seen >= limit.after else 0
    if (limit.records is not None and count.rejected >= limit.records) or share > limit.percent:
        return _too_many(
            f"{count.rejected} von {seen} Sätzen sind fehlerhaft", f"{count.rejected} of {seen} records are bad"
        )
    return None


def _too_many(german: str, english: str) -> Rejected:
    remedy = "Sie stehen mit Grund und Zeile in den Dead Letters; vermutlich stimmt die Angabe der Quelle nicht."
    remedy_en = "they are among the dead letters with reason and line; the source's declaration is probably wrong"
    return Rejected(Reason.MALFORMED_ROW, Problem("", f"{german}. {remedy}", f"{english}; {remedy_en}"))


def _take(item: Item, batch: Batch, accept: Accept, now: Callable[[], int]) -> bool:
    try:
        message = _message(item, accept)
    except Rejected as error:
        batch.reasons[error.reason] += 1
        message = dead_row(item.raw[:MAX_VALUE], item.place, error, STAGE, now())
        good = False
    else:
        batch.accepted += 1
        good = True
    batch.messages.append(message)
    batch.size += len(message.value or b"")
    return good


def _message(item: Item, accept: Accept) -> Message:
    if isinstance(item.content, Rejected):
        raise item.content
    message = accept(item.content).message
    if len(message.value or b"") > MAX_VALUE:
        german = f"Der Vorgang wäre größer als {MAX_VALUE} Bytes."
        raise Rejected(Reason.OVERSIZE, Problem("", german, f"the case would be larger than {MAX_VALUE} bytes"))
    return message


def _moved(progress: Progress, item: Item, *, good: bool) -> Progress:
    mark = tuple(item.after)
    return replace(progress, mark=mark, total=progress.total.plus(good=good), recent=progress.recent.plus(good=good))
