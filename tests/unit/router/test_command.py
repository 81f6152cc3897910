import dataclasses
from typing import Any

import pytest

from schemas.command import needs_version
from services.router.core import COMMANDS
from services.router.evolve import FROM_OUTSIDE, HEARD, REMEMBERED
from services.router.transitions import TRANSITIONS
from tests.property.test_case import newest
from tests.support.casework import DAY, Office
from tests.support.procedure import DRY

_NOBODY = "00000000-0000-5000-8000-000000000000"


def test_a_repeat_has_no_second_effect(desk: Office) -> None:
    case = desk.submit(DRY)
    note = desk.command("AddNote", case)
    assert desk.send("AddNote", note) == ["NoteAdded"]
    letters = len(desk.letters)
    assert desk.send("AddNote", note) == []
    assert len(desk.letters) == letters
    assert desk.router.outcomes["repeat"] == 1


def test_a_repeat_is_known_after_a_restart(desk: Office) -> None:
    case = desk.submit(DRY)
    note = desk.command("AddNote", case)
    desk.send("AddNote", note)
    desk.router.forget(0)
    desk.router.restore(0, desk.log)
    assert desk.send("AddNote", note) == []


@pytest.mark.parametrize(
    ("kind", "more"),
    [
        ("AddNote", {}),
        ("SupplyDocuments", {"papers": ["Plan"], "expected_version": None}),
        ("Withdraw", {"expected_version": None}),
        ("ConfirmDelivery", {"station": "assess", "actor": "system-delivery", "expected_version": None}),
    ],
)
def test_a_repeat_has_no_second_effect_however_much_has_happened(desk: Office, kind: str, more: dict[str, Any]) -> None:
    case = desk.submit(DRY)
    asked = {"papers": ["Plan"], "until": desk.now + DAY}
    if kind == "SupplyDocuments":
        desk.do("AskApplicant", case, **asked)
    first = desk.command(kind, case, **more)
    assert "CommandRefused" not in desk.send(kind, first)
    desk.do("Reopen", case)
    for _ in range(REMEMBERED + 1):
        desk.do("AddNote", case)
    desk.do("AskApplicant", case, **asked)
    desk.do("Forward", case, station="assess", to_department="council")
    desk.do("Forward", case, station="assess", department="council", to_department="building")
    if needs_version(kind):
        assert (desk.send(kind, first), desk.refusal()) == (["CommandRefused"], "stale")
    else:
        assert desk.send(kind, first) == []


def test_what_needs_to_name_no_version_is_heard_for_longer() -> None:
    rows = [TRANSITIONS[kind].values() for kind in COMMANDS if not needs_version(kind)]
    assert {event for row in rows for events in row for event in events} == FROM_OUTSIDE


def test_a_case_hears_a_bounded_number_of_requests(desk: Office) -> None:
    case = desk.submit(DRY)
    for _ in range(HEARD + 5):
        desk.do("AskApplicant", case, papers=["Plan"], until=desk.now + DAY)
        desk.do("SupplyDocuments", case, papers=["Plan"])
    state = newest(desk, case)
    assert state is not None
    assert len(state["heard"]) == HEARD


def test_a_stale_command_is_told_what_changed(desk: Office) -> None:
    case = desk.submit(DRY)
    desk.do("Claim", case, station="assess")
    desk.do("AddNote", case)
    assert desk.do("Release", case, station="assess", expected_version=1) == ["CommandRefused"]
    assert desk.refusal() == "stale"
    assert desk.last("CommandRefused")["changed"] == ["2:StationClaimed CitizenStatusChanged", "3:NoteAdded"]


def test_a_version_from_the_future_is_stale_too(desk: Office) -> None:
    case = desk.submit(DRY)
    desk.do("Claim", case, station="assess", expected_version=9)
    assert (desk.refusal(), desk.last("CommandRefused")["changed"]) == ("stale", [])


def test_a_refusal_changes_nothing(desk: Office) -> None:
    case = desk.submit(DRY)
    states = len(desk.log)
    desk.do("Release", case, station="assess")
    assert len(desk.log) == states
    assert desk.router.outcomes["refused"] == 1


def test_a_refusal_has_the_same_id_however_often_it_is_written(desk: Office) -> None:
    case = desk.submit(DRY)
    record = desk.command("Release", case, station="assess")
    desk.send("Release", record)
    desk.send("Release", record)
    assert len({body["event_id"] for kind, body in desk.events if kind == "CommandRefused"}) == 1


def test_an_unknown_case_is_refused(desk: Office) -> None:
    assert desk.do("Claim", _NOBODY, station="assess") == ["CommandRefused"]
    assert desk.refusal() == "unknown-case"


@pytest.mark.parametrize("actor", ["Erika Muster", "sb-muster", "", "router", "sb-00000001 Erika"])
def test_an_actor_is_a_pseudonym(desk: Office, actor: str) -> None:
    case = desk.submit(DRY)
    desk.do("Claim", case, station="assess", actor=actor)
    refusal = desk.last("CommandRefused")
    assert refusal["reason"] == "malformed"
    assert refusal["actor"] in {"", "router"}, "a name must not reach the log by way of the refusal"


def test_ids_and_texts_have_a_limit(desk: Office) -> None:
    case = desk.submit(DRY)
    desk.do("AddNote", case, command_id="c" * 65)
    assert desk.refusal() == "malformed"
    desk.do("AddNote", case, text="x" * 4001)
    assert desk.refusal() == "too-long"


def test_a_case_remembers_a_bounded_number_of_changes(desk: Office) -> None:
    case = desk.submit(DRY)
    for _ in range(REMEMBERED + 5):
        desk.do("AddNote", case)
    desk.do("Claim", case, station="assess", expected_version=1)
    assert len(desk.last("CommandRefused")["changed"]) == REMEMBERED


def test_what_people_write_travels_to_departments_only(desk: Office) -> None:
    case = desk.submit(DRY)
    desk.do("AddNote", case, text="GEHEIM")
    desk.do("Forward", case, station="assess", to_department="council", reason="GEHEIM")
    desk.do("Consult", case, department="council", to_department="water", question="GEHEIM", until=desk.now + 1)
    assert "GEHEIM" not in str(desk.events)
    assert str(desk.letters).count("GEHEIM") == 3


def test_a_command_to_a_case_whose_recipe_is_gone_waits_as_a_dead_letter(desk: Office) -> None:
    case = desk.submit(DRY)
    record = desk.command("Claim", case, station="assess")
    desk.router._book = dataclasses.replace(desk.book, versions={})
    desk.router._contexts.clear()
    desk.send("Claim", record)
    assert b"permit.v1.yaml" in dict(desk.dead[0].headers)["dl_detail"]
