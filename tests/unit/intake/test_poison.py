"""Whatever a portal sends, it gets a 4xx, and the next submission is accepted."""

import pytest

from schemas.topics import CASE_REQUESTS
from tests.support.http_poison import GOOD, GZIP_BOMB, POISON, TEN_MEGABYTES
from tests.support.intake import Desk


@pytest.mark.parametrize("name", POISON)
async def test_poison_is_a_4xx(desk: Desk, name: str) -> None:
    answer = await desk.submit(POISON[name])
    assert 400 <= answer.status_code < 500, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert not desk.bus.records(CASE_REQUESTS)
    assert (await desk.submit()).status_code == 202


async def test_ten_megabytes_are_refused(desk: Desk) -> None:
    assert (await desk.submit(TEN_MEGABYTES)).status_code == 413


async def test_a_gzip_bomb_is_never_unpacked(desk: Desk) -> None:
    assert (await desk.submit(GZIP_BOMB, content_encoding="gzip")).status_code == 415


async def test_an_example_is_no_poison(desk: Desk) -> None:
    assert (await desk.submit(GOOD.replace(b"Dackel", b"D\\u0061ckel \xf0\x9f\x90\x95"))).status_code == 202
