from pathlib import Path

import pytest

from schemas.dead_letter import Origin, dead_row
from schemas.errors import Reason, Rejected
from schemas.message import Stored
from schemas.submission import Acceptance, Submission
from services.commands.journeys import Journeys, rows
from services.commands.live import Live
from services.commands.sample import Delivery, Sample
from services.router.processor import Router
from tests.support.book import LARGE, small_book

NOW = 1_790_000_000_000_000
HOLDER = {"family_name": "Muster", "given_names": "Erika"}
TAXES = Delivery.of("taxes", "assess", {"holder": HOLDER, "breed": "Dogge", "kept_since": "2026-03-01", "iban": None})
ORDER = Delivery.of("order", "dangerous-dog", {"holder": {"family_name": "Muster"}, "breed": "Dogge", "weight_kg": 60})


def departments(folder: Path) -> tuple[str, list[Stored]]:
    """What the router writes for one large dog."""
    book = small_book(folder)
    accepted = Acceptance(book).accept(Submission("99102013104000", "town", LARGE, "portal", "demo", "k", NOW))
    message = accepted.message
    router = Router(book)
    router.restore(0, [])
    request = Stored(message.topic, 0, 0, message.key, message.value, message.headers, NOW // 1000)
    out = router.process(0, [request], NOW)
    found = [Stored(m.topic, 0, n, m.key, m.value, m.headers, NOW // 1000) for n, m in enumerate(out)]
    return str(accepted.case_id), [record for record in found if record.topic.startswith("department.")]


def journeys(folder: Path, *expected: Delivery, dead_lines: tuple[int, ...] = ()) -> Journeys:
    sample = Sample("dog", "A large dog", "demo", expected, submission={}, dead_lines=dead_lines)
    case_id, records = departments(folder)
    seen = Journeys(small_book(folder), (sample,), cases={"dog": case_id})
    for record in records:
        seen.arrived(record, NOW + 42_000)
    return seen


def test_what_arrives_as_expected_leaves_nothing_to_say(tmp_path: Path) -> None:
    seen = journeys(tmp_path, TAXES, ORDER)
    assert seen.is_complete()
    assert not list(seen.findings())


def test_a_department_too_many_is_found(tmp_path: Path) -> None:
    assert list(journeys(tmp_path, TAXES).findings()) == ["dog: order (dangerous-dog) received what it must not"]


def test_a_case_of_nobody_is_found(tmp_path: Path) -> None:
    seen = journeys(tmp_path, TAXES, ORDER)
    seen.cases["dog"] = "another"
    assert any("no sample explains" in finding for finding in seen.findings())
    assert any("received nothing" in finding for finding in seen.findings())


def test_of_a_sample_that_was_refused_nothing_is_waited_for_and_the_reason_is_found(tmp_path: Path) -> None:
    seen = Journeys(small_book(tmp_path), (Sample("dog", "A dog", "demo", (TAXES,), submission={}),))
    assert not seen.is_complete()
    seen.refused["dog"] = "refused with 422: form.breed: is missing"
    assert seen.is_complete()
    assert list(seen.findings()) == ["dog: refused with 422: form.breed: is missing"]


def test_a_dead_letter_of_nobody_is_found(tmp_path: Path) -> None:
    seen = journeys(tmp_path, TAXES, ORDER)
    row = dead_row(b"x", Origin("list.csv", 7, 0), Rejected(Reason.INVALID, "wrong"), "importer", NOW)
    place, line, why = seen.died(Stored(row.topic, 0, 0, row.key, row.value, row.headers, 0))
    assert (place, line, why) == ("list.csv", 7, "invalid: wrong")
    assert list(seen.findings()) == ["list.csv 7 became a dead letter"]


def test_rows_say_reference_service_source_department_rule_and_time(tmp_path: Path) -> None:
    first, second = rows(journeys(tmp_path, TAXES, ORDER))
    assert first[0].startswith("TW-")
    assert first[1:3] == ("Hund", "portal/demo")
    assert second[:3] == ("", "", "")
    assert {first[3], second[3]} == {"taxes (assess)", "order (dangerous-dog)"}
    assert "weight_kg over 20" in f"{first[4]}{second[4]}"
    assert first[5] == "0.042"


def test_where_nobody_looks_each_arrival_is_a_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    seen = journeys(tmp_path)
    with Live(seen) as live:
        for arrival in seen.arrivals:
            live.arrived(arrival)
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 2
    assert all("TW-" in line and "0.042 s" in line for line in lines)
    assert "Muster" not in "".join(lines)
