import contextlib
import struct
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.avro import project, projection, station_schema, submission_schema
from schemas.codec import Codec, Schema, schema_of
from schemas.errors import Misconfigured, Reason, Rejected
from schemas.kochbuch import read_recipe
from tests.support.book import DOG, SMALL, write

RECIPE_FIELDS = st.sampled_from(
    ["holder", "breed", "weight_kg", "kept_since", "iban", "holder.family_name", "holder.address.city"]
)


@pytest.fixture(scope="module")
def recipe(tmp_path_factory: pytest.TempPathFactory) -> Any:  # noqa: ANN401 - module-scoped Recipe
    return read_recipe(write(tmp_path_factory.mktemp("book"), "dog", DOG))


FACTS: dict[str, Any] = {
    "case_id": "c", "reference": "r", "service": "s", "municipality": "m", "recipe": "dog", "recipe_version": 1,
    "received_at": 5, "applied_on": None, "channel": "portal", "source": "p", "digest": b"d",
}  # fmt: skip


def encoded(recipe: Any, form: dict[str, Any]) -> tuple[Codec, bytes]:  # noqa: ANN401
    codec = Codec([recipe.submission])
    return codec, codec.encoder(recipe.submission)({**FACTS, "form": recipe.validator.validate(form)})


@given(
    breed=st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), min_size=1, max_size=40),
    weight=st.integers(0, 120),
)
def test_what_is_written_is_read(recipe: Any, breed: str, weight: int) -> None:  # noqa: ANN401
    form = {**SMALL, "breed": breed, "weight_kg": weight}
    codec, data = encoded(recipe, form)
    schema, record = codec.decode(data)
    assert schema == recipe.submission
    validated = recipe.validator.validate(form)
    assert record["form"]["breed"] == validated["breed"]
    assert record["form"]["weight_kg"] == weight
    assert record["form"]["kept_since"] == validated["kept_since"]


@given(cut=st.integers(0, 80), tail=st.binary(max_size=4))
def test_every_other_length_is_rejected(recipe: Any, cut: int, tail: bytes) -> None:  # noqa: ANN401
    codec, data = encoded(recipe, SMALL)
    broken = data[: len(data) - cut] + tail if cut else data + tail + b"\x00"
    if broken != data:
        with pytest.raises(Rejected) as caught:
            codec.decode(broken)
        assert caught.value.reason in {Reason.UNDECODABLE, Reason.UNKNOWN_SCHEMA}


@given(data=st.binary(max_size=200))
def test_nonsense_is_rejected_and_nothing_else_happens(recipe: Any, data: bytes) -> None:  # noqa: ANN401
    codec = Codec([recipe.submission])
    for candidate in (data, struct.pack(">bI", 0, recipe.submission.id) + data):
        with contextlib.suppress(Rejected):
            assert codec.decode(candidate)[0] == recipe.submission


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (None, Reason.UNDECODABLE),
        (b"", Reason.UNDECODABLE),
        (b"\x00\x00", Reason.UNDECODABLE),
        (b"\x01\x00\x00\x00\x01x", Reason.UNDECODABLE),
        (b"\x00\x00\x00\x00\x01x", Reason.UNKNOWN_SCHEMA),
        (b"\x00\xff\xff\xff\xffx", Reason.UNKNOWN_SCHEMA),
    ],
)
def test_wrong_framing_is_named(recipe: Any, data: bytes | None, reason: Reason) -> None:  # noqa: ANN401
    with pytest.raises(Rejected) as caught:
        Codec([recipe.submission]).decode(data)
    assert caught.value.reason is reason


