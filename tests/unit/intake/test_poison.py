"""Whatever a portal sends, it gets a 4xx, and the next submission is accepted."""

import gzip

import orjson
import pytest

from schemas.topics import CASE_REQUESTS
from tests.support.intake import BODY, Desk

GOOD = orjson.dumps(BODY)
POISON: dict[str, bytes] = {
    "empty": b"",
    "truncated": GOOD[:-1],
    "trailing bytes": GOOD + b"}",
    "two documents": GOOD + GOOD,
    "not an object": b"[1]",
    "null": b"null",
    "deep lists": b"[" * 100_000,
    "deep objects": b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
    "deep form": GOOD.replace(b'"Dackel"', b"[" * 500 + b"]" * 500),
    "raw NUL": GOOD.replace(b"Dackel", b"Da\x00ckel"),
    "escaped NUL": GOOD.replace(b"Dackel", b"Da\\u0000ckel"),
    "only NUL": b"\x00" * 100,
    "invalid UTF-8": GOOD.replace(b"Dackel", b"Da\xffckel"),
    "overlong UTF-8": GOOD.replace(b"Dackel", b"Da\xc0\xafckel"),
    "UTF-16": GOOD.decode().encode("utf-16"),
    "byte order mark": b"\xef\xbb\xbf" + GOOD,
    "lone surrogate": GOOD.replace(b"Dackel", b"\\ud800"),
    "encoded surrogate": GOOD.replace(b"Dackel", b"\xed\xa0\x80"),
    "duplicate key": GOOD.replace(b'"breed"', b'"breed":"Pudel","breed"'),
    "duplicate key in another spelling": GOOD.replace(b'"breed"', b'"\\u0062reed":"Pudel","breed"'),
    "duplicate envelope": GOOD.replace(b'"service"', b'"service":"1","service"'),
    "huge number": GOOD.replace(b'"Dackel"', b"9" * 100_000),
    "huge exponent": GOOD.replace(b'"Dackel"', b"1e999999999"),
    "NaN": GOOD.replace(b'"Dackel"', b"NaN"),
    "64 bits and one": GOOD.replace(b'"breed"', b'"weight_kg":18446744073709551616,"breed"'),
    "a truth for a number": GOOD.replace(b'"breed"', b'"weight_kg":true,"breed"'),
    "a fraction for a number": GOOD.replace(b'"breed"', b'"weight_kg":1.5,"breed"'),
    "unknown envelope": GOOD[:-1] + b',"admin":true}',
    "service of the wrong kind": GOOD.replace(b'"99102013104000"', b"99102013104000"),
    "many unknown fields": orjson.dumps(BODY | {"form": {f"f{number}": number for number in range(5000)}}),
    "gzip without a header": gzip.compress(GOOD),
    "XML bomb": b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "bb">]><a>&b;</a>',
}


@pytest.mark.parametrize("name", POISON)
async def test_poison_is_a_4xx(desk: Desk, name: str) -> None:
    answer = await desk.submit(POISON[name])
    assert 400 <= answer.status_code < 500, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert not desk.bus.records(CASE_REQUESTS)
    assert (await desk.submit()).status_code == 202


async def test_ten_megabytes_are_refused(desk: Desk) -> None:
    assert (await desk.submit(b" " * 10_000_000)).status_code == 413


async def test_a_gzip_bomb_is_never_unpacked(desk: Desk) -> None:
    bomb = gzip.compress(b"\x00" * 10_000_000)
    assert (await desk.submit(bomb, content_encoding="gzip")).status_code == 415


async def test_an_example_is_no_poison(desk: Desk) -> None:
    assert (await desk.submit(GOOD.replace(b"Dackel", b"D\\u0061ckel \xf0\x9f\x90\x95"))).status_code == 202
