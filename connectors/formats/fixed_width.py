"""Fixed width: records of a declared length, in characters or in bytes, with or without line ends.

The two lengths differ as soon as there is an umlaut in UTF-8: every record of the official municipality file GV100AD
has 220 characters, but up to 224 bytes, and a reader that slices bytes breaks on Düren.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Annotated, BinaryIO, Literal, NamedTuple

from pydantic import BeforeValidator, Field, model_validator

from connectors.formats.encoding import SAMPLE, start_of_text
from connectors.formats.row import (
    KEPT_BYTES,
    MAX_BYTES,
    Row,
    malformed,
    oversize,
    pass_over_line,
    pass_over_rest,
    undecodable,
)
from schemas.errors import Rejected
from schemas.fields import Strict

_UNITS = {"characters": ("Zeichen", "characters"), "bytes": ("Bytes", "bytes")}
_END_OF_LINE = b"\r\n\x1a"
"""Line ends, and the mark that DOS puts at the end of a file."""
_WIDEST = 4
"""Bytes that a character may take in UTF-8."""


class Span(NamedTuple):
    """From the first position to the last, both included, counted from 1, as record descriptions are printed."""

    first: int
    last: int


def _span(value: object) -> object:
    match = re.fullmatch(r"(\d{1,5})(?:-(\d{1,5}))?", value) if isinstance(value, str) else None
    if match is None:
        raise ValueError("Erwartet wird von-bis, z. B. 3-10. | from-to is expected, e.g. 3-10")
    span = Span(int(match[1]), int(match[2] or match[1]))
    if not 1 <= span.first <= span.last:
        raise ValueError("Gezählt wird ab 1, die kleinere Stelle zuerst. | counted from 1, the lower position first")
    return span


Positions = Annotated[Span, BeforeValidator(_span, json_schema_input_type=str)]


class RecordType(Strict):
    """Which records count, where a file mixes header, content and trailer records."""

    at: Positions = Field(description="Where the record type stands, from-to, counted from 1")
    take: tuple[str, ...] = Field(min_length=1, description="Record types that are submissions")
    skip: tuple[str, ...] = Field((), description="Record types to pass over, such as header and trailer")


class FixedWidth(Strict):
    """Records of a declared length."""

    type: Literal["fixed-width"] = Field(description="Which format: fixed-width")
    length: int = Field(ge=1, le=MAX_BYTES // _WIDEST, description="Length of every record, without its line end")
    unit: Literal["characters", "bytes"] = Field(description="What length and positions count: characters or bytes")
    line_ends: bool = Field(True, description="Whether each record ends its line; if not, they stand back to back")
    columns: dict[str, Positions] = Field(min_length=1, description="Each column's positions, from-to, counted from 1")
    record_type: RecordType | None = Field(None, description="Where records of several types are mixed")
    skip_lines: int = Field(0, ge=0, description="How many lines stand before the first record")

    @model_validator(mode="after")
    def _fits(self) -> "FixedWidth":
        wide = [name for name, span in self.columns.items() if span.last > self.length]
        if self.record_type and self.record_type.at.last > self.length:
            wide.append("record_type")
        if wide:
            names = ", ".join(wide)
            # One sentence for all of them: pydantic reports one finding of a whole record.
            raise ValueError(f"Reicht über die Satzlänge hinaus: {names}. | beyond the record's length: {names}")
        if self.skip_lines and not self.line_ends:
            raise ValueError("„skip_lines“ braucht „line_ends“. | “skip_lines” needs “line_ends”")
        return self

    @property
    def names(self) -> tuple[str, ...]:
        """The columns in the order of a row's cells."""
        return tuple(self.columns)

    def rows(self, stream: BinaryIO, encoding: str, mark: Sequence[int]) -> Iterator[Row]:
        """The records after ``mark`` (byte, line), lazily. Raises Rejected when the encoding is another one."""
        stream.seek(0)
        byte = start_of_text(stream.read(SAMPLE), encoding)
        stream.seek(byte)
        for _ in range(self.skip_lines):
            byte += pass_over_line(stream)
        byte, line = mark or (byte, 1 + self.skip_lines)
        stream.seek(byte)
        return _records(stream, self, encoding, byte, line)


Cut = Sequence[str] | Rejected | None
"""The cells of a record, why there are none, or nothing at all for a record to pass over."""


def _records(stream: BinaryIO, shape: FixedWidth, encoding: str, byte: int, line: int) -> Iterator[Row]:
    take = _line if shape.line_ends else _block(shape, encoding)
    cut = _cutter(shape, encoding)
    while raw := take(stream):
        content = raw.rstrip(_END_OF_LINE) if shape.line_ends or len(raw) < shape.length else raw
        cells = cut(content) if content else None
        size = len(raw)
        if size > MAX_BYTES:
            size += 0 if raw.endswith(b"\n") else pass_over_rest(stream, line)
            cells, raw = _too_long(), raw[:KEPT_BYTES]
        if cells is not None:
            yield Row(cells, raw, byte, line, byte + size, line + 1)
        byte, line = byte + size, line + 1


def _line(stream: BinaryIO) -> bytes:
    return stream.readline(MAX_BYTES + 1)


def _block(shape: FixedWidth, encoding: str) -> Callable[[BinaryIO], bytes]:
    if shape.unit == "bytes":
        return lambda stream: stream.read(shape.length)

    def characters(stream: BinaryIO) -> bytes:
        ahead = stream.read(shape.length * _WIDEST)
        text = ahead.decode(encoding, "surrogateescape")[: shape.length]
        used = len(text.encode(encoding, "surrogateescape"))
        stream.seek(used - len(ahead), 1)
        return ahead[:used]

    return characters


def _too_long() -> Rejected:
    return oversize(f"Der Satz ist länger als {MAX_BYTES} Bytes.", f"the record is longer than {MAX_BYTES} bytes")


def _cutter(shape: FixedWidth, encoding: str) -> Callable[[bytes], Cut]:
    """Cuts one record; characters are cut from text, bytes before they become text (the same in one-byte encodings)."""
    slices = [_slice(span) for span in shape.columns.values()]
    verdicts, where = _verdicts(shape.record_type)
    as_text = shape.unit == "characters" or encoding != "utf-8"

    def cut(content: bytes) -> Cut:
        try:
            whole = content.decode(encoding) if as_text else content
            if len(whole) != shape.length:
                return _wrong_length(len(whole), shape)
            wanted = verdicts.get(_text(whole[where], encoding))
            if wanted is None:
                return malformed("Diese Satzart ist nicht angegeben.", "this record type is not declared")
            return [_text(whole[part], encoding) for part in slices] if wanted else None
        except UnicodeDecodeError:
            return undecodable(encoding)

    return cut


def _slice(span: Span) -> slice:
    return slice(span.first - 1, span.last)


def _text(piece: str | bytes, encoding: str) -> str:
    return piece if isinstance(piece, str) else piece.decode(encoding)


def _verdicts(kind: RecordType | None) -> tuple[dict[str, bool], slice]:
    """Whether each declared record type is wanted, and where it stands; without types there is the empty one."""
    if kind is None:
        return {"": True}, slice(0)
    return dict.fromkeys(kind.take, True) | dict.fromkeys(kind.skip, False), _slice(kind.at)


def _wrong_length(found: int, shape: FixedWidth) -> Rejected:
    german, english = _UNITS[shape.unit]
    return malformed(f"{found} {german} statt {shape.length}.", f"{found} {english} instead of {shape.length}")