@given(sees=st.lists(RECIPE_FIELDS, min_size=1, unique=True))
def test_a_station_sees_exactly_its_fields(recipe: Any, sees: list[str]) -> None:  # noqa: ANN401
    address = {"street": "Markt", "postcode": "52349", "city": "Düren"}
    holder = {"family_name": "Muster", "given_names": "Erika", "address": address}
    form = recipe.validator.validate({**SMALL, "holder": holder})
    definition = station_schema("dog", 1, "x", recipe.form, sees)
    schema = schema_of(definition)
    codec = Codec([schema])
    facts = {
        **FACTS,
        "case_version": 1,
        "station": "x",
        "department": "d",
        "task": "decide",
        "rule": "always",
        "due_at": None,
        "opened_by": "CaseReceived",
    }
    _, record = codec.decode(codec.encoder(schema)({**facts, "form": project(form, projection(sees))}))
    assert set(record["form"]) == {path.split(".")[0] for path in sees}
    if "holder" not in sees and "holder.family_name" in sees:
        assert "given_names" not in record["form"]["holder"]


def test_two_schemas_with_one_id_stop_the_start(recipe: Any) -> None:  # noqa: ANN401
    other = schema_of(submission_schema("other", 1, recipe.form))
    forged = type(other)(recipe.submission.id, other.name, other.json)
    with pytest.raises(Misconfigured):
        Codec([recipe.submission, forged])


def test_the_id_covers_the_shape_not_what_only_people_read(tmp_path: Path) -> None:
    definition = submission_schema("dog", 1, read_recipe(write(tmp_path, "dog", DOG)).form)
    number = schema_of(definition).id
    assert schema_of(dict(reversed(definition.items()))).id == number
    tagged = [{**field, "doc": "other", "confluent:tags": ["PII"]} for field in definition["fields"]]
    assert schema_of({**definition, "doc": "other", "fields": tagged}).id == number
    assert schema_of({**definition, "fields": definition["fields"][:-1]}).id != number
    assert schema_of({**definition, "name": "other"}).id != number


def test_a_record_of_a_relabelled_form_is_read_and_still_has_its_id(tmp_path: Path) -> None:
    recipe = read_recipe(write(tmp_path / "was", "dog", DOG))
    relabelled = read_recipe(write(tmp_path / "is", "dog", DOG.replace("max: 80", "max: 80, label: {de: Rasse}")))
    assert relabelled.submission != recipe.submission
    _, data = encoded(recipe, SMALL)
    schema, record = Codec([relabelled.submission]).decode(data)
    assert (schema, record["form"]["breed"]) == (relabelled.submission, "Dackel")


def thing(*fields: dict[str, Any]) -> Schema:
    return schema_of({"type": "record", "name": "Thing", "namespace": "test", "fields": list(fields)})


FORMER = thing({"name": "kind", "type": "string"}, {"name": "gone", "type": "long"})
PRESENT = thing({"name": "kind", "type": "string"}, {"name": "note", "type": ["null", "string"], "default": None})


@given(kind=st.text(max_size=10), gone=st.integers(-5, 5))
def test_what_was_written_in_a_former_shape_is_read_in_the_present_one(kind: str, gone: int) -> None:
    data = Codec([FORMER]).encoder(FORMER)({"kind": kind, "gone": gone})
    codec = Codec([PRESENT], [FORMER])
    assert codec.decode(data) == (PRESENT, {"kind": kind, "note": None})
    assert codec.schema_in(data) == PRESENT
    assert codec.schemas == (PRESENT,)
    with pytest.raises(Rejected):
        codec.decode(data + b"x")


def test_a_type_that_nobody_writes_any_more_is_read_as_it_was() -> None:
    data = Codec([FORMER]).encoder(FORMER)({"kind": "a", "gone": 1})
    assert Codec([], [FORMER]).decode(data) == (FORMER, {"kind": "a", "gone": 1})


def test_the_present_shape_may_be_kept_among_the_former_ones() -> None:
    record = {"kind": "a", "note": None}
    codec = Codec([PRESENT], [FORMER, PRESENT])
    assert codec.decode(codec.encoder(PRESENT)(record)) == (PRESENT, record)
