"""CloudEvents 1.0, binary mode: who says what about which case, in the headers, without any personal data."""

import datetime as dt
import re
from functools import lru_cache

HeaderList = list[tuple[str, bytes]]
_TRACE = re.compile(rb"[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")
"""Of W3C's trace context; anything else is not carried on: it would be copied to every event, however long it is."""
_SPEC = ("ce_specversion", b"1.0")
_TYPE = ("content-type", b"application/avro")


def event_headers(
    event_id: str, kind: str, source: str, case_id: str, at: int, received_at: int, trace: bytes | None = None
) -> HeaderList:
    """The headers of one event; times in microseconds since the epoch, ``trace`` a traceparent to carry on."""
    shared = shared_headers(source, case_id, at, received_at, trace)
    return [("ce_id", event_id.encode()), ("ce_type", kind.encode()), *shared]


def shared_headers(source: str, case_id: str, at: int, received_at: int, trace: bytes | None = None) -> HeaderList:
    """What all events have in common that one request leads to: everything but id and type."""
    return [
        _SPEC,
        ("ce_source", source.encode()),
        ("ce_time", instant(at).encode()),
        ("ce_subject", case_id.encode()),
        ("traceparent", trace if trace and _TRACE.fullmatch(trace) else traceparent(case_id)),
        ("received_at", b"%d" % received_at),
        _TYPE,
    ]


def instant(at: int) -> str:
    """Microseconds since the epoch as RFC 3339 in UTC."""
    seconds, micros = divmod(at, 1_000_000)
    return f"{_second(seconds)}.{micros:06d}Z"


@lru_cache(maxsize=1024)
def _second(seconds: int) -> str:
    return f"{dt.datetime.fromtimestamp(seconds, dt.UTC):%Y-%m-%dT%H:%M:%S}"


def traceparent(case_id: str) -> bytes:
    """A W3C trace context whose trace id is the case id, so that a case can be found in any tracing system."""
    plain = case_id.replace("-", "")
    return f"00-{plain}-{plain[16:]}-01".encode()
