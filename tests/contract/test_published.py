"""Nothing that was ever written becomes unreadable: former shapes are kept, and committed examples decode for ever."""

from pathlib import Path
from typing import Any

import orjson
import pytest

from schemas import published
from schemas.codec import Codec, schema_of
from schemas.compatibility import unreadable
from schemas.errors import Misconfigured
from schemas.events import EARLIER, definition, earlier_schemas, event_schema, event_schemas
from schemas.kochbuch import RECIPES, read_kochbuch
from tests.support.event_examples import FOLDER, file_of, plain

BOOK = read_kochbuch()
LIST = published.list_of(RECIPES)
NOW = published.present(BOOK.versions.values())
EXAMPLES = sorted(FOLDER.glob("*.json"))
_STATE_HEAD = 3


def test_whatever_a_release_has_written_can_still_be_read() -> None:
    gone = published.lost(published.read_list(LIST), NOW)
    assert not gone, [published.problem_of(entry, NOW).text_en for entry in gone]


def test_whatever_is_written_is_listed() -> None:
    new = NOW - published.read_list(LIST).keys()
    assert not new, f"laufzettel recipe publish; git add schemas/published.txt: {sorted(new)}"


def test_former_shapes_are_called_after_their_ids_and_are_read_as_the_present_ones() -> None:
    present = {schema.name: schema for schema in event_schemas()}
    for path in EARLIER.glob("*.avsc"):
        former = schema_of(definition(path))
        assert path.name == f"{former.name.rpartition('.')[2]}.{former.id}.avsc"
        assert former.id not in {schema.id for schema in present.values()}
        assert former.name not in present or unreadable(present[former.name], former) == "", path.name


def test_a_restore_reads_the_head_of_every_state_in_every_shape() -> None:
    former = [schema for schema in earlier_schemas() if schema.name.endswith(".CaseState")]
    head = Codec([event_schema("CaseState")]).fields(event_schema("CaseState"))
    assert [*head][:_STATE_HEAD] == ["due", "version", "status"]
    for schema in former:
        assert schema.definition["fields"][:_STATE_HEAD] == event_schema("CaseState").definition["fields"][:_STATE_HEAD]


def test_the_guard_bites_and_says_what_to_do(tmp_path: Path) -> None:
    path = tmp_path / "published.txt"
    former = published.Entry("laufzettel.events.CaseState", "1")
    published.write_list([*NOW, former], path)
    with pytest.raises(Misconfigured) as caught:
        published.publish(BOOK.versions.values(), path)
    [problem] = caught.value.problems
    assert "schemas/events/earlier/CaseState.1.avsc" in problem.text_en
    assert published.publish(BOOK.versions.values(), path, unreleased=True) == []
    assert published.read_list(path).keys() == NOW


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_of_whatever_age_is_read_and_says_the_same(path: Path) -> None:
    example = orjson.loads(path.read_bytes())
    schema, record = BOOK.codec.decode(bytes.fromhex(example["framed"]))
    assert schema.name == example["type"]
    assert agrees(example["record"], plain(record))


@pytest.mark.parametrize("schema", event_schemas(), ids=lambda schema: schema.name)
def test_every_type_has_an_example_of_its_present_shape(schema: Any) -> None:  # noqa: ANN401 - Schema
    assert file_of(schema).exists(), "python -m tests.support.event_examples; git add schemas/events/examples"


def agrees(was: Any, now: Any) -> bool:  # noqa: ANN401 - any JSON value
    """Whether what both name is the same; a field may have been added or dropped since."""
    if isinstance(was, dict) and isinstance(now, dict):
        return all(agrees(was[name], now[name]) for name in was.keys() & now.keys())
    if isinstance(was, list) and isinstance(now, list):
        return len(was) == len(now) and all(map(agrees, was, now))
    return bool(was == now)
