import datetime as dt
from typing import Any
from uuid import UUID, uuid4

import pytest

from schemas.codec import Codec
from schemas.command import Command, command_schemas, fields_of, kind_named, needs_version, prepare
from schemas.command_field import LONGEST_TEXT
from schemas.errors import Problem, Rejected
from schemas.events import event_schemas
from schemas.form import days_of
from schemas.message import Message
from schemas.refusal import REASONS, refusal_words
from services.router.core import COMMANDS
from services.router.refusal import Why
from tests.support.casework import DAY, Office
from tests.support.procedure import DRY, building_office, procedure_book

CASE = UUID("7a1f6d52-8a57-5b0e-9c39-1f6f0d2b7a11")
NOW = 1_773_000_000_000_000
CODEC = Codec(event_schemas())


def command(kind: str, fields: dict[str, str | list[str]] | None = None, **head: Any) -> Command:  # noqa: ANN401
    given = {name: [said] if isinstance(said, str) else said for name, said in (fields or {}).items()}
    head = {"actor": "sb-00000001", "department": "building", "expected_version": 1, **head}
    return Command(kind, CASE, received_at=NOW, source="test", fields=given, **head)


def record(message: Message) -> dict[str, Any]:
    return CODEC.decode(message.value)[1]


def problems(asked: Command) -> dict[str, Problem]:
    with pytest.raises(Rejected) as rejected:
        prepare(asked)
    return {problem.where: problem for problem in rejected.value.problems}


def micros(text: str) -> int:
    return int(dt.datetime.fromisoformat(text).timestamp()) * 1_000_000


def test_the_commands_are_those_that_the_router_takes() -> None:
    assert command_schemas().keys() == COMMANDS


def test_every_field_of_every_command_can_be_read_and_is_explained() -> None:
    for kind in command_schemas():
        for each in fields_of(kind):
            assert each.doc
            assert each.required or each.empty in (None, "", False)
            assert (each.shape == "choice") == bool(each.symbols)


def test_a_command_is_one_message_under_the_cases_key() -> None:
    prepared = prepare(command("Claim", {"station": "assess"}))
    message = prepared.message
    headers = dict(message.headers)
    assert (message.topic, message.key) == ("case-requests", str(CASE).encode())
    assert (headers["ce_id"].decode(), headers["ce_type"], headers["ce_subject"]) == (
        prepared.command_id, b"Claim", message.key,
    )  # fmt: skip
    assert headers["received_at"] == str(NOW).encode()
    assert record(message) == {
        "command_id": prepared.command_id, "case_id": str(CASE), "received_at": NOW, "actor": "sb-00000001",
        "acting_for": None, "department": "building", "expected_version": 1, "station": "assess",
    }  # fmt: skip


def test_the_same_again_is_the_same_command_and_anything_else_another() -> None:
    first = prepare(command("Claim", {"station": "assess"}))
    assert prepare(command("claim", {"station": " assess "})).message == first.message
    others = [
        command("Release", {"station": "assess"}),
        command("Claim", {"station": "fire"}),
        command("Claim", {"station": "assess"}, expected_version=2),
        command("Claim", {"station": "assess"}, actor="sb-00000002"),
    ]
    assert len({first.command_id, *(prepare(other).command_id for other in others)}) == 5
    assert prepare(command("Claim", {"station": "assess"}, command_id="mine-1")).command_id == "mine-1"


def test_values_are_read_as_the_schema_says() -> None:
    decided = record(prepare(command("Decide", {"outcome": "granted_in_part"})).message)
    assert (decided["outcome"], decided["text_ref"]) == ("granted_in_part", "")
    asked = record(prepare(command("AskApplicant", {"papers": ["Plan", " ", "Statik"], "until": "2026-04-30"})).message)
    assert (asked["papers"], asked["text"]) == (["Plan", "Statik"], "")
    away = record(
        prepare(
            command("Substitute", {"who": "a", "deputy": "b", "since": "2026-04-01", "until": "2026-04-30"})
        ).message
    )
    assert (away["since"], away["until"]) == (days_of("2026-04-01"), days_of("2026-04-30"))
    signed = record(prepare(command("CountersignDecision", {"agrees": "Ja"})).message)
    assert signed["agrees"] is True
    fields: dict[str, str | list[str]] = {"station": "a", "to_department": "b", "reason": "c"}
    assert record(prepare(command("Forward", fields)).message)["stays_involved"] is False


@pytest.mark.parametrize(
    ("field", "text", "instant"),
    [
        ("until", "2026-04-30", "2026-05-01T00:00+02:00"),
        ("until", "2026-04-30T12:00", "2026-04-30T12:00+02:00"),
        ("until", "2026-01-31 12:00", "2026-01-31T12:00+01:00"),
        ("until", "2026-04-30T12:00:00Z", "2026-04-30T12:00+00:00"),
        ("remind_at", "2026-04-20", "2026-04-20T00:00+02:00"),
    ],
)
def test_a_last_day_runs_out_and_others_begin_in_berlin(field: str, text: str, instant: str) -> None:
    fields: dict[str, str | list[str]] = {
        "to_department": "fire", "question": "?", "until": "2027-01-01", field: text,
    }  # fmt: skip
    assert record(prepare(command("Consult", fields)).message)[field] == micros(instant)


