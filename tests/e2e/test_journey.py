"""The whole journey without Kafka: HTTP in, the router's decisions, exactly the right fields at every department."""

from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from time import time_ns
from typing import Any

import httpx2
import pytest

from schemas.avro import project
from schemas.kochbuch import read_kochbuch
from schemas.municipality import Municipality
from schemas.recipe import Example, Recipe
from services.router.processor import Router
from services.runtime.memory import MemoryBus
from tests.support.intake import Desk, open_desk

BOOK = read_kochbuch()
NOW = time_ns() // 1000
Live = tuple[Recipe, Example]


def live(town: Municipality) -> list[Live]:
    """The examples that a citizen of this town could submit."""
    return [
        (recipe, example)
        for recipe in BOOK.recipes.values()
        if town.offers(recipe)
        for example in recipe.examples
        if not example.opinions and example.channel == "portal" and example.holds_in(town.municipality, town.land)
    ]


class Journey:
    """An intake and a router around one bus in memory."""

    def __init__(self, desk: Desk) -> None:
        self._desk, self._router, self.bus = desk, Router(BOOK), desk.bus

    async def submit(self, recipe: Recipe, town: Municipality, form: Any, key: str = "1") -> httpx2.Response:  # noqa: ANN401
        return await self._desk.submit(
            {"service": recipe.service, "municipality": town.municipality, "form": form}, key
        )

    def route(self) -> None:
        self.bus.run(self._router, group="router", topic="case-requests", state="router-state", now=NOW + 1_000_000)

    def received(self, town: Municipality) -> dict[str, dict[str, dict[str, Any]]]:
        """What the departments of the town received, by case and station; each station once."""
        cases: dict[str, dict[str, dict[str, Any]]] = defaultdict(dict)
        for name in town.departments:
            for record in self.bus.records(town.topic(name)):
                body = BOOK.codec.decode(record.value)[1]
                assert (body["department"], body["station"] in cases[body["case_id"]]) == (name, False)
                cases[body["case_id"]][body["station"]] = body
        return cases

    def submitted(self) -> dict[str, dict[str, Any]]:
        """The form of every case, as it was accepted."""
        bodies = (BOOK.codec.decode(record.value)[1] for record in self.bus.records("case-requests"))
        return {body["case_id"]: body["form"] for body in bodies}


@asynccontextmanager
async def journey(folder: Path) -> AsyncIterator[Journey]:
    async with open_desk(folder, BOOK, MemoryBus(now=NOW)) as desk:
        yield Journey(desk)


@pytest.mark.parametrize("town", BOOK.municipalities.values(), ids=lambda town: town.municipality)
async def test_every_example_reaches_exactly_its_departments_with_exactly_their_fields(
    tmp_path: Path, town: Municipality
) -> None:
    examples = live(town)
    async with journey(tmp_path) as travel:
        answers = [await travel.submit(*step(town, each), key=str(n)) for n, each in enumerate(examples)]
        travel.route()
        received, forms = travel.received(town), travel.submitted()
    for (recipe, example), answer in zip(examples, answers, strict=True):
        place = f"{recipe.recipe}: {example.name}"
        assert answer.status_code == (422 if example.rejected else 202), f"{place}: {answer.text}"
        if not example.rejected:
            check(town, recipe, example, received[answer.json()["case_id"]], forms[answer.json()["case_id"]])
    assert len(received) == sum(answer.status_code == 202 for answer in answers)


def step(town: Municipality, each: Live) -> tuple[Recipe, Municipality, Any]:
    """The arguments of one submission."""
    recipe, example = each
    return recipe, town, example.form


def check(town: Municipality, recipe: Recipe, example: Example, received: dict[str, dict[str, Any]], form: Any) -> None:  # noqa: ANN401
    later = {name for name in example.stations if recipe.station[name].after}
    assert set(example.stations) - later <= received.keys() <= set(example.stations), example.name
    for name, body in received.items():
        assert body["department"] == town.department_for(recipe.station[name].role)
        assert body["form"] == project(form, recipe.trees[name])
        assert set(body["form"]) == {path.split(".")[0] for path in recipe.station[name].sees}


async def test_a_retry_is_answered_alike_and_has_no_second_effect(tmp_path: Path) -> None:
    recipe, town = BOOK.recipes["hundesteuer-anmeldung"], BOOK.municipalities["dueren"]
    form = next(example.form for example in recipe.examples if not example.rejected)
    async with journey(tmp_path) as travel:
        first = await travel.submit(recipe, town, form)
        again = await travel.submit(recipe, town, form)
        travel.route()
        assert travel.received(town)
    assert (first.status_code, again.status_code) == (202, 202)
    assert first.json() == again.json()


async def test_nothing_that_people_wrote_reaches_the_log_of_events(tmp_path: Path) -> None:
    recipe, town = BOOK.recipes["hundesteuer-anmeldung"], BOOK.municipalities["dueren"]
    form = {**next(e.form for e in recipe.examples if not e.rejected), "breed": "Geheimrasse"}
    async with journey(tmp_path) as travel:
        assert (await travel.submit(recipe, town, form)).status_code == 202
        travel.route()
        topics = {name: travel.bus.records(name) for name in travel.bus.topics}
    assert topics["case-events"]
    assert not any(b"Geheimrasse" in (record.value or b"") for record in topics["case-events"])
    for record in (record for records in topics.values() for record in records):
        assert b"Geheimrasse" not in b"".join(value for _, value in record.headers) + (record.key or b"")
