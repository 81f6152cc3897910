"""Command field: one thing that a command takes, read off its Avro schema, and its value from what a person typed."""

import datetime as dt
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal
from zoneinfo import ZoneInfo

from schemas.form import day as day_numbered
from schemas.form import days_of

Shape = Literal["text", "texts", "choice", "boolean", "date", "instant"]
LONGEST_TEXT = 4_000
"""The most that one command may say in one field; lists are counted together."""
OPTIONAL = "laufzettel:optional"
"""Marks a field of a command that may be left empty."""

_BERLIN = ZoneInfo("Europe/Berlin")
_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_BOOLEANS: Mapping[str, bool] = {"true": True, "yes": True, "ja": True, "false": False, "no": False, "nein": False}
_LOGICAL: Mapping[str, Shape] = {"date": "date", "timestamp-micros": "instant"}
_SIMPLE: Mapping[str, Shape] = {"string": "text", "boolean": "boolean"}
_UNWRITABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
_WORDS: Mapping[Shape, tuple[str, str]] = {
    "text": ("Text", "text"),
    "texts": ("Text, auch mehrmals", "text, several times if need be"),
    "choice": ("eines von: ", "one of: "),
    "boolean": ("ja oder nein", "yes or no"),
    "date": ("ein Tag (JJJJ-MM-TT)", "a day (YYYY-MM-DD)"),
    "instant": (
        "ein Tag (JJJJ-MM-TT) oder Zeitpunkt (JJJJ-MM-TTThh:mm, Berliner Zeit)",
        "a day (YYYY-MM-DD) or an instant (YYYY-MM-DDThh:mm, Berlin time)",
    ),
}


@dataclass(frozen=True, slots=True)
class CommandField:
    """``required`` ones must be said; the others are null or empty when nobody says them. ``empty`` is that value."""

    name: str
    shape: Shape
    doc: str
    required: bool
    personal: bool
    empty: Any = None
    symbols: tuple[str, ...] = ()

    @property
    def words(self) -> tuple[str, str]:
        """What is expected here, in German and English."""
        german, english = _WORDS[self.shape]
        choice = ", ".join(self.symbols)
        return german + choice, english + choice

    def value(self, given: Sequence[str]) -> Any:  # noqa: ANN401 - whatever the schema says
        """The value as the schema wants it; raises ValueError when that cannot be."""
        texts = [unicodedata.normalize("NFC", text).replace("\r\n", "\n").strip() for text in given]
        if any(map(_UNWRITABLE.search, texts)):
            raise ValueError("a character that steers machines")
        if self.shape == "texts":
            return [text for text in texts if text]
        if len(texts) != 1:
            raise ValueError("said more than once")
        return _READERS[self.shape](self, texts[0])


def field_of(definition: Mapping[str, Any]) -> CommandField:
    """The field that this part of a command's schema describes. Raises LookupError for a type that none has yet."""
    kind = definition["type"]
    nullable = isinstance(kind, list)
    kind = next(part for part in kind if part != "null") if nullable else kind
    shape = _shape(kind)
    may_be_empty = definition.get(OPTIONAL, False)
    return CommandField(
        name=definition["name"],
        shape=shape,
        doc=definition["doc"],
        required=not nullable and not may_be_empty,
        personal="PII" in definition.get("confluent:tags", ()),
        empty=None if nullable else {"text": "", "texts": [], "boolean": False}.get(shape),
        symbols=tuple(kind["symbols"]) if shape == "choice" else (),
    )


def _shape(kind: Any) -> Shape:  # noqa: ANN401 - any part of a schema
    if isinstance(kind, str):
        return _SIMPLE[kind]
    if kind["type"] == "enum":
        return "choice"
    if (kind["type"], kind.get("items")) == ("array", "string"):
        return "texts"
    return _LOGICAL[kind["logicalType"]]


def _text(_: CommandField, text: str) -> str:
    return text


def _choice(field: CommandField, text: str) -> str:
    if text not in field.symbols:
        raise ValueError("not one of them")
    return text


def _boolean(_: CommandField, text: str) -> bool:
    if text.lower() not in _BOOLEANS:
        raise ValueError("neither yes nor no")
    return _BOOLEANS[text.lower()]


def _date(_: CommandField, text: str) -> int:
    return days_of(text)


def _instant(field: CommandField, text: str) -> int:
    """A day named as the last one has run out when the next begins (§ 188 BGB); other days begin with their morning."""
    if "T" in text or " " in text:
        moment = dt.datetime.fromisoformat(text)
    else:
        day = day_numbered(days_of(text) + (field.name == "until"))
        moment = dt.datetime.combine(day, dt.time())
    moment = moment if moment.tzinfo else moment.replace(tzinfo=_BERLIN)
    return (moment - _EPOCH) // dt.timedelta(microseconds=1)


_READERS: Mapping[Shape, Callable[[CommandField, str], Any]] = {
    "text": _text, "choice": _choice, "boolean": _boolean, "date": _date, "instant": _instant,
}  # fmt: skip
