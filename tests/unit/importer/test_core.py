"""Batches, limits and dead letters: the decisions of the importer."""

from collections.abc import Iterator
from itertools import pairwise

import pytest

from connectors.base import Item, Limit
from schemas.dead_letter import TOPIC as DEAD
from schemas.dead_letter import Origin
from schemas.errors import Problem, Reason, Rejected
from schemas.message import Message
from schemas.submission import Accepted, Submission, case_id_of
from services.importer import core
from services.importer.core import Batch, drain, exceeded
from services.importer.position import Count, Progress

BAD = Rejected(Reason.MALFORMED_ROW, Problem("row", "kaputt", "broken"))
LENIENT = Limit(records=None, in_a_row=10**6, percent=100)
START = Progress(received_at=7)


def submission(number: int) -> Submission:
    return Submission("service", "town", {"size": number}, "file", "town.x", str(number), 7)


def accept(content: Submission) -> Accepted:
    if content.form["size"] == 13:
        raise Rejected(Reason.UNKNOWN_SERVICE, Problem("service", "unbekannt", "unknown"))
    case_id = case_id_of(content.source, content.origin)
    return Accepted(case_id, "ref", b"", Message("case-requests", str(case_id).encode(), b"x" * content.form["size"]))


def item(number: int, content: Submission | Rejected) -> Item:
    return Item(content, b"raw %d" % number, Origin("a.csv", number + 1, number * 10), (number * 10 + 10, number + 2))


def items(*good: bool) -> Iterator[Item]:
    return (item(n, submission(n) if fine else BAD) for n, fine in enumerate(good))


def drained(
    source: Iterator[Item], *, limit: Limit = LENIENT, progress: Progress = START, records: int = 1_000
) -> list[Batch]:
    return list(drain(source, progress, accept, limit, lambda: 99, records))


def test_an_empty_delivery_ends_with_one_empty_batch() -> None:
    [batch] = drained(items())
    assert (batch.finished, batch.messages, batch.progress) == (True, [], START)


def test_every_record_is_a_case_or_a_dead_letter_in_its_order() -> None:
    [batch] = drained(items(True, False, True))
    assert [message.topic for message in batch.messages] == ["case-requests", DEAD, "case-requests"]
    assert (batch.accepted, batch.reasons) == (2, {Reason.MALFORMED_ROW: 1})
    assert batch.progress == Progress(7, (30, 4), Count(2, 1), Count(2, 1), 0)


def test_a_dead_letter_says_where_and_why_and_keeps_the_bytes() -> None:
    [batch] = drained(items(False))
    [letter] = batch.messages
    headers = dict(letter.headers)
    assert letter.value == b"raw 0"
    assert (headers["dl_file"], headers["dl_line"], headers["dl_byte"]) == (b"a.csv", b"1", b"0")
    assert (headers["dl_reason"], headers["dl_stage"], headers["dl_at"]) == (b"malformed-row", b"importer", b"99")


def test_what_the_recipe_refuses_is_a_dead_letter_too() -> None:
    [batch] = drained(iter([item(0, submission(13))]))
    assert batch.reasons == {Reason.UNKNOWN_SERVICE: 1}


def test_batches_are_bounded_in_records_and_marks_follow_them() -> None:
    batches = drained(items(*[True] * 7), records=3)
    assert [len(batch.messages) for batch in batches] == [3, 3, 1]
    assert [batch.progress.mark for batch in batches] == [(30, 4), (60, 7), (70, 8)]
    assert [batch.finished for batch in batches] == [False, False, True]


def test_batches_are_bounded_in_bytes() -> None:
    large = (item(n, submission(400_000 + n)) for n in range(6))
    assert [len(batch.messages) for batch in drained(large)] == [3, 3, 0]


def test_a_case_that_no_batch_can_hold_is_a_dead_letter_and_its_bytes_are_bounded() -> None:
    huge = Item(submission(core.MAX_VALUE + 1), b"x" * (core.MAX_VALUE + 1), Origin("a", 1, 0), (1, 2))
    [batch] = drained(iter([huge]))
    assert batch.reasons == {Reason.OVERSIZE: 1}
    assert len(batch.messages[0].value or b"") == core.MAX_VALUE


