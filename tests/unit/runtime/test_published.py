import asyncio
from pathlib import Path

import pytest

from schemas.check.book import check_book
from schemas.errors import Misconfigured
from schemas.kochbuch import Kochbuch
from services.runtime.memory import MemoryBus
from services.runtime.published import (
    incompatibilities,
    messages,
    published_schemas,
    stopped_unless_published,
    unpublished,
)
from tests.support.book import DOG, small_book, write

CHANGES = {
    "another kind, same version": ("kept_since: {type: date}", "kept_since: {type: text}", "version: 1"),
    "another kind, new version": ("kept_since: {type: date}", "kept_since: {type: boolean}", "version: 2"),
    "now required": ("max: 120, optional: true", "max: 120", "version: 2"),
    "one more for a station": ("sees: [holder.family_name, breed,", "sees: [holder, breed,", "version: 1"),
}


async def published(bus: MemoryBus, book: Kochbuch) -> MemoryBus:
    await bus.publisher().publish(messages(unpublished(book.schemas, {})))
    return bus


async def test_what_is_published_is_read_back_under_the_same_ids(tmp_path: Path) -> None:
    book = small_book(tmp_path)
    bus = await published(MemoryBus(), book)
    found = await published_schemas(bus)
    assert found == {schema.id: schema for schema in book.schemas}
    assert unpublished(book.schemas, found) == []


async def test_a_changed_form_without_a_new_version_is_refused(tmp_path: Path) -> None:
    bus = await published(MemoryBus(), small_book(tmp_path / "one"))
    changed = small_book(tmp_path / "two", DOG.replace("kept_since: {type: date}", "kept_since: {type: text}"))
    problems = incompatibilities(changed.schemas, await published_schemas(bus))
    assert any("CaseSubmitted_v1" in problem.where for problem in problems)


@pytest.mark.parametrize("change", CHANGES)
async def test_topics_and_check_find_the_same(tmp_path: Path, change: str) -> None:
    bus = await published(MemoryBus(), small_book(tmp_path / "one"))
    known = await published_schemas(bus)
    changed = small_book(tmp_path / "two", DOG.replace(*CHANGES[change][:2]).replace("version: 1", CHANGES[change][2]))
    checked = check_book(tmp_path / "two" / "kochbuch", tmp_path / "two" / "municipalities", known.values())
    ours = incompatibilities(changed.schemas, known)
    assert ours
    assert set(ours) <= set(checked.problems)
    assert not [problem for problem in checked.problems if "laufzettel." in problem.where and problem not in ours]


async def test_words_put_right_are_published_again_under_the_same_id(tmp_path: Path) -> None:
    bus = await published(MemoryBus(), small_book(tmp_path / "one"))
    text = DOG.replace("breed: {type: text,", "breed: {type: text, label: {de: Rasse, en: Breed},")
    changed, known = small_book(tmp_path / "two", text), await published_schemas(bus)
    assert incompatibilities(changed.schemas, known) == []
    renewed = unpublished(changed.schemas, known)
    assert {schema.id for schema in renewed} < known.keys()
    await bus.publisher().publish(messages(renewed))
    assert unpublished(changed.schemas, await published_schemas(bus)) == []


async def test_a_new_version_with_an_optional_field_is_free(tmp_path: Path) -> None:
    bus = await published(MemoryBus(), small_book(tmp_path / "one"))
    text = DOG.replace("version: 1", "version: 2").replace(
        "iban: {type: iban, optional: true}",
        "iban: {type: iban, optional: true}\n      chip: {type: text, optional: true}",
    )
    known = await published_schemas(bus)
    [gone] = incompatibilities(small_book(tmp_path / "two", text).schemas, known)
    assert "Put the file back into the Kochbuch: earlier/dog.v1.yaml" in gone.text_en
    write(tmp_path / "two" / "kochbuch" / "earlier", "dog.v1", DOG)
    assert incompatibilities(small_book(tmp_path / "two", text).schemas, known) == []


async def test_a_process_stops_that_would_write_what_nobody_can_read(tmp_path: Path) -> None:
    bus = await published(MemoryBus(), small_book(tmp_path / "one"))
    text = DOG.replace("kept_since: {type: date}", "kept_since: {type: text}")
    changed, stop = small_book(tmp_path / "two", text), asyncio.Event()
    with pytest.raises(Misconfigured) as caught:
        async with asyncio.timeout(10), stopped_unless_published(bus, changed.schemas, stop, pause=0):
            await stop.wait()
    assert "laufzettel.dog.CaseSubmitted_v1" in caught.value.problems[0].text
    assert "Remedy: laufzettel topics apply" in caught.value.problems[0].text_en


async def test_a_process_goes_on_with_what_is_published_though_in_other_words(tmp_path: Path) -> None:
    bus = await published(MemoryBus(), small_book(tmp_path / "one"))
    text = DOG.replace("breed: {type: text,", "breed: {type: text, label: {de: Rasse, en: Breed},")
    stop = asyncio.Event()
    async with stopped_unless_published(bus, small_book(tmp_path / "two", text).schemas, stop, pause=0):
        for _ in range(20):
            await asyncio.sleep(0)
    assert not stop.is_set()


async def test_what_is_published_meanwhile_is_found(tmp_path: Path) -> None:
    bus, book, stop = MemoryBus(), small_book(tmp_path), asyncio.Event()
    async with stopped_unless_published(bus, book.schemas, stop, pause=0):
        await asyncio.sleep(0)
        await published(bus, book)
        for _ in range(20):
            await asyncio.sleep(0)
    assert not stop.is_set()
