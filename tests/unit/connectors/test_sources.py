"""Sources under ``sources`` of a municipality's file: all mistakes at once, with their lines."""

from pathlib import Path
from textwrap import dedent

import pytest

from connectors.sources import Source, read_sources, sources_of
from schemas.document import read_document
from schemas.errors import Misconfigured
from tests.support.book import small_book, write

GOOD = """
    municipality: town
    sources:
      old-dogs:
        kind: hotfolder
        folder: dogs
        service: "99102013104000"
        encoding: cp1252
        format: {type: csv, columns: [Name, Vorname, Rasse, Seit]}
        map:
          holder.family_name: Name
          holder.given_names: Vorname
          breed: Rasse
          kept_since: {column: Seit, as: date}
"""


def read(tmp_path: Path, text: str) -> list[Source]:
    book = small_book(tmp_path)
    return sources_of(read_document(write(tmp_path / "other", "town", text)), "town", book)


def problems(tmp_path: Path, text: str) -> list[str]:
    with pytest.raises(Misconfigured) as caught:
        read(tmp_path, text)
    assert all(problem.text and problem.text_en for problem in caught.value.problems)
    return [problem.where for problem in caught.value.problems]


def test_a_source_is_named_after_its_municipality(tmp_path: Path) -> None:
    [source] = read(tmp_path, GOOD)
    assert (source.name, source.connector.name, source.config.limit.in_a_row) == ("town.old-dogs", "hotfolder", 50)


def test_a_file_without_sources_has_none(tmp_path: Path) -> None:
    assert read_sources(small_book(tmp_path), tmp_path / "municipalities") == ()


def test_misspelt_and_missing_settings_are_told_with_their_lines(tmp_path: Path) -> None:
    text = GOOD.replace("encoding: cp1252", "encodng: cp1252").replace("kind: hotfolder", "kind: hotfoldr")
    assert problems(tmp_path, text) == [
        "town.yaml:5: sources.old-dogs.kind",
        "town.yaml:4: sources.old-dogs.encoding",
        "town.yaml:8: sources.old-dogs.encodng",
    ]


def test_what_does_not_fit_the_form_is_told_with_its_line(tmp_path: Path) -> None:
    text = GOOD.replace("breed: Rasse", "race: Rasse").replace("column: Seit", "column: Zeit")
    assert problems(tmp_path, text) == [
        "town.yaml:13: sources.old-dogs.map.race",
        "town.yaml:14: sources.old-dogs.map.kept_since",
        "town.yaml:10: sources.old-dogs.map",
    ]


def test_a_service_without_recipe_is_told(tmp_path: Path) -> None:
    assert problems(tmp_path, GOOD.replace("99102013104000", "99050012104000")) == [
        "town.yaml:7: sources.old-dogs.service"
    ]


def test_the_date_of_application_must_be_a_date(tmp_path: Path) -> None:
    text = dedent(GOOD) + "    applied_on: Seit\n"
    assert problems(tmp_path, text) == ["town.yaml:15: sources.old-dogs.applied_on"]


@pytest.mark.parametrize("encoding", ["utf-16", "cp1253", "latin"])
def test_an_encoding_is_one_of_those_that_are_known(tmp_path: Path, encoding: str) -> None:
    assert problems(tmp_path, GOOD.replace("cp1252", encoding)) == ["town.yaml:8: sources.old-dogs.encoding"]


def test_ebcdic_has_no_lines(tmp_path: Path) -> None:
    assert problems(tmp_path, GOOD.replace("cp1252", "cp273")) == ["town.yaml:4: sources.old-dogs"]


def test_the_problems_of_all_municipalities_come_together(tmp_path: Path) -> None:
    book = small_book(tmp_path)
    folder = tmp_path / "broken"
    write(folder, "town", GOOD.replace("breed: Rasse", "race: Rasse"))
    with pytest.raises(Misconfigured) as caught:
        read_sources(book, folder)
    assert len(caught.value.problems) == 2
