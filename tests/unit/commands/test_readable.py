from pathlib import Path

import pytest

from schemas.codec import schema_of
from schemas.events import event_schema, event_schemas
from schemas.submission import Acceptance, Submission
from services.commands.readable import HIDDEN, readable, since
from tests.support.book import SMALL, small_book

NOW = 1_790_000_000_000_000


def submitted(folder: Path, *, reveal: bool) -> dict[str, object]:
    book = small_book(folder)
    holder = {**SMALL["holder"], "birth_date": "1961-05"}  # type: ignore[dict-item]
    form = {**SMALL, "holder": holder}
    accepted = Acceptance(book).accept(
        Submission("99102013104000", "town", form, "portal", "p", "k", NOW, "2026-02-28")
    )
    schema, record = book.codec.decode(accepted.message.value)
    return readable(schema, record, reveal=reveal)


def test_nothing_that_the_applicant_said_is_shown(tmp_path: Path) -> None:
    shown = submitted(tmp_path, reveal=False)
    assert shown["form"] == HIDDEN
    assert "Muster" not in str(shown)


def test_times_and_dates_are_iso_and_bytes_are_base64(tmp_path: Path) -> None:
    shown = submitted(tmp_path, reveal=False)
    assert shown["received_at"] == "2026-09-21T14:13:20.000000Z"
    assert shown["applied_on"] == "2026-02-28"
    assert isinstance(shown["digest"], str)


def test_revealed_the_form_is_as_it_was_said(tmp_path: Path) -> None:
    form = submitted(tmp_path, reveal=True)["form"]
    assert isinstance(form, dict)
    assert form["kept_since"] == "2026-03-01"
    assert form["holder"]["birth_date"] == "1961-05-00"
    assert form["iban"] is None


@pytest.mark.parametrize("name", [schema.name.rpartition(".")[2] for schema in event_schemas()])
def test_no_field_tagged_as_personal_is_shown_of_any_event(name: str) -> None:
    schema = event_schema(name)
    tagged = {field["name"] for field in schema.definition["fields"] if "confluent:tags" in field}
    record = {field["name"]: "secret" for field in schema.definition["fields"] if field["name"] in tagged}
    shown = readable(schema, record)
    assert {name for name, value in shown.items() if value == HIDDEN} == tagged


def test_a_named_type_is_known_where_it_is_only_named() -> None:
    inner = {
        "type": "record",
        "name": "Inner",
        "fields": [{"name": "on", "type": {"type": "int", "logicalType": "date"}}],
    }
    fields = [{"name": "one", "type": inner}, {"name": "two", "type": {"type": "array", "items": "Inner"}}]
    schema = schema_of({"type": "record", "name": "Outer", "namespace": "test", "fields": fields})
    shown = readable(schema, {"one": {"on": 0}, "two": [{"on": 1}]})
    assert shown == {"one": {"on": "1970-01-01"}, "two": [{"on": "1970-01-02"}]}


@pytest.mark.parametrize(
    ("later", "said"), [(0, "0 ms"), (42_000, "42 ms"), (1_500_000, "1.50 s"), (3_600_000_000, "1:00:00")]
)
def test_the_time_between_two_instants_is_short(later: int, said: str) -> None:
    assert since(0, later) == said
