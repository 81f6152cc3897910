from pathlib import Path

import pytest

from schemas.check.book import check_book
from schemas.errors import Misconfigured, Problem
from schemas.kochbuch import read_kochbuch, read_recipe
from tests.support.book import DOG, TOWN, small_book, write


def problems(tmp_path: Path, recipe: str) -> list[str]:
    with pytest.raises(Misconfigured) as caught:
        read_recipe(write(tmp_path, "dog", recipe))
    return [f"{problem.where} | {problem.text_en}" for problem in caught.value.problems]


def test_every_problem_is_named_with_file_line_and_key_path(tmp_path: Path) -> None:
    broken = DOG.replace("type: integer, min: 0", "type: integr, min: 0").replace('"99102013104000"', '"9910201310400"')
    found = problems(tmp_path, broken.replace("task: consult", "task: advise").replace("title:", "titel:"))
    assert [line.split(" | ")[0] for line in found] == [
        "dog.yaml:4: service",
        "dog.yaml:2: title",
        "dog.yaml:10: form.weight_kg",
        "dog.yaml:18: route.1.task",
        "dog.yaml:5: titel",
    ]


@pytest.mark.parametrize(
    ("old", "new", "place"),
    [
        ("sees: [holder.family_name, breed", "sees: [holder.surname, breed", "dog.yaml:20: route.1.sees"),
        ("{breed: {in:", "{bread: {in:", "dog.yaml:19: route.1.when.any.0.bread"),
        ("task: decide", "task: inform", "dog.yaml:14: route"),
        ("station: dangerous-dog", "station: assess", "dog.yaml:16: route.1.station"),
        ("role: public-order", "role: public-order\n        after: later", "dog.yaml:18: route.1.after"),
        (
            "weight_kg: {type: integer, min: 0, max: 120, optional: true}",
            "channel: {type: text}",
            "dog.yaml:10: form.channel",
        ),
    ],
)
def test_what_types_cannot_see_is_found_too(tmp_path: Path, old: str, new: str, place: str) -> None:
    assert old in DOG
    assert place in [line.split(" | ")[0] for line in problems(tmp_path, DOG.replace(old, new))]


def test_a_key_given_twice_is_refused(tmp_path: Path) -> None:
    assert problems(tmp_path, DOG.replace("version: 1", "version: 1\n    version: 2")) == [
        "dog.yaml:4: version | this key is given twice"
    ]


def test_scalars_stay_text(tmp_path: Path) -> None:
    recipe = read_recipe(write(tmp_path, "dog", DOG.replace("Pitbull Terrier", "NO").replace("Bullterrier", "01067")))
    assert recipe.route[1].when["any"][0]["breed"]["in"] == ["NO", "01067"]


@pytest.mark.parametrize(
    ("old", "new", "where", "words"),
    [
        ("roles: [public-order]", "roles: []", "town.yaml:10: recipes.dog", "public-order"),
        ("roles: [triage]", "roles: []", "town.yaml:10: recipes.dog", "triage"),
        ('"053580008008"', '"993580008008"', "town.yaml:5: ars", "kein Land"),
        ("{dog: live}", "{cat: live}", "town.yaml:10: recipes.cat", "nicht im Kochbuch"),
    ],
)
def test_no_process_starts_in_a_town_that_cannot_run_what_is_live(
    tmp_path: Path, old: str, new: str, where: str, words: str
) -> None:
    with pytest.raises(Misconfigured) as caught:
        small_book(tmp_path, town=TOWN.replace(old, new))
    [problem] = caught.value.problems
    assert (problem.where, words in problem.text) == (where, True)
    assert problem in of_the_town(tmp_path)


def test_preparation_may_lack_a_role(tmp_path: Path) -> None:
    town = TOWN.replace("roles: [public-order]", "roles: []").replace("dog: live", "dog: preparation")
    small_book(tmp_path, town=town)
    assert of_the_town(tmp_path) == []


def of_the_town(folder: Path) -> list[Problem]:
    """What check finds in the municipality's file."""
    found = check_book(folder / "kochbuch", folder / "municipalities").problems
    return [problem for problem in found if problem.where.startswith("town.yaml")]


def test_new_cases_take_the_newest_version_and_old_ones_stay_readable(tmp_path: Path) -> None:
    write(tmp_path / "kochbuch" / "earlier", "dog.v1", DOG)
    book = small_book(tmp_path, recipe=DOG.replace("version: 1", "version: 10").replace("max: 120", "max: 130"))
    assert book.services["99102013104000"].version == 10
    assert {schema.name for schema in book.schemas} >= {
        "laufzettel.dog.CaseSubmitted_v1",
        "laufzettel.dog.CaseSubmitted_v10",
    }


def test_the_problems_of_all_files_come_together(tmp_path: Path) -> None:
    write(tmp_path / "kochbuch", "a", DOG.replace("title:", "titel:"))
    write(tmp_path / "kochbuch", "b", DOG.replace("task: decide", "task: inform"))
    write(tmp_path / "kochbuch", "c", "a: [")
    with pytest.raises(Misconfigured) as caught:
        read_kochbuch(tmp_path / "kochbuch", tmp_path / "nowhere")
    places = {problem.where.split(":")[0].rsplit("/", 1)[-1] for problem in caught.value.problems}
    assert places == {"a.yaml", "b.yaml", "c.yaml", "nowhere"}
