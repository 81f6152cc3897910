from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from schemas.kochbuch import Kochbuch
from tests.support.book import small_book
from tests.support.intake import Desk, open_desk


@pytest.fixture(scope="session")
def book(tmp_path_factory: pytest.TempPathFactory) -> Kochbuch:
    return small_book(tmp_path_factory.mktemp("book"))


@pytest.fixture
async def desk(tmp_path: Path, book: Kochbuch) -> AsyncIterator[Desk]:
    async with open_desk(tmp_path, book) as desk:
        yield desk
