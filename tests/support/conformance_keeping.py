"""What every pull connector must keep of what it has taken: through an outage, paused, and done."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from connectors.base import Delivery, Inlet, Item
from schemas.errors import Problem, Reason, Rejected, Unavailable
from schemas.kochbuch import Kochbuch
from tests.support.connector_examples import RECEIVED_AT, Example, taken

WHY = Rejected(Reason.MALFORMED_ROW, Problem("header", "Falsche Spalten.", "wrong columns"))


def an_outage_is_unavailable(example: Example, book: Kochbuch, root: Path) -> None:
    del book
    inlet = example.inlet(root / "not-there")
    with pytest.raises(Unavailable):
        inlet.poll(0)


def an_outage_while_it_is_taken_is_unavailable(example: Example, book: Kochbuch, root: Path) -> None:
    """Whatever is asked next; to be asked to read is no work yet, for items are handed out one by one."""
    del book
    inlet, delivery, _ = _arrived(example, root / "there")
    (root / "there").rename(root / "away")
    items = _asked_to_read(inlet, delivery)
    with pytest.raises(Unavailable):
        next(items)
    with pytest.raises(Unavailable):
        inlet.done(delivery, duplicate=False)
    with pytest.raises(Unavailable):
        inlet.pause(delivery, WHY)


def _asked_to_read(inlet: Inlet, delivery: Delivery) -> Iterator[Item]:
    try:
        return inlet.read(delivery, (), RECEIVED_AT)
    except Unavailable:
        raise AssertionError("it reads before an item is asked for") from None


def what_is_paused_stays_until_a_person_acts(example: Example, book: Kochbuch, root: Path) -> None:
    del book
    inlet, delivery, arrived = _arrived(example, root)
    inlet.pause(delivery, WHY)
    assert arrived <= _contents(root), "what is paused is no longer there"
    assert not any(inlet.poll(second) for second in range(100, 110)), "it comes back by itself"
    assert not any(example.inlet(root).poll(second) for second in range(10)), "it comes back with the next process"
    explained = b"\n".join(_contents(root) - arrived).decode("utf-8", "replace")
    for problem in WHY.problems:
        assert problem.text in explained, "nobody explains why"
        assert problem.text_en in explained, "nobody explains why in English"


def what_is_done_is_kept(example: Example, book: Kochbuch, root: Path) -> None:
    del book
    for duplicate in (False, True):
        inlet, delivery, arrived = _arrived(example, root / str(duplicate))
        inlet.done(delivery, duplicate=duplicate)
        assert arrived <= _contents(root / str(duplicate)), "what is done is no longer there"


def _arrived(example: Example, root: Path) -> tuple[Inlet, Delivery, set[bytes]]:
    example.arrive(root)
    inlet = example.inlet(root)
    return inlet, taken(inlet), _contents(root)


def _contents(root: Path) -> set[bytes]:
    """Of all files there are, whatever they are called now."""
    return {path.read_bytes() for path in root.rglob("*") if path.is_file()}
