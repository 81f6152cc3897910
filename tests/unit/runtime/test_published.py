from pathlib import Path

from schemas.kochbuch import Kochbuch
from services.runtime.memory import MemoryBus
from services.runtime.published import incompatibilities, messages, published_schemas, unpublished
from tests.support.book import DOG, small_book


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


async def test_a_new_version_with_an_optional_field_is_free(tmp_path: Path) -> None:
    bus = await published(MemoryBus(), small_book(tmp_path / "one"))
    text = DOG.replace("version: 1", "version: 2").replace(
        "iban: {type: iban, optional: true}",
        "iban: {type: iban, optional: true}\n      chip: {type: text, optional: true}",
    )
    changed = small_book(tmp_path / "two", text)
    assert incompatibilities(changed.schemas, await published_schemas(bus)) == []
