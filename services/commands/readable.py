"""Readable: a decoded record as people and scripts read it, with what is personal left out unless it is asked for."""

import base64
import datetime as dt
from collections.abc import Mapping
from typing import Any

from schemas.cloudevent import instant
from schemas.codec import Schema
from schemas.form import day

HIDDEN = "•••"
CONTENT = "form"
"""The one nested record that holds what the applicant said."""

_DATE_PARTS = {"year", "month", "day"}


def readable(schema: Schema, record: Mapping[str, Any], *, reveal: bool = False) -> dict[str, Any]:
    """Dates and instants in ISO 8601, bytes in Base64; personal fields and the form as ••• unless revealed."""
    return _Reader(reveal).record(schema.definition, record, schema.definition["namespace"])


class _Reader:
    """Walks a schema beside a record; knows the named types that it has passed."""

    def __init__(self, reveal: bool) -> None:
        self._reveal = reveal
        self._named: dict[str, Any] = {}

    def record(self, definition: Mapping[str, Any], record: Mapping[str, Any], namespace: str) -> dict[str, Any]:
        return {
            field["name"]: self._field(field, record.get(field["name"]), namespace) for field in definition["fields"]
        }

    def _field(self, field: Mapping[str, Any], value: Any, namespace: str) -> Any:  # noqa: ANN401 - Avro
        self._learn(field["type"], namespace)
        if not self._reveal and value is not None and (field["name"] == CONTENT or "confluent:tags" in field):
            return HIDDEN
        return self._value(field["type"], value, namespace)

    def _learn(self, kind: Any, namespace: str) -> None:  # noqa: ANN401 - Avro
        """Remembers named types even below what stays hidden: a later field may refer to them."""
        if isinstance(kind, list):
            for part in kind:
                self._learn(part, namespace)
        elif isinstance(kind, dict):
            if "name" in kind:
                self._named[kind["name"]] = self._named[f"{namespace}.{kind['name']}"] = kind
            self._learn(kind.get("items"), namespace)
            for field in kind.get("fields", ()):
                self._learn(field["type"], namespace)

    def _value(self, kind: Any, value: Any, namespace: str) -> Any:  # noqa: ANN401, PLR0911 - one line a type
        if value is None:
            return None
        if isinstance(kind, list):
            return self._value(next(part for part in kind if part != "null"), value, namespace)
        if isinstance(kind, str):
            if kind in self._named:
                return self._value(self._named[kind], value, namespace)
            return base64.b64encode(value).decode() if isinstance(value, bytes) else value
        match kind.get("logicalType"), kind["type"]:
            case "date", _:
                return day(value).isoformat()
            case "timestamp-micros", _:
                return instant(value)
            case _, "array":
                return [self._value(kind["items"], element, namespace) for element in value]
            case _, "record":
                return self._partial_date(value) or self.record(kind, value, namespace)
        return self._value(kind["type"], value, namespace) if isinstance(value, bytes) else value

    @staticmethod
    def _partial_date(value: Mapping[str, Any]) -> str | None:
        if value.keys() != _DATE_PARTS:
            return None
        parts = [f"{value['year'] or 0:04}", f"{value['month'] or 0:02}", f"{value['day'] or 0:02}"]
        return "-".join(parts)


def since(earlier: int, later: int) -> str:
    """The time between two instants, as short as it can be said."""
    seconds = (later - earlier) / 1_000_000
    if abs(seconds) < 1:
        return f"{seconds * 1000:.0f} ms"
    return f"{seconds:.2f} s" if abs(seconds) < 100 else str(dt.timedelta(seconds=round(seconds)))  # noqa: PLR2004