def test_text_is_composed_and_kept_in_its_lines() -> None:
    note = record(prepare(command("AddNote", {"text": "Mu\u0308ller\r\nruft an\n"})).message)
    assert note["text"] == "Müller\nruft an"


def test_every_problem_is_said_at_once_and_what_was_written_in_none() -> None:
    found = problems(
        command(
            "Consult",
            {"to_department": "a", "until": "tomorrow", "station": "GEHEIM", "remind_at": ["GEHEIM", "GEHEIM"]},
            actor="Erika Muster",
            department="Amt für Ordnung",
            expected_version=None,
            command_id="Frau Muster 7",
        )
    )
    assert found.keys() == {
        "station", "question", "until", "remind_at", "actor", "department", "expected_version", "command_id",
    }  # fmt: skip
    assert "to_department, question, until, remind_at" in found["station"].text_en
    assert "YYYY-MM-DD" in found["until"].text_en
    assert all(problem.text and problem.text_en for problem in found.values())
    assert not any(word in str(found) for word in ("GEHEIM", "Muster", "tomorrow"))


@pytest.mark.parametrize("text", ["2026-02-30", "20260430", "9999-12-31", "1e9", "", "2026-04-30T25:00"])
def test_a_day_that_does_not_exist_is_a_problem(text: str) -> None:
    assert "until" in problems(command("Consult", {"to_department": "a", "question": "?", "until": text}))


@pytest.mark.parametrize("text", ["x" * (LONGEST_TEXT + 1), "a\x1b[2J", "a\ud800"])
def test_texts_have_a_limit_and_steer_nothing(text: str) -> None:
    assert problems(command("AddNote", {"text": text})).keys() == {"text"}


def test_a_choice_names_what_can_be_chosen() -> None:
    found = problems(command("Decide", {"outcome": "genehmigt"}))
    assert "granted, refused, granted_in_part, settled" in found["outcome"].text


@pytest.mark.parametrize(
    ("text", "kind"), [("GiveOpinion", "GiveOpinion"), ("give-opinion", "GiveOpinion"), ("claim", "Claim")]
)
def test_a_kind_may_be_typed_as_one_likes(text: str, kind: str) -> None:
    assert kind_named(text) == kind


def test_an_unknown_kind_is_answered_with_those_nearest() -> None:
    with pytest.raises(Rejected, match="Decide"):
        kind_named("Decode")
    with pytest.raises(Rejected, match="Withdraw"):
        kind_named("42")


def test_who_only_reports_needs_no_version() -> None:
    assert needs_version("Decide")
    assert not needs_version("GiveOpinion")
    assert record(prepare(command("ConfirmDelivery", {"station": "a"}, expected_version=None)).message)


def test_every_reason_of_a_refusal_has_words() -> None:
    assert {why.value for why in Why} == REASONS
    assert all(german != english for german, english in map(refusal_words, REASONS))
    assert refusal_words("newer") == ("newer", "newer")


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Office:
    return building_office(procedure_book(tmp_path_factory.mktemp("procedure")))


_ENOUGH: dict[str, dict[str, str | list[str]]] = {
    "Forward": {"station": "assess", "to_department": "council"},
    "Return": {"station": "assess"},
    "Consult": {"to_department": "planning", "until": "2026-12-01"},
    "ExtendDeadline": {},
    "Reopen": {},
    "AddNote": {},
    "AskApplicant": {"until": "2026-12-01"},
}


@pytest.mark.parametrize("kind", sorted(_ENOUGH))
def test_what_must_be_said_here_the_router_asks_for_too(desk: Office, kind: str) -> None:
    case = desk.submit(DRY, str(uuid4()))
    if kind == "Reopen":
        desk.do("Withdraw", case)
    (missing,) = problems(command(kind, _ENOUGH[kind]))
    empty = {missing: [] if missing == "papers" else " "}
    named = {name: said for name, said in _ENOUGH[kind].items() if name != "until"}
    assert desk.do(kind, case, **named, until=desk.now + DAY, **empty) == ["CommandRefused"]
    assert desk.refusal() == "reason-missing"


def test_what_may_be_left_out_here_the_router_does_not_ask_for(desk: Office) -> None:
    case = desk.submit(DRY, str(uuid4()))
    assert desk.do("AskApplicant", case, papers=["Plan"], until=desk.now + DAY, text="")[0] == "ApplicantAsked"
    assert desk.do("GiveOpinion", case, station="fire", department="fire", opinion="consents", text="")
    desk.do("Return", case, station="assess")
    fields = {"station": "assess", "department": "post", "to_department": "building", "reason": ""}
    assert desk.do("Correct", case, **fields)[0] == "RoutingCorrected"
    assert desk.do("Decide", case, outcome="granted", text_ref="")[0] == "DecisionProposed"
    assert desk.do("CountersignDecision", case, agrees=False, reason="", actor="sb-00000003") == ["DecisionSentBack"]
    assert desk.do("Withdraw", case, reason="")[0] == "CaseWithdrawn"