@pytest.mark.parametrize(
    ("recent", "in_a_row", "limit", "paused"),
    [
        (Count(0, 0), 0, Limit(records=1, in_a_row=1, percent=1, after=1), False),
        (Count(5, 5), 4, Limit(in_a_row=5), False),
        (Count(5, 5), 5, Limit(in_a_row=5), True),
        (Count(90, 10), 0, Limit(percent=10, after=100), False),
        (Count(89, 11), 0, Limit(percent=10, after=100), True),
        (Count(1, 11), 0, Limit(percent=10, after=100), False),
        (Count(10**6, 99), 0, Limit(records=100), False),
        (Count(10**6, 100), 0, Limit(records=100), True),
        (Count(10**6, 100), 0, Limit(), False),
    ],
)
def test_the_limit_counts_altogether_in_a_row_and_as_a_share(
    recent: Count, in_a_row: int, limit: Limit, paused: bool
) -> None:
    progress = Progress(7, (1,), Count(10**7, 10**7), recent, in_a_row)
    assert (exceeded(progress, limit) is not None) == paused


def test_too_many_bad_records_pause_with_all_that_was_read_so_far() -> None:
    batches = drained(items(True, False, False, False, True), limit=Limit(in_a_row=2))
    assert [len(batch.messages) for batch in batches] == [3]
    assert (batches[0].finished, batches[0].progress.mark) == (False, (30, 4))
    assert "2 bad records in a row" in str(batches[0].paused)


def test_a_good_record_ends_a_streak() -> None:
    assert drained(items(False, True, False, True, False), limit=Limit(in_a_row=2))[-1].finished


def test_a_delivery_that_was_over_its_limit_before_a_kill_is_paused_without_reading_on() -> None:
    before = Progress(7, (30, 4), Count(1, 2), Count(1, 2), 2)
    [batch] = drained(items(True), limit=Limit(in_a_row=2), progress=before)
    assert batch.paused is not None
    assert batch.messages == []


def test_a_delivery_without_one_good_record_is_paused_at_its_end() -> None:
    [batch] = drained(items(False, False))
    assert (batch.finished, batch.progress.mark, batch.progress.total) == (False, (20, 3), Count(0, 2))
    assert "of 2 records not one is good" in str(batch.paused)


def test_it_stays_paused_after_a_kill_and_is_read_from_its_start_when_it_is_handed_in_again() -> None:
    [batch] = drained(items(False, False))
    assert drained(items(), progress=batch.progress)[0].paused
    assert batch.progress.handed_in_again() == START


def test_one_good_record_anywhere_is_enough() -> None:
    assert drained(items(True, False, False), records=1)[-1].finished


def test_a_delivery_handed_in_again_gets_its_chance() -> None:
    before = Progress(7, (30, 4), Count(1, 2), Count(1, 2), 2)
    [batch] = drained(items(True), limit=Limit(in_a_row=2), progress=before.handed_in_again())
    assert batch.finished
    assert batch.progress.total == Count(2, 2)


def test_what_is_unreadable_as_a_whole_is_paused_with_what_came_before_it() -> None:
    def breaks() -> Iterator[Item]:
        yield item(0, submission(0))
        raise BAD

    [batch] = drained(breaks())
    assert (batch.paused, len(batch.messages), batch.progress.mark) == (BAD, 1, (10, 2))


def test_going_on_from_any_batch_gives_the_same_messages() -> None:
    pattern = [True, False, True, True, False, True, True]
    whole = [m for batch in drained(items(*pattern), records=2) for m in batch.messages]
    for before, _ in pairwise(drained(items(*pattern), records=2)):
        done = sum((before.progress.total.accepted, before.progress.total.rejected))
        rest = (entry for n, entry in enumerate(items(*pattern)) if n >= done)
        assert [m for b in drained(rest, progress=before.progress, records=2) for m in b.messages] == whole[done:]
