"""Restored: what a router that starts anew makes of the state topic, against what follows from the events."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from schemas.kochbuch import Kochbuch
from schemas.message import Stored
from services.router.case import Case, next_due
from services.router.processor import Router
from services.router.store import CaseCodec, Store, text_of


def restored(book: Kochbuch, states: Iterable[Stored], folds: Mapping[bytes, Case | None]) -> list[str]:
    """The cases that a new router would hold otherwise than ``folds``, the states that follow from the events."""
    router = Router(book)
    for record in sorted(states, key=lambda record: (record.partition, record.offset)):
        router.restore(record.partition, [record])
    held = dict(_held(CaseCodec(book.codec), router._stores.values()))
    return [key.decode() for key in {*folds, *held} if held.get(key) != _expected(folds.get(key))]


def _held(cases: CaseCodec, stores: Iterable[Store]) -> Iterator[tuple[bytes, Any]]:
    """Open cases whole, without content; of closed ones version and next instant, because the rest is on the topic."""
    for store in stores:
        for key, value in store.open.items():
            yield text_of(key).encode(), content_aside(cases.decode(text_of(key), value))
        for key in store._closed:
            closed = store.closed(key)
            yield text_of(key).encode(), closed and (closed.version, closed.due)


def _expected(case: Case | None) -> Any:  # noqa: ANN401 - compared only
    if case is not None and case["status"] == "closed":
        return case["version"], next_due(case)
    return content_aside(case)


def content_aside(case: Case | None) -> Any:  # noqa: ANN401 - compared only
    """A state without what people wrote: that never stands in an event."""
    if case is None:
        return None
    stations = [{**station, "question": None, "answer": None} for station in case["stations"]]
    return {**case, "stations": stations, "submission": b""}
