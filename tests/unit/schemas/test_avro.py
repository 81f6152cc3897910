"""Avro: whatever plausible names the fields of a form have, its schemas can be written and read."""

from pathlib import Path

from schemas.codec import Codec
from schemas.kochbuch import read_recipe
from tests.support.book import DOG, SMALL, write

TWICE = """kept_since: {type: date}
      holder_address: {type: address}
      dogs: {type: list, of: {type: group, fields: {birth: {type: partial-date}}}}
      dogs_birth: {type: group, fields: {place: {type: text, optional: true}}}
"""


def test_a_field_called_like_the_part_of_another_is_a_type_of_its_own(tmp_path: Path) -> None:
    recipe = read_recipe(write(tmp_path, "dog", DOG.replace("kept_since: {type: date}\n", TWICE)))
    codec = Codec([recipe.submission, *recipe.messages.values()])
    address = {"street": "Bahnstraße", "postcode": "52349", "city": "Düren"}
    dogs = {"dogs": [{"birth": "2024-05"}], "dogs_birth": {}, "holder_address": address}
    form = recipe.validator.validate({**SMALL, **dogs, "holder": {**SMALL["holder"], "address": address}})  # type: ignore[dict-item]
    facts = dict.fromkeys(("case_id", "reference", "service", "municipality", "recipe", "channel", "source"), "x")
    record = {**facts, "recipe_version": 1, "received_at": 1, "applied_on": None, "digest": b"", "form": form}
    _, read = codec.decode(codec.encoder(recipe.submission)(record))
    assert read["form"]["holder_address"]["city"] == read["form"]["holder"]["address"]["city"] == "Düren"
    assert read["form"]["dogs"][0]["birth"] == {"year": 2024, "month": 5, "day": None}


def test_every_answer_is_personal_unless_the_recipe_says_otherwise(tmp_path: Path) -> None:
    text = DOG.replace(
        "kept_since: {type: date}", "kept_since: {type: date}\n      guide_dog: {type: boolean}"
    ).replace("breed: {type: text,", "breed: {type: text, personal: false,")
    form = read_recipe(write(tmp_path, "dog", text)).submission.definition["fields"][-1]["type"]["fields"]
    tagged = {field["name"] for field in form if field.get("confluent:tags") == ["PII"]}
    assert tagged == {"holder", "weight_kg", "kept_since", "guide_dog", "iban"}
