import json
from dataclasses import asdict
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from schemas.kochbuch import read_recipe
from schemas.recipe import Recipe
from services.commands.simulation import Change, Moved, Seen, simulate
from services.commands.simulation_picture import picture
from tests.support.book import DOG, write


def recipe(tmp_path: Path, old: str = "", new: str = "") -> Recipe:
    assert old in DOG
    return read_recipe(write(tmp_path / f"{len(new)}", "dog", DOG.replace(old, new) if old else DOG))


def submission(number: int, **form: Any) -> dict[str, Any]:  # noqa: ANN401 - any answers
    answers = {"holder": {"family_name": "GEHEIM", "given_names": "Erika"}, "breed": "Dackel", "kept_since": 20000}
    return {
        "reference": f"TW-{number}",
        "municipality": "town",
        "channel": "portal",
        "recipe_version": 1,
        "form": answers | form,
    }


CASES = [submission(1), submission(2, weight_kg=15), submission(3, weight_kg=25), submission(4, breed="Bullterrier")]


def test_a_lower_threshold_brings_more_cases(tmp_path: Path) -> None:
    outcome = simulate(recipe(tmp_path), recipe(tmp_path, "{over: 20}", "{over: 10}"), CASES)
    assert outcome.cases == 4
    assert outcome.changes == (
        Change("assess", "tax-office", 4, 4, 0, 0),
        Change("dangerous-dog", "public-order", 2, 3, 0, 1),
    )
    assert outcome.moved == (Moved("TW-2", "town", (), ("dangerous-dog",)),)
    assert (outcome.without_lead, outcome.seen, outcome.ignored) == ((), (), ())


def test_the_same_recipe_changes_nothing(tmp_path: Path) -> None:
    outcome = simulate(recipe(tmp_path), recipe(tmp_path), CASES)
    assert outcome.moved == ()
    assert all(change.before == change.after for change in outcome.changes)


def test_cases_that_nobody_would_decide_are_named(tmp_path: Path) -> None:
    narrowed = recipe(tmp_path, "task: decide,", "task: decide, when: {breed: Dackel},")
    outcome = simulate(recipe(tmp_path), narrowed, CASES)
    assert outcome.without_lead == ("TW-4",)
    assert outcome.moved == (Moved("TW-4", "town", ("assess",), ()),)


def test_fields_that_a_station_would_see_more_or_less_are_named(tmp_path: Path) -> None:
    changed = recipe(tmp_path, "sees: [holder.family_name, breed, weight_kg]", "sees: [holder, breed]")
    outcome = simulate(recipe(tmp_path), changed, CASES)
    assert outcome.seen == (Seen("dangerous-dog", ("holder",), ("holder.family_name", "weight_kg")),)


def test_an_answer_that_has_become_another_kind_counts_as_missing(tmp_path: Path) -> None:
    text = "weight_kg: {type: text, optional: true}"
    changed = read_recipe(
        write(
            tmp_path,
            "dog",
            DOG.replace("weight_kg: {type: integer, min: 0, max: 120, optional: true}", text)
            .replace("{weight_kg: {over: 20}}", "{weight_kg: {prefix: A}}")
            .replace("stations: [assess, dangerous-dog]", "stations: [assess]"),
        )
    )
    outcome = simulate(recipe(tmp_path), changed, CASES)
    assert outcome.ignored == ("weight_kg",)
    assert [case.reference for case in outcome.moved] == ["TW-3"]


def test_submissions_of_earlier_versions_are_read_as_they_were_and_unknown_ones_left_out(tmp_path: Path) -> None:
    second = recipe(tmp_path, "version: 1", "version: 2")
    third = recipe(tmp_path, "version: 1", "version: 3").model_copy(update={"version": 3})
    assert simulate(second, third, CASES).skipped == 4
    outcome = simulate(second, third, CASES, [recipe(tmp_path)])
    assert (outcome.cases, outcome.skipped, outcome.before, outcome.after) == (4, 0, 2, 3)


@pytest.mark.parametrize("cases", [[], CASES])
def test_table_and_picture_hold_nobodys_answers(tmp_path: Path, cases: list[dict[str, Any]]) -> None:
    outcome = simulate(recipe(tmp_path), recipe(tmp_path, "{over: 20}", "{over: 10}"), cases)
    svg = picture(outcome)
    root = ET.fromstring(svg)  # noqa: S314 - our own drawing
    assert root.get("role") == "img"
    assert "dangerous-dog" in svg
    for text in (svg, json.dumps(asdict(outcome))):
        assert "GEHEIM" not in text
        assert "Dackel" not in text
