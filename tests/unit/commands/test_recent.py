"""What is read back from the topics, with the reading itself replaced; the broker's part is tested with a broker."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from schemas.message import Message, Stored
from schemas.submission import Acceptance, Submission
from schemas.topics import CASE_REQUESTS
from services.commands import recent
from services.commands.installation import Installation
from services.runtime.reading import Span
from tests.support.book import LARGE, SMALL, small_book


def stored(message: Message, offset: int) -> Stored:
    return Stored(message.topic, 0, offset, message.key, message.value, message.headers, 0)


@pytest.fixture
def installation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Installation:
    book = small_book(tmp_path)
    accept = Acceptance(book).accept
    forms: list[dict[str, Any]] = [SMALL, LARGE, SMALL]
    handed_in = [
        Submission("99102013104000", "town", form, "portal", "p", str(n), received_at=1_000_000 * (100 - n))
        for n, form in enumerate(forms)
    ]
    records = [stored(accept(submission).message, n) for n, submission in enumerate(handed_in)]
    damaged = Stored(CASE_REQUESTS, 0, 3, b"k", b"\x00\xff\xff\xff\xff", [], 0)
    starts: list[int] = []

    async def read(_installation: Installation, topic: str, start: Callable[[Span], int]) -> list[Any]:
        assert topic == CASE_REQUESTS
        starts.append(start(Span(0, 1_000)))
        return [*records, damaged]

    monkeypatch.setattr(recent, "_read", read)
    installation = Installation.from_environment(
        kochbuch_dir=tmp_path / "kochbuch", municipalities_dir=tmp_path / "municipalities"
    )
    installation.__dict__["starts"] = starts
    return installation


def test_the_latest_submissions_come_oldest_first(installation: Installation) -> None:
    found = recent.submissions(installation, "dog", last=2)
    assert [case["received_at"] for case in found] == [99_000_000, 100_000_000]
    assert found[0]["form"]["weight_kg"] == 60
    assert recent.submissions(installation, "cat", last=2) == []


def test_no_more_is_read_than_needed(installation: Installation) -> None:
    recent.submissions(installation, "dog", last=10)
    recent.submissions(installation, "dog", last=1_000)
    assert installation.__dict__["starts"] == [800, 0]
