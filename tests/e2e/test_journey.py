"""The whole journey without Kafka: HTTP in, the router's decisions, exactly the right fields at every department."""

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
JOURNEYS = [
    pytest.param(recipe, town, example, id=f"{town.municipality}/{recipe.recipe}/{example.name}")
    for town in BOOK.municipalities.values()
    for recipe in BOOK.recipes.values()
    if town.offers(recipe)
    for example in recipe.examples
    if not example.opinions and example.channel == "portal" and example.municipality in {"", town.municipality}
]


class Journey:
    """An intake and a router around one bus in memory."""

    def __init__(self, desk: Desk) -> None:
        self._desk, self._router, self.bus = desk, Router(BOOK), desk.bus

    async def submit(self, recipe: Recipe, town: Municipality, form: Any) -> httpx2.Response:  # noqa: ANN401
        return await self._desk.submit({"service": recipe.service, "municipality": town.municipality, "form": form})

    def route(self) -> None:
        self.bus.run(self._router, group="router", topic="case-requests", state="router-state", now=NOW + 1_000_000)

    def received(self, town: Municipality) -> dict[str, dict[str, Any]]:
        """What the departments of the town received, by station; each station once."""
        records = [record for name in town.departments for record in self.bus.records(town.topic(name))]
        bodies = [BOOK.codec.decode(record.value)[1] for record in records]
        assert [record.topic for record in records] == [town.topic(body["department"]) for body in bodies]
        assert len({body["station"] for body in bodies}) == len(bodies)
        return {body["station"]: body for body in bodies}


@asynccontextmanager
async def journey(folder: Path) -> AsyncIterator[Journey]:
    async with open_desk(folder, BOOK, MemoryBus(now=NOW)) as desk:
        yield Journey(desk)


@pytest.mark.parametrize(("recipe", "town", "example"), JOURNEYS)
async def test_every_example_reaches_exactly_its_departments_with_exactly_their_fields(
    tmp_path: Path, recipe: Recipe, town: Municipality, example: Example
) -> None:
    async with journey(tmp_path) as travel:
        answer = await travel.submit(recipe, town, example.form)
        if example.rejected:
            assert answer.status_code == 422
            return
        assert answer.status_code == 202, answer.text
        travel.route()
        received = travel.received(town)
        whole = BOOK.codec.decode(travel.bus.records("case-requests")[0].value)[1]["form"]
    later = {name for name in example.stations if recipe.station[name].after}
    assert set(example.stations) - later <= received.keys() <= set(example.stations)
    for name, body in received.items():
        assert body["department"] == town.department_for(recipe.station[name].role)
        assert body["form"] == project(whole, recipe.trees[name])
        assert set(body["form"]) == {path.split(".")[0] for path in recipe.station[name].sees}
        assert (body["case_id"], body["reference"]) == (answer.json()["case_id"], answer.json()["reference"])


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
