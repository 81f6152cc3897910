"""HTTP poison: bodies that no well-behaved portal sends; each must be answered with a 4xx."""

import gzip

import orjson

from tests.support.intake import BODY

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
TEN_MEGABYTES = b" " * 10_000_000
GZIP_BOMB = gzip.compress(b"\x00" * 10_000_000)
