"""Whatever stands on the request topic, the router neither stops nor loses it: it decides, counts or sets it aside."""

from pathlib import Path
from random import Random

import pytest

from schemas.events import event_schema
from schemas.kochbuch import Kochbuch
from schemas.message import Message, Stored
from services.router.core import COMMANDS
from services.runtime.account import Outcome
from tests.support.casework import NOW, Office
from tests.support.history import anything, fitting
from tests.support.procedure import DRY, RECIPE, WET, building_office, procedure_book

_EXTREME = (0, 1, -1, 2**31 - 1, 2**62, -(2**62), 2**63 - 1, -(2**63))
_HEADERS = (
    [("received_at", b"9" * 5_000)],
    [("received_at", b"\xff")],
    [("received_at", b"")],
    [("traceparent", b"\x00\xff")],
    [("dl_replays", b"x"), ("ce_id", b"\xff")],
)


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Kochbuch:
    text = "      begins_on: {type: date, optional: true}\n      income:"
    with_date = procedure_text().replace("      income:", text)
    return procedure_book(Path(tmp_path_factory.mktemp("poison")), with_date)


def procedure_text() -> str:
    """The procedure with a station whose deadline counts back from a date in the form."""
    return RECIPE.replace("due: {within: 10 working days,", "due: {before: {field: begins_on, length: 3 days},")


def handled(desk: Office, value: bytes | None, key: bytes | None, random: Random) -> None:
    """Processes one record; it has exactly one outcome of its own, and nothing is raised, then or later."""
    message = Message("case-requests", key, value, list(random.choice(_HEADERS)))
    desk.router.account()
    record = desk.stored(message)
    desk.recall(record)
    desk.take(desk.router.process(0, [record], desk.now))
    outcomes = desk.router.account().outcomes
    assert outcomes.total() - outcomes[Outcome.TIMER] == 1
    desk.take(desk.router.tick(0, desk.now + random.choice((0, 10**12, 10**14))))


@pytest.mark.parametrize("seed", range(40))
def test_damaged_records(book: Kochbuch, seed: int) -> None:
    random, desk = Random(seed), building_office(book)
    case_id = desk.submit(random.choice((DRY, WET)))
    for _ in range(40):
        kind = random.choice(sorted(COMMANDS))
        order = desk.command(kind, case_id, **anything(random, kind, NOW))
        whole = random.choice(
            (book.codec.encoder(event_schema(kind))(order), desk.submission(WET, str(random.random())).message.value)
        )
        damaged = bytearray(whole or b"")
        for _ in range(random.randint(1, 4)):
            damaged[random.randrange(len(damaged))] = random.randrange(256)
        handled(desk, bytes(damaged[: random.choice((None, None, len(damaged) // 2))]), case_id.encode(), random)


@pytest.mark.parametrize("seed", range(40))
def test_numbers_that_no_clock_shows(book: Kochbuch, seed: int) -> None:
    random, desk = Random(seed), building_office(book)
    case_id = desk.submit(WET)
    for _ in range(30):
        kind = random.choice(sorted(COMMANDS))
        state = desk.router._cases.decode(case_id, desk.router._stores[0].open[desk_key(case_id)])
        order = desk.command(kind, case_id, **(anything(random, kind, NOW) | fitting(random, state, kind, NOW)))
        for name in ("until", "remind_at", "received_at", "since", "expected_version"):
            if name in order and random.random() < 0.5:
                narrow = name == "expected_version" or (kind == "Substitute" and name != "received_at")
                order[name] = random.choice([n for n in _EXTREME if not narrow or -(2**31) <= n < 2**31])
        handled(desk, book.codec.encoder(event_schema(kind))(order), case_id.encode(), random)
        if desk_key(case_id) not in desk.router._stores[0].open:
            return


@pytest.mark.parametrize("received_at", _EXTREME)
@pytest.mark.parametrize("begins_on", [0, 2**31 - 1, -(2**31), None])
def test_submissions_from_another_age(book: Kochbuch, received_at: int, begins_on: int | None) -> None:
    desk = building_office(book)
    value = desk.submission(WET).message.value
    schema, record = book.codec.decode(value)
    record |= {"received_at": received_at, "form": record["form"] | {"begins_on": begins_on}}
    handled(desk, book.codec.encoder(schema)(record), record["case_id"].encode(), Random(1))


def desk_key(case_id: str) -> bytes:
    """The key under which the store has the case."""
    return bytes.fromhex(case_id.replace("-", ""))


def test_a_header_without_a_value(book: Kochbuch) -> None:
    desk = building_office(book)
    message = desk.submission(DRY).message
    headers = [("received_at", None), ("traceparent", None)]
    record = Stored(message.topic, 0, 1, message.key, message.value, headers, 0)  # type: ignore[arg-type]
    assert desk.router.process(0, [record], NOW)
