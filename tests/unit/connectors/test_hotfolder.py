"""What a hot folder makes of a file's name, its records and its Kochbuch."""

import os
from pathlib import Path
from typing import Any

import pytest

from connectors.base import Raw
from connectors.hotfolder import FolderInlet, HotFolder, problems, translator
from schemas.errors import Reason, Rejected
from schemas.submission import Submission
from tests.support.book import TOWN, small_book

DECLARED: dict[str, Any] = {
    "kind": "hotfolder",
    "folder": "dogs",
    "service": "99102013104000",
    "encoding": "utf-8",
    "format": {"type": "csv", "columns": ["Name", "Rasse", "Seit", "Antrag"], "header": False},
    "map": {"holder.family_name": "Name", "breed": "Rasse", "kept_since": {"column": "Seit", "as": "date"}},
    "applied_on": {"column": "Antrag", "as": "date"},
    "at_rest": 1,
}
CONFIG = HotFolder.model_validate(DECLARED)


def test_one_record_is_a_submission_of_its_municipality_and_source() -> None:
    raw = Raw("Müster;Dackel;01.03.2026;27.02.2026\r\n".encode(), "key", 7)
    assert translator(CONFIG, "town.dogs")(raw) == Submission(
        service="99102013104000",
        municipality="town",
        form={"holder": {"family_name": "Müster"}, "breed": "Dackel", "kept_since": "2026-03-01"},
        channel="file",
        source="town.dogs",
        origin="key",
        received_at=7,
        applied_on="2026-02-27",
    )


@pytest.mark.parametrize("data", [b"", b"\n", b"a;b;01.03.2026;\nc;d;01.03.2026;\n", b'a;"b\n'])
def test_what_is_not_one_record_is_rejected(data: bytes) -> None:
    with pytest.raises(Rejected) as caught:
        translator(CONFIG, "town.dogs")(Raw(data, "key", 7))
    assert caught.value.reason is Reason.MALFORMED_ROW


def test_the_same_content_has_the_same_origins_under_any_name(tmp_path: Path) -> None:
    assert origins(tmp_path / "1", b"a.csv") == origins(tmp_path / "2", b"b.csv")
    assert len(set(origins(tmp_path / "3", b"a.csv"))) == 2


def test_a_name_that_is_no_text_goes_into_no_header_as_it_is(tmp_path: Path) -> None:
    root = tmp_path / "dogs"
    root.mkdir()
    Path(os.fsdecode(bytes(root) + b"/M\xfcller.csv")).write_bytes(b"broken\n")
    [item] = read(FolderInlet(CONFIG, "town.dogs", tmp_path))
    assert item.place.file == "M\\udcfcller.csv"
    assert item.place.file.encode()


def origins(root: Path, name: bytes) -> list[str]:
    (root / "dogs").mkdir(parents=True)
    Path(os.fsdecode(bytes(root) + b"/dogs/" + name)).write_bytes(b"a;b;01.03.2026;\na;b;01.03.2026;\n")
    items = read(FolderInlet(CONFIG, "town.dogs", root))
    return [item.content.origin for item in items if isinstance(item.content, Submission)]


def read(inlet: FolderInlet) -> list[Any]:
    delivery = inlet.poll(0) or inlet.poll(1)
    assert delivery is not None
    return list(inlet.read(delivery, (), 7))


def test_a_source_is_checked_against_the_recipe_of_its_service(tmp_path: Path) -> None:
    book = small_book(tmp_path)
    town = book.municipalities["town"]
    assert [problem.where for problem in problems(CONFIG, book, town)] == ["map"]
    other = HotFolder.model_validate(DECLARED | {"service": "99050012104000", "applied_on": "Antrag"})
    assert [problem.where for problem in problems(other, book, town)] == ["service", "applied_on"]


def test_a_source_for_what_the_town_does_not_offer_yet_is_a_problem(tmp_path: Path) -> None:
    book = small_book(tmp_path, town=TOWN.replace("dog: live", "dog: preparation"))
    found = list(problems(CONFIG, book, book.municipalities["town"]))
    assert [problem.where for problem in found] == ["service", "map"]
    assert "every record would become a dead letter" in found[0].text_en
