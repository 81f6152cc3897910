"""laufzettel recipe simulate and quality on a real broker: what they read back, and what they say."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from schemas.submission import Acceptance, Submission
from schemas.topics import CASE_EVENTS, CASE_REQUESTS
from services.commands.installation import Installation
from services.commands.recipe import app
from services.runtime.broker.node import EmbeddedBroker
from tests.support.book import DOG, LARGE, SMALL, small_book, write
from tests.support.kafka import create_topic

pytestmark = pytest.mark.kafka


def test_a_changed_recipe_is_run_against_what_stands_on_the_topic(
    own_kafka: EmbeddedBroker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    book = small_book(tmp_path)
    monkeypatch.setenv("LAUFZETTEL_KAFKA", own_kafka.bootstrap)
    monkeypatch.setenv("LAUFZETTEL_KOCHBUCH_DIR", str(tmp_path / "kochbuch"))
    monkeypatch.setenv("LAUFZETTEL_MUNICIPALITIES_DIR", str(tmp_path / "municipalities"))
    for topic in (CASE_REQUESTS, CASE_EVENTS):
        create_topic(own_kafka.bootstrap, topic)
    accept = Acceptance(book).accept
    forms: list[dict[str, Any]] = [SMALL | {"weight_kg": 15}, SMALL, LARGE] * 4
    accepted = [
        accept(Submission("99102013104000", "town", form, "portal", "p", str(n), received_at=n))
        for n, form in enumerate(forms)
    ]

    async def publish() -> None:
        async with Installation.from_environment().bus() as bus:
            await bus.publisher().publish([one.message for one in accepted])

    asyncio.run(publish())
    changed = write(tmp_path / "new", "dog", DOG.replace("{over: 20}", "{over: 10}"))
    result = CliRunner().invoke(app, ["simulate", str(changed), "--last", "9", "--json"])
    outcome = json.loads(result.stdout)
    assert (outcome["cases"], len(outcome["moved"])) == (9, 3)
    assert {case["reference"] for case in outcome["moved"]} == {one.reference for one in accepted[3::3]}
    assert CliRunner().invoke(app, ["quality", "--json"]).stdout == ""
