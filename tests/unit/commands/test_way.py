from pathlib import Path

from schemas.dead_letter import dead_letter
from schemas.errors import Reason, Rejected
from schemas.message import Message, Stored
from schemas.submission import Acceptance, Submission
from services.commands.way import way_of
from services.router.processor import Router
from services.runtime.memory import MemoryBus
from tests.support.book import LARGE, small_book

NOW = 1_790_000_000_000_000


def stored(message: Message, timestamp: int, offset: int = 0) -> Stored:
    return Stored(message.topic, 0, offset, message.key, message.value, message.headers, timestamp)


def routed(folder: Path) -> tuple[MemoryBus, list[Stored], Router]:
    book = small_book(folder)
    router = Router(book)
    accepted = Acceptance(book).accept(Submission("99102013104000", "town", LARGE, "portal", "p", "k", NOW))
    request = stored(accepted.message, NOW // 1000)
    router.restore(0, [])
    out = [stored(message, NOW // 1000 + 5, n) for n, message in enumerate(router.process(0, [request], NOW + 5_000))]
    return MemoryBus(), [*reversed(out), request], router


def test_the_way_is_told_in_the_order_of_the_flow(tmp_path: Path) -> None:
    _, records, _ = routed(tmp_path)
    steps = way_of(records, small_book(tmp_path).codec)
    topics = [step.topic for step in steps]
    assert topics[0] == "case-requests"
    assert topics[-1] == "router-state"
    assert {"department.town.taxes", "department.town.order"} < set(topics)
    assert steps[0].kind == "CaseSubmitted"


def test_a_step_names_department_station_and_rule_and_nothing_personal(tmp_path: Path) -> None:
    _, records, _ = routed(tmp_path)
    steps = way_of(records, small_book(tmp_path).codec)
    order = next(step for step in steps if step.topic == "department.town.order")
    assert "station dangerous-dog" in order.facts
    assert "weight_kg over 20" in order.facts
    assert "Muster" not in str(steps)


def test_revealed_it_shows_what_each_department_sees(tmp_path: Path) -> None:
    _, records, _ = routed(tmp_path)
    steps = way_of(records, small_book(tmp_path).codec, reveal=True)
    order = next(step for step in steps if step.topic == "department.town.order")
    assert order.content["form"] == {"holder": {"family_name": "Muster"}, "breed": "Dogge", "weight_kg": 60}


def test_dead_letters_tombstones_and_what_cannot_be_read_are_steps_as_well(tmp_path: Path) -> None:
    odd = Stored("case-requests", 0, 1, b"k", b"\x01nonsense", [], 1)
    letter = dead_letter(odd, Rejected(Reason.UNDECODABLE, "not Avro"), "router", NOW)
    gone = Stored("router-state", 0, 2, b"k", None, [], 3)
    steps = way_of([gone, stored(letter, 2), odd], small_book(tmp_path).codec)
    assert [step.kind for step in steps] == ["?", "dead letter", "erased"]
    assert steps[1].facts == "undecodable: not Avro"
