from pathlib import Path
from typing import Any

import pytest

from schemas.errors import Rejected, Unavailable
from schemas.kochbuch import Kochbuch
from schemas.submission import Acceptance, Submission
from services.commands.case_order import Answer, Order, Patience, send
from services.commands.case_view import events_in
from services.router.evolve import replay
from services.router.processor import Router
from services.runtime.memory import MemoryBus
from tests.support.casework import NOW
from tests.support.procedure import DRY, ONE, SERVICE, THREE, TWO, procedure_book
from tests.support.tail import MemoryKeyLog


class Hall:
    """A case, a router that works whenever somebody looks, and a command line."""

    def __init__(self, book: Kochbuch) -> None:
        self.book, self.bus, self.router = book, MemoryBus(now=NOW), Router(book)
        self.works = True
        accepted = Acceptance(book).accept(Submission(SERVICE, "town", DRY, "portal", "test", "1", NOW))
        self.case_id = str(accepted.case_id)
        self.bus.write([accepted.message])

    def route(self) -> None:
        if self.works:
            self.bus.run(self.router, group="router", topic="case-requests", state="router-state")

    async def send(self, kind: str, actor: str = ONE, wait: float = 0.2, **given: Any) -> Answer:  # noqa: ANN401
        head = {name: given.pop(name, None) for name in ("acting_for", "version")}
        fields = {name: [said] for name, said in given.items() if name != "command_id"}
        order = Order(kind, actor, command_id=given.get("command_id", ""), fields=fields, **head)
        order.check(NOW)
        log = MemoryKeyLog(self.bus, "case-events", self.case_id.encode(), self.route)
        return await send(order, self.case_id, log, self.bus.publisher(), self.book.codec, NOW, Patience(wait))

    def requests(self) -> int:
        return len(self.bus.records("case-requests"))


@pytest.fixture
def hall(tmp_path: Path) -> Hall:
    return Hall(procedure_book(tmp_path))


def kinds(answer: Answer) -> list[str]:
    return [event.kind for event in answer.events]


def reason(answer: Answer) -> str:
    assert answer.refusal is not None
    return str(answer.refusal.body["reason"])


async def test_a_command_is_completed_sent_and_answered(hall: Hall) -> None:
    answer = await hall.send("Claim", station="assess")
    assert (kinds(answer), answer.refusal) == (["StationClaimed", "CitizenStatusChanged"], None)
    claimed = answer.events[0].body
    assert (claimed["version"], claimed["actor"], claimed["department"]) == (2, ONE, "building")


async def test_the_department_is_that_of_the_station_unless_another_is_named(hall: Hall) -> None:
    given = await hall.send("GiveOpinion", TWO, station="fire", opinion="consents")
    assert given.events[0].body["department"] == "fire"
    refused = await hall.send("Claim", station="assess", department="water")
    assert reason(refused) == "not-your-department"


async def test_a_refusal_says_what_changed(hall: Hall) -> None:
    await hall.send("Claim", station="assess")
    answer = await hall.send("Release", station="assess", version=1)
    assert reason(answer) == "stale"
    assert answer.refusal is not None
    assert answer.refusal.body["changed"] == ["2:StationClaimed CitizenStatusChanged"]


async def test_the_same_id_again_has_no_second_effect_and_tells_the_first(hall: Hall) -> None:
    first = await hall.send("AddNote", text="Akte liegt vor", command_id="note-1")
    sent = hall.requests()
    again = await hall.send("AddNote", text="Akte liegt vor", command_id="note-1")
    assert (again.events, again.repeated) == (first.events, True)
    assert hall.requests() == sent


async def test_an_id_that_nobody_gave_is_the_same_for_the_same_case_as_it_was_seen(hall: Hall) -> None:
    first = await hall.send("AddNote", text="Akte liegt vor")
    assert not (await hall.send("AddNote", text="Akte liegt vor")).repeated, "on another day it is another note"
    again = await hall.send("AddNote", text="Akte liegt vor", version=1)
    assert (again.command_id, again.repeated) == (first.command_id, True)


async def test_who_only_reports_is_not_refused_because_the_case_moved_on(hall: Hall) -> None:
    hall.route()
    case = replay(events_in(hall.bus.records("case-events"), hall.book.codec))
    order = Order("GiveOpinion", TWO, None, None, "", {"station": ["fire"], "opinion": ["consents"]})
    assert order.command(hall.case_id, case, NOW).expected_version is None


async def test_a_command_that_was_refused_may_be_sent_again(hall: Hall) -> None:
    refused = await hall.send("CountersignDecision", THREE, agrees="yes", command_id="sign-1")
    assert reason(refused) == "no-proposal"
    await hall.send("Decide", outcome="granted")
    signed = await hall.send("CountersignDecision", THREE, agrees="yes", command_id="sign-1")
    assert kinds(signed)[0] == "CaseDecided"


async def test_without_an_answer_the_command_stays_and_its_repeat_is_named(hall: Hall) -> None:
    hall.route()
    hall.works = False
    with pytest.raises(Unavailable, match="--id note-2"):
        await hall.send("AddNote", text="Akte", command_id="note-2", wait=0)
    hall.works = True
    late = await hall.send("AddNote", text="Akte", command_id="note-2")
    assert (kinds(late), late.repeated) == (["NoteAdded"], True)


async def test_an_applicant_acts_in_no_department(hall: Hall) -> None:
    answer = await hall.send("Withdraw", "applicant")
    assert kinds(answer) == ["CaseWithdrawn", "CaseClosed", "CitizenStatusChanged"]


async def test_a_case_without_events_is_said_in_words(hall: Hall) -> None:
    hall.works = False
    with pytest.raises(Rejected, match="laufzettel lag"):
        await hall.send("Claim", station="assess")
    assert hall.requests() == 1


async def test_what_can_be_known_to_be_wrong_is_said_before_anything_is_read(hall: Hall) -> None:
    with pytest.raises(Rejected) as rejected:
        await hall.send("Consult", "Erika Muster", staton="assess")
    assert {"actor", "staton", "to_department", "question", "until"} == {p.where for p in rejected.value.problems}


async def test_whoever_waits_is_told_how_long() -> None:
    ticks: list[tuple[int, int]] = []

    async def nothing() -> list[Any]:
        return []

    assert await Patience(0.1, lambda done, total: ticks.append((done, total))).until(nothing) == []
    assert ticks
