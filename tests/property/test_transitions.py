"""The table of transitions is what the router does: nothing more, nothing less, and the page shows it."""

from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from functools import reduce
from itertools import groupby
from pathlib import Path
from random import Random

import pytest

from schemas.kochbuch import Kochbuch
from services.router.case import Case
from services.router.core import COMMANDS, HANDLERS
from services.router.event import AUDIENCE, Event
from services.router.evolve import evolve
from services.router.transitions import FOLLOWING, PAGE, TRANSITIONS, page
from tests.property.test_case import VARIANTS, newest
from tests.support.casework import Office
from tests.support.history import step
from tests.support.procedure import DRY, WET, building_office, procedure_book

Seen = set[tuple[str, str, str]]


@pytest.fixture(scope="module")
def books(tmp_path_factory: pytest.TempPathFactory) -> list[Kochbuch]:
    return [procedure_book(Path(tmp_path_factory.mktemp("book")), text) for text in VARIANTS.values()]


def test_the_page_shows_the_table() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run: python -m services.router.transitions"


def test_every_request_has_its_row() -> None:
    assert TRANSITIONS.keys() == HANDLERS.keys()


def test_the_table_speaks_of_known_events_only() -> None:
    named = {event for row in TRANSITIONS.values() for events in row.values() for event in events}
    assert named | FOLLOWING.keys() | {event for events in FOLLOWING.values() for event in events} <= AUDIENCE.keys()


def test_every_cell_happens_and_nothing_else(books: list[Kochbuch]) -> None:
    expected = {(request, state, e) for request, row in TRANSITIONS.items() for state, es in row.items() for e in es}
    seen: Seen = set()
    for seed in range(400):
        for book in books:
            seen |= observed(book, seed, expected - seen)
        if seed > 10 and seen == expected:
            break
    assert seen == expected


def observed(book: Kochbuch, seed: int, missing: AbstractSet[tuple[str, str, str]]) -> Seen:
    """What one history shows: request, state of the case before it, first event; what is ``missing`` is tried first."""
    random, desk = Random(seed), building_office(book)
    case_id = desk.submit(random.choice((DRY, WET)))
    seen: Seen = set()
    for _ in range(60):
        desk.wait(0)
        before = newest(desk, case_id)
        wanted = sorted({r for r, state, _ in missing if before and state == before["status"]} & COMMANDS)
        kinds = {"kinds": wanted} if wanted and random.random() < 0.3 else {}
        request, followed = step(random, desk, case_id, before, [], **kinds)
        if before and request in TRANSITIONS and followed and followed[0] != "CommandRefused":
            seen.add((request, before["status"], followed[0]))
    return seen | set(fired(desk, case_id))


def fired(desk: Office, case_id: str) -> Iterator[tuple[str, str, str]]:
    """The timers that fired, read from the log."""
    told = [(kind, body) for kind, body in desk.of(case_id) if kind != "CommandRefused"]
    case: Case | None = None
    for _, group in groupby(told, key=lambda pair: pair[1]["version"]):
        events = [Event(*pair) for pair in group]
        if case and events[0].body["cause"].startswith("timer:"):
            yield "TimerFired", case["status"], events[0].kind
        case = reduce(evolve, events, case)
