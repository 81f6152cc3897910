"""Every fixed event type: documented, personal fields tagged, examples of it decode; the code's own types agree."""

from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any, get_args, get_type_hints

import pytest

from schemas.codec import Codec, Schema
from schemas.events import HERE, definition, event_schema, event_schemas
from services.router import case as cases
from services.router.core import COMMANDS
from services.router.event import AUDIENCE
from services.router.letter import Notice
from tests.support.history import step
from tests.support.procedure import WET, building_office, procedure_book

_FILES = sorted(HERE.glob("*.avsc"))
_WRITTEN = {"reason", "question", "text", "papers", "answer", "submission"}
_NO_PERSONAL_FIELDS = (*AUDIENCE, "DeadLetterOutcome")


def records(node: Any) -> Iterator[dict[str, Any]]:  # noqa: ANN401 - any part of a schema
    """Every record type in a schema, the outermost first."""
    if isinstance(node, list):
        for part in node:
            yield from records(part)
    elif isinstance(node, dict):
        if node.get("type") == "record":
            yield node
        for value in node.values():
            yield from records(value)


def fields(path: Path) -> list[dict[str, Any]]:
    """Every field of every record in a file."""
    return [field for record in records(definition(path)) for field in record["fields"]]


@pytest.mark.parametrize("path", _FILES, ids=lambda path: path.stem)
def test_everything_is_documented(path: Path) -> None:
    assert definition(path)["name"] == path.stem
    assert all(record["doc"] for record in records(definition(path)))
    assert all(field.get("doc") for field in fields(path)), path.name


@pytest.mark.parametrize("path", _FILES, ids=lambda path: path.stem)
def test_what_people_write_is_tagged_as_personal(path: Path) -> None:
    tagged = {field["name"] for field in fields(path) if "PII" in field.get("confluent:tags", ())}
    counted = {field["name"] for field in fields(path) if field["type"] == "int"}
    reasons = {"reason"} if path.stem in {"CommandRefused", "DeadLetterOutcome"} else set()
    assert {field["name"] for field in fields(path)} & _WRITTEN - counted - reasons == tagged


@pytest.mark.parametrize("name", _NO_PERSONAL_FIELDS)
def test_events_carry_nothing_personal(name: str) -> None:
    assert not [field for field in fields(HERE / f"{name}.avsc") if "confluent:tags" in field]


def test_every_file_is_a_command_an_event_or_one_of_the_routers_records() -> None:
    others = {"CaseState", "DepartmentNotice", "DeadLetterOutcome"}
    assert {path.stem for path in _FILES} == {*COMMANDS, *AUDIENCE, *others}


def test_all_events_begin_alike_and_all_commands_too() -> None:
    heads = {"event_id", "case_id", "version", "at", "audience", "cause", "actor", "acted_for"}
    orders = {"command_id", "case_id", "received_at", "actor", "acting_for", "department", "expected_version"}
    for names, head in ((AUDIENCE, heads), (COMMANDS, orders)):
        for name in names:
            assert head <= {field["name"] for field in definition(HERE / f"{name}.avsc")["fields"]}, name


def test_ids_differ() -> None:
    assert len({schema.id for schema in event_schemas()}) == len(_FILES)


def test_the_state_has_the_fields_of_the_codes_types() -> None:
    names = {"CaseState": "Case"}
    extra = {"Case": {"due", "case_id"}}
    for record in records(definition(HERE / "CaseState.avsc")):
        typed = getattr(cases, names.get(record["name"], record["name"]))
        declared, hinted = {field["name"] for field in record["fields"]}, set(get_type_hints(typed))
        assert declared ^ hinted <= extra.get(typed.__name__, set()), record["name"]


def test_the_state_has_the_symbols_of_the_codes_types() -> None:
    kinds = {e["name"]: set(e["symbols"]) for e in enums(definition(HERE / "CaseState.avsc"))}
    assert kinds["CaseStatus"] == set(get_args(cases.CaseStatus))
    assert kinds["StationStatus"] == set(get_args(cases.StationStatus))
    assert kinds["TimerKind"] == set(get_args(cases.TimerKind))
    assert kinds["Task"] == set(get_args(cases.Task))
    assert kinds["EventKind"] == AUDIENCE.keys()


def test_a_notice_has_the_fields_of_its_letter() -> None:
    declared = {field["name"] for field in definition(HERE / "DepartmentNotice.avsc")["fields"]}
    assert set(Notice._fields) - {"deputy"} <= declared, "who receives a copy is said by the topic"


def enums(node: Any) -> Iterator[dict[str, Any]]:  # noqa: ANN401 - any part of a schema
    """Every enum type in a schema."""
    if isinstance(node, list):
        for part in node:
            yield from enums(part)
    elif isinstance(node, dict):
        if node.get("type") == "enum":
            yield node
        for value in node.values():
            yield from enums(value)


def test_every_type_survives_the_wire(tmp_path: Path) -> None:
    desk = building_office(procedure_book(tmp_path))
    codec, seen = Codec(event_schemas()), set()
    for seed in range(12):
        random = Random(seed)
        case_id = desk.submit(WET, str(seed))
        for _ in range(40):
            step(random, desk, case_id, None, [])
    for kind, body in desk.events:
        schema: Schema = event_schema(kind)
        assert codec.decode(codec.encoder(schema)(body)) == (schema, body)
        seen.add(kind)
    assert len(seen) > 5
