import json
from pathlib import Path
from typing import Any

import pytest

from schemas.errors import Misconfigured
from services.commands.sample import SAMPLES, Delivery, Sample, differences, read_samples

FORM = {"breed": "Dackel", "iban": None, "holder": {"family_name": "Muster", "birth_name": None}}
WANTED = Delivery.of("taxes", "assess", FORM)


def sample(*expected: Delivery, dead_lines: tuple[int, ...] = ()) -> Sample:
    return Sample("dog", "A dog", "demo", expected, dead_lines=dead_lines)


def test_exactly_what_is_expected_leaves_nothing_to_say() -> None:
    assert not list(differences(sample(WANTED, dead_lines=(3,)), [WANTED], [3]))


def test_empty_inner_members_may_be_left_out_but_no_field_may() -> None:
    short = Delivery.of("taxes", "assess", {**FORM, "holder": {"family_name": "Muster"}})
    assert short == WANTED
    assert Delivery.of("taxes", "assess", {name: FORM[name] for name in ("breed", "holder")}) != WANTED


@pytest.mark.parametrize(
    ("found", "said"),
    [
        ([], "dog: taxes (assess) received nothing"),
        ([WANTED, WANTED], "dog: taxes (assess) received what it must not"),
        ([WANTED, Delivery.of("order", "check", {})], "dog: order (check) received what it must not"),
        (
            [Delivery.of("taxes", "assess", {**FORM, "breed": "Dogge"})],
            "dog: taxes (assess) has another value in breed",
        ),
        ([Delivery.of("taxes", "assess", {**FORM, "phone": None})], "dog: taxes (assess) must not see phone"),
        ([Delivery.of("taxes", "assess", {"breed": "Dackel", "iban": None})], "dog: taxes (assess) lacks holder"),
    ],
)
def test_what_differs_is_named_without_its_content(found: list[Delivery], said: str) -> None:
    assert list(differences(sample(WANTED), found)) == [said]


def test_rows_must_fail_where_they_must_and_nowhere_else() -> None:
    said = list(differences(sample(dead_lines=(3, 4)), [], [4, 9]))
    assert said == ["dog: line 3 is no dead letter", "dog: line 9 became a dead letter"]


def test_the_shipped_samples_are_readable_and_show_both_ways_in() -> None:
    samples = read_samples()
    assert any(each.submission for each in samples)
    files = [each.file for each in samples if each.file is not None]
    assert files
    assert all(path.is_file() for path in files)


def test_a_broken_sample_is_named(tmp_path: Path) -> None:
    content: dict[str, Any] = json.loads(next(SAMPLES.glob("*.json")).read_text(encoding="utf-8"))
    del content["expected"]
    (tmp_path / "broken.json").write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(Misconfigured, match=r"broken\.json"):
        read_samples(tmp_path)


def test_a_folder_without_samples_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured):
        read_samples(tmp_path)
