"""Conversion: the text of one cell as the form expects it. What the form checks itself is not checked here.

Every conversion is a closure made once; it raises ValueError("German | English") and never repeats the cell.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any, Literal

from pydantic import Field, model_validator

from schemas.fields import Strict

Kind = Literal["text", "lines", "date", "integer", "cents", "boolean"]
Convert = Callable[[str], Any]

BLANK = " \t\r\n\xa0"
"""Stripped from every cell; not str.strip(), which also takes control characters that the form must see."""

_BREAK = re.compile(r"[ \t]*[\r\n]+[ \t]*")
_PARTS = {"%d": r"(?P<d>\d{1,2})", "%m": r"(?P<m>\d{1,2})", "%Y": r"(?P<y>\d{4})"}
_UNSEPARATED = re.compile("%.%.")
_WHOLE = re.compile(r"[+-]?\d{1,18}", re.ASCII)
_THOUSANDS = {",": ".", ".": ","}


class Conversion(Strict):
    """How the text of a cell becomes a value of the form."""

    kind: Kind = Field("text", alias="as", description="text, lines, date, integer, cents or boolean")
    values: dict[str, str] = Field(
        default_factory=dict, description="Value table of the old system: its code, our value"
    )
    blank: tuple[str, ...] = Field((), description="Texts that mean: no entry, e.g. 00.00.0000")
    format: str = Field("%d.%m.%Y", description="How dates are written, with %d, %m and %Y")
    decimal: Literal[",", "."] = Field(",", description="What separates euros from cents")
    yes: tuple[str, ...] = Field(("J", "Ja", "1", "X", "true"), description="Words for yes, in any case")
    no: tuple[str, ...] = Field(("N", "Nein", "0", "false"), description="Words for no, in any case")
    separator: str | None = Field(
        None, min_length=1, description="Where one cell holds several values: what separates them"
    )

    @model_validator(mode="after")
    def _has_a_whole_date(self) -> "Conversion":
        if sorted(re.findall("%.", self.format)) != sorted(_PARTS):
            raise ValueError("Das Datum braucht genau %d, %m und %Y. | the date needs exactly %d, %m and %Y")
        return self


def converter(conversion: Conversion) -> Convert:
    """The whole way of one cell that is not blank: value table, kind, and the splitting around both."""
    single = _kind(conversion)
    if conversion.values:
        single = _looked_up(conversion.values, single)
    return _several(conversion.separator, single) if conversion.separator else single


def _kind(conversion: Conversion) -> Convert:
    match conversion.kind:
        case "text":
            return _one_line
        case "lines":
            return _lines
        case "date":
            return _date(conversion.format)
        case "integer":
            return _integer
        case "cents":
            return _cents(conversion.decimal)
        case "boolean":
            return _boolean(conversion)


def _looked_up(values: Mapping[str, str], then: Convert) -> Convert:
    def look_up(text: str) -> Any:  # noqa: ANN401 - whatever the kind makes
        value = values.get(text)
        if value is None:
            raise ValueError("Dieser Wert steht nicht in der Wertetabelle. | this value is not in the value table")
        return then(value)

    return look_up


def _several(separator: str, single: Convert) -> Convert:
    return lambda text: [single(part.strip(BLANK)) for part in text.split(separator) if part.strip(BLANK)]


def _one_line(text: str) -> str:
    return _BREAK.sub(" ", text) if "\n" in text or "\r" in text else text


def _lines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


def _date(form: str) -> Convert:
    """Only puts the parts in order; 00 for an unknown day or month goes on to the form, which knows where it may be."""
    pattern = re.escape(form)
    for directive, part in _PARTS.items():
        pattern = pattern.replace(re.escape(directive), part)
    if _UNSEPARATED.search(form):
        pattern = pattern.replace("{1,2}", "{2}")
    match = re.compile(pattern, re.ASCII).fullmatch

    def convert(text: str) -> str:
        found = match(text)
        if found is None:
            raise ValueError(f"Kein Datum der Form {form}. | not a date of the form {form}")
        day, month, year = found.group("d", "m", "y")
        return f"{year}-{month:0>2}-{day:0>2}"

    return convert


def _integer(text: str) -> int:
    if not _WHOLE.fullmatch(text):
        raise ValueError("Keine ganze Zahl. | not a whole number")
    return int(text)


def _cents(decimal: str) -> Convert:
    thousands = re.escape(_THOUSANDS[decimal])
    whole = rf"\d{{1,3}}(?:{thousands}\d{{3}})+|\d{{1,15}}"
    match = re.compile(rf"([+-]?)({whole})(?:{re.escape(decimal)}(\d{{1,2}}))?", re.ASCII).fullmatch

    def convert(text: str) -> int:
        found = match(text)
        if found is None:
            raise ValueError(f"Kein Betrag wie 1234{decimal}50. | not an amount such as 1234{decimal}50")
        sign, euros, cents = found.groups()
        amount = 100 * int(euros.replace(_THOUSANDS[decimal], "")) + int((cents or "").ljust(2, "0"))
        return -amount if sign == "-" else amount

    return convert


def _boolean(conversion: Conversion) -> Convert:
    words = {word.casefold(): False for word in conversion.no} | {word.casefold(): True for word in conversion.yes}

    def convert(text: str) -> bool:
        answer = words.get(text.casefold())
        if answer is None:
            raise ValueError("Weder ein Wort für ja noch eines für nein. | neither a word for yes nor one for no")
        return answer

    return convert
