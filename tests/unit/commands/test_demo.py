"""The demo's folder, and what becomes of a sample that intake refuses."""

from pathlib import Path

import httpx2
import pytest

from schemas.errors import Misconfigured, Problem
from services.commands.demo import fresh_folder
from services.commands.handover import hand_in
from services.commands.journeys import Journeys
from services.commands.sample import Delivery, Sample
from services.intake import kinds
from services.intake.problems import Refused, problem_answer
from tests.support.book import small_book

WANTED = (Delivery.of("taxes", "assess", {}),)


def test_the_folder_of_one_run_is_below_the_folder_that_is_named(tmp_path: Path) -> None:
    parent = tmp_path / "other" / "disk"
    assert fresh_folder(parent).parent == parent
    assert fresh_folder(parent) != fresh_folder(parent)


def test_a_folder_that_cannot_be_made_is_one_sentence_with_the_remedy(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(Misconfigured, match=r"file/below: No folder can be made here.*--data"):
        fresh_folder(tmp_path / "file" / "below")


async def test_what_intake_says_of_a_refused_sample_is_kept_and_the_others_go_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def intake(request: httpx2.Request) -> httpx2.Response:
        if request.headers["idempotency-key"] == "good":
            return httpx2.Response(202, json={"case_id": "4711"})
        refused = Refused(kinds.INVALID, (Problem("form.breed", "Fehlt.", "is missing"),))
        answer = problem_answer(refused, "en")
        return httpx2.Response(answer.status, content=answer.body)

    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    old = tmp_path / "dogs.csv"
    old.write_bytes(b"1;2\n")
    samples = (
        Sample("bad", "", "demo", WANTED, submission={}),
        Sample("good", "", "demo", WANTED, submission={}),
        Sample("file", "", "town.dogs", (), file=old, folder="dogs"),
    )
    journeys = Journeys(small_book(tmp_path), samples)
    async with httpx2.AsyncClient(transport=httpx2.MockTransport(intake), base_url="http://intake") as client:
        await hand_in(client, tmp_path / "inbox", journeys)
    assert journeys.cases == {"good": "4711"}
    assert journeys.refused == {"bad": "refused with 422: form.breed: is missing"}
    assert (tmp_path / "inbox/dogs/dogs.csv").read_bytes() == b"1;2\n"
    assert [path.name for path in (tmp_path / "inbox/dogs").iterdir()] == ["dogs.csv"]
