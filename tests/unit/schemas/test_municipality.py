from pathlib import Path

import pytest

from schemas.errors import Misconfigured
from schemas.kochbuch import read_municipality
from schemas.municipality import problems_of
from tests.support.book import TOWN, write


def test_land_and_ags_follow_from_the_ars(tmp_path: Path) -> None:
    town = read_municipality(write(tmp_path, "town", TOWN))
    assert (town.land, town.ags) == ("NW", "05358008")


def test_the_first_department_in_the_file_fills_a_role(tmp_path: Path) -> None:
    town = read_municipality(
        write(tmp_path, "town", TOWN.replace("roles: [public-order]", "roles: [public-order, tax-office]"))
    )
    assert town.department_for("tax-office") == "taxes"
    assert town.department_for("fire") is None


@pytest.mark.parametrize(
    ("old", "new", "place"),
    [
        ('"053580008008"', '"5358008"', "town.yaml:5: ars"),
        ("code: TW", "code: Stadt", "town.yaml:3: code"),
        ("dog: live", "dog: alive", "town.yaml:10: recipes.dog"),
    ],
)
def test_a_wrong_entry_is_named(tmp_path: Path, old: str, new: str, place: str) -> None:
    with pytest.raises(Misconfigured) as caught:
        read_municipality(write(tmp_path, "town", TOWN.replace(old, new)))
    assert [problem.where for problem in caught.value.problems] == [place]


def test_a_land_that_does_not_exist_is_found(tmp_path: Path) -> None:
    text = TOWN.replace('"0535', '"1735')
    town = read_municipality(write(tmp_path, "town", text.replace("recipes: {dog: live}", "recipes: {}")))
    assert [problem.where for problem in problems_of(town, {})] == ["ars"]
