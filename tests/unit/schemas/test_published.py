from pathlib import Path

import pytest

from schemas.check.book import check_book
from schemas.errors import Misconfigured, Problem
from schemas.kochbuch import read_recipe
from schemas.published import Entry, entry_of, list_of, publish, read_list
from tests.support.book import DOG, TOWN, small_book, write

CHANGES = {
    "another kind": ("kept_since: {type: date}", "kept_since: {type: text}"),
    "a limit": ("max: 80", "max: 90"),
    "a deadline": ("{within: 1 month,", "{within: 2 months,"),
    "the name of a station": ("station: dangerous-dog", "station: fierce-dog"),
    "a role": ("role: public-order", "role: tax-office"),
    "a rule": ("{over: 20}", "{over: 30}"),
    "what is seen": ("sees: [holder.family_name, breed, weight_kg]", "sees: [breed, weight_kg]"),
    "whether two decide": ("task: decide,", "task: decide, four_eyes: true,"),
}
WORDS = {
    "a label": ("weight_kg: {type: integer,", "weight_kg: {type: integer, label: {de: Gewicht, en: Weight},"),
    "the title": ("{de: Hund, en: Dog}", "{de: Hundesteuer, en: Dog tax}"),
    "a basis": ("basis: Satzung § 5, starts", "basis: § 5 Hundesteuersatzung, starts"),
    "an example": ("name: small", "name: a small dog"),
}


def found(folder: Path) -> list[Problem]:
    """What check says about versions; the small recipe is short of words, which is not the subject."""
    problems = check_book(folder / "kochbuch", folder / "municipalities").problems
    return [problem for problem in problems if "published" in problem.text_en]


def published_book(folder: Path) -> Path:
    """A Kochbuch whose recipe is published."""
    publish(small_book(folder).versions.values(), list_of(folder / "kochbuch"))
    return folder


@pytest.mark.parametrize("change", CHANGES)
def test_a_published_version_stays_as_it_is(tmp_path: Path, change: str) -> None:
    folder = published_book(tmp_path)
    write(folder / "kochbuch", "dog", DOG.replace(*CHANGES[change]))
    [problem] = found(folder)
    assert problem.where == "dog.yaml:3: version"
    assert "keep the former file as earlier/dog.v1.yaml" in problem.text_en
    assert "earlier/dog.v1.yaml" in problem.text


@pytest.mark.parametrize("words", WORDS)
def test_words_may_be_put_right(tmp_path: Path, words: str) -> None:
    folder = published_book(tmp_path)
    write(folder / "kochbuch", "dog", DOG.replace(*WORDS[words]))
    assert DOG.replace(*WORDS[words]) != DOG
    assert found(folder) == []


def test_a_new_version_keeps_the_file_of_the_former_one(tmp_path: Path) -> None:
    folder = published_book(tmp_path)
    write(folder / "kochbuch", "dog", DOG.replace("version: 1", "version: 2"))
    [problem] = found(folder)
    assert problem.where == "published.txt:1: dog.v1"
    assert "no longer in the Kochbuch" in problem.text_en
    write(folder / "kochbuch" / "earlier", "dog.v1", DOG)
    assert found(folder) == []


def test_a_file_that_cannot_be_read_is_not_called_missing(tmp_path: Path) -> None:
    folder = published_book(tmp_path)
    write(folder / "kochbuch", "dog", "recipe: [")
    write(folder / "kochbuch", "cat", DOG.replace("recipe: dog", "recipe: cat"))
    assert found(folder) == []


def test_the_list_only_grows_until_somebody_says_that_no_case_has_begun(tmp_path: Path) -> None:
    folder = published_book(tmp_path)
    path = list_of(folder / "kochbuch")
    changed = read_recipe(write(folder / "kochbuch", "dog", DOG.replace("max: 80", "max: 90")))
    with pytest.raises(Misconfigured) as caught:
        publish([changed], path)
    assert "has changed since" in caught.value.problems[0].text_en
    assert publish([changed], path, unreleased=True) == [entry_of(changed)]
    assert found(folder) == []


def test_a_line_that_is_no_entry_is_named(tmp_path: Path) -> None:
    path = list_of(published_book(tmp_path) / "kochbuch")
    path.write_text("ab dog.v1\n=======\n", encoding="utf-8")
    with pytest.raises(Misconfigured) as caught:
        read_list(path)
    assert [problem.where for problem in caught.value.problems] == ["published.txt:2"]
    assert set(caught.value.problems) <= set(check_book(tmp_path / "kochbuch", tmp_path / "municipalities").problems)
    assert read_list(tmp_path / "none.txt") == {}
    path.write_text("ab dog.v1\n", encoding="utf-8")
    assert read_list(path) == {Entry("dog.v1", "ab"): 1}


def test_without_a_list_nothing_is_compared(tmp_path: Path) -> None:
    write(tmp_path / "municipalities", "town", TOWN)
    write(tmp_path / "kochbuch", "dog", DOG.replace("version: 1", "version: 2"))
    assert found(tmp_path) == []
