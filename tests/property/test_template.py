"""Templates write what fastavro writes, and a case that follows another's way gets what it would have got alone."""

from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from schemas.codec import Codec, schema_of
from schemas.template import Template, instant, octets, text
from services.router.processor import Router
from tests.support.casework import Office
from tests.support.procedure import DRY, WET, building_office, procedure_book

_SCHEMA = schema_of(
    {
        "type": "record",
        "name": "Probe",
        "namespace": "laufzettel.test",
        "fields": [
            {"name": "words", "type": "string"},
            {"name": "maybe", "type": ["null", "long"], "default": None},
            {"name": "data", "type": "bytes"},
            {"name": "at", "type": "long"},
            {"name": "last", "type": {"type": "array", "items": "string"}},
        ],
    }
)
_CODEC = Codec([_SCHEMA])
_LONG = st.integers(-(2**63), 2**63 - 1)
_HOLES: dict[str, Callable[[Any], bytes]] = {"words": text, "data": octets, "at": instant}


@given(
    first=st.fixed_dictionaries(
        {"words": st.text(), "maybe": st.none() | _LONG, "data": st.binary(), "at": _LONG, "last": st.lists(st.text())}
    ),
    other=st.fixed_dictionaries({"words": st.text(max_size=400), "data": st.binary(max_size=400), "at": _LONG}),
    holes=st.frozensets(st.sampled_from(sorted(_HOLES))),
)
def test_a_filled_template_is_the_encoded_record(
    first: dict[str, Any], other: dict[str, Any], holes: frozenset[str]
) -> None:
    template = Template(_CODEC, _SCHEMA, first, holes)
    record = first | {name: other[name] for name in holes}
    filled = template.fill({name: _HOLES[name](record[name]) for name in holes})
    assert filled == _CODEC.encoder(_SCHEMA)(record)


def test_who_follows_a_way_gets_what_the_first_would_have_got(tmp_path: Path) -> None:
    book, random = procedure_book(tmp_path), Random(7)
    followed, alone = building_office(book), building_office(book)
    for number in range(60):
        form = random.choice((DRY, WET)) | {"height_m": random.randint(0, 400)}
        received = followed.now - random.randint(0, 90) * 86_400_000_000
        assert written(followed, form, number, received) == written(alone, form, number, received)
        alone.router = Router(book)


def written(desk: Office, form: dict[str, Any], number: int, received: int) -> list[tuple[str, bytes | None, Any]]:
    """Everything that the router writes for one submission, byte by byte."""
    now, desk.now = desk.now, received
    message = desk.submission(form, f"{number}").message
    desk.now = now
    return [(m.topic, m.value, m.headers) for m in desk.router.process(0, [desk.stored(message)], now)]
