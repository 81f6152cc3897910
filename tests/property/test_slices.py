"""What is cut from a submission is byte for byte what decoding, projecting and encoding gives."""

import random
from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas import fields
from schemas.avro import CASE_FACTS, project
from schemas.codec import Codec, schema_of
from schemas.kochbuch import read_kochbuch
from schemas.recipe import Recipe
from schemas.slices import Slicer, compose, encode_long, encode_text

BOOK = read_kochbuch()
TEXT = "äß€ Đorđević " * 12


def answer(field: fields.FormField, chance: random.Random) -> Any:  # noqa: ANN401 - a value of any field
    """A value in its inner shape, optional ones often missing."""
    if field.optional and chance.random() < 0.4:
        return None
    match field:
        case fields.Integer() | fields.Money():
            return chance.choice([0, -1, 1, 63, 64, -65, 2**40, -(2**52)])
        case fields.Boolean():
            return chance.random() < 0.5
        case fields.Date():
            return chance.randrange(-40_000, 40_000)
        case fields.PartialDate():
            return {"year": chance.choice([None, 1961]), "month": None, "day": chance.choice([None, 31])}
        case fields.ListOf():
            return [
                answer(field.of.model_copy(update={"optional": False}), chance)
                for _ in range(chance.choice([0, 1, 3, 70]))
            ]
        case fields.Person() | fields.Address() | fields.Group():
            return {name: answer(part, chance) for name, part in (fields.members(field) or {}).items()}
    return TEXT[: chance.choice([0, 1, 40, 63, 64, 65, 150])]


@cache
def tools(name: str) -> tuple[Recipe, Codec, Slicer]:
    recipe = BOOK.recipes[name]
    codec = Codec([recipe.submission, *recipe.messages.values()])
    return recipe, codec, Slicer(recipe.submission.definition, recipe.trees.values())


@pytest.mark.parametrize("name", BOOK.recipes)
@given(seed=st.integers(0, 2**32))
@settings(max_examples=25)
def test_a_cut_message_is_the_encoded_one(name: str, seed: int) -> None:
    chance = random.Random(seed)
    recipe, codec, slicer = tools(name)
    facts: dict[str, Any] = {
        fact["name"]: {
            "recipe_version": 3,
            "received_at": 1_772_000_000_000_000,
            "applied_on": chance.choice([None, 20_000]),
        }.get(fact["name"], TEXT[: chance.randrange(90)])
        for fact in CASE_FACTS
    }
    form = {name: answer(field, chance) for name, field in recipe.form.items()}
    value = codec.encoder(recipe.submission)({**facts, "digest": b"d" * 16, "form": form})
    ends = slicer.cut(value)
    assert ends[-1] == len(value)
    own = {
        "case_version": 7,
        "station": "x",
        "department": "d",
        "task": "decide",
        "rule": "r",
        "due_at": None,
        "opened_by": "o",
    }
    station = encode_long(7) + b"".join(map(encode_text, ("x", "d", "decide", "r"))) + b"\x00" + encode_text("o")
    for station_name, schema in recipe.messages.items():
        pieces = slicer.pieces(recipe.trees[station_name])
        if not recipe.sees[station_name] or pieces is None:
            continue
        whole = codec.encoder(schema)({**facts, **own, "form": project(form, recipe.trees[station_name])})
        assert compose(whole[:5], value, ends, station, pieces) == whole


@given(number=st.integers(-(2**63), 2**63 - 1))
def test_longs_are_written_as_fastavro_writes_them(number: int) -> None:
    definition = {"type": "record", "name": "N", "namespace": "x", "fields": [{"name": "n", "type": "long"}]}
    schema = schema_of(definition)
    assert Codec([schema]).encoder(schema)({"n": number})[5:] == encode_long(number)


def test_most_stations_of_the_kochbuch_can_be_cut() -> None:
    cut = [
        Slicer(recipe.submission.definition, recipe.trees.values()).pieces(tree) is not None
        for recipe in BOOK.versions.values()
        for tree in recipe.trees.values()
    ]
    assert sum(cut) / len(cut) > 0.9
