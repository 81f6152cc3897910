"""CSV: delimited text in a declared encoding, read as a stream, with the place of every record.

The parser is the csv module in strict mode. What is ours: bytes and lines are counted, a record has a greatest length,
and a quote that is opened and never closed costs its own line only, not the rest of the file.
"""

import csv
from collections import deque
from collections.abc import Iterator, Sequence
from typing import Annotated, BinaryIO, Literal

from pydantic import AfterValidator, Field

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
from schemas.errors import Problem, Reason, Rejected
from schemas.fields import Strict

_END_OF_FILE_OF_DOS = b"\x1a"


def _different(names: tuple[str, ...]) -> tuple[str, ...]:
    if twice := sorted({name for name in names if names.count(name) > 1}):
        names_twice = ", ".join(twice)
        raise ValueError(f"Mehr als einmal genannt: {names_twice}. | named more than once: {names_twice}")
    return names


Names = Annotated[tuple[str, ...], AfterValidator(_different)]


class Csv(Strict):
    """Delimited text."""

    type: Literal["csv"] = Field(description="Which format: csv")
    columns: Names = Field(min_length=1, description="The names of all columns, in their order")
    header: bool = Field(True, description="Whether the first line holds the names of the columns; they are compared")
    delimiter: str = Field(";", min_length=1, max_length=1, description="What stands between two columns")
    quote: str = Field('"', min_length=1, max_length=1, description="What encloses a text; doubled inside it")
    skip_lines: int = Field(0, ge=0, description="How many lines stand before the header or the first record")

    @property
    def names(self) -> tuple[str, ...]:
        """The columns in the order of a row's cells."""
        return self.columns

    def rows(self, stream: BinaryIO, encoding: str, mark: Sequence[int]) -> Iterator[Row]:
        """The records after ``mark`` (byte, line), lazily. Raises Rejected when header or encoding differ."""
        stream.seek(0)
        start = start_of_text(stream.read(SAMPLE), encoding)
        stream.seek(start)
        lines = _Lines(stream, encoding, start)
        lines.skip(self.skip_lines)
        if self.header:
            _check_header(next(_records(lines, self), None), self.columns)
        if mark:
            lines = _Lines(stream, encoding, *mark)
            stream.seek(mark[0])
        return _records(lines, self)


class _TooLongError(Exception):
    pass


class _Lines:
    """Physical lines for the csv module, remembered until the record that they belong to is complete."""

    def __init__(self, stream: BinaryIO, encoding: str, byte: int, line: int = 1) -> None:
        self._stream = stream
        self.encoding = encoding
        self.byte = byte
        self.line = line
        self.taken: list[bytes] = []
        self._size = 0
        self._again: deque[bytes] = deque()
        self.damaged = False

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._again.popleft() if self._again else self._stream.readline(MAX_BYTES + 1)
        if not line:
            raise StopIteration
        self.taken.append(line)
        self._size += len(line)
        if self._size > MAX_BYTES:
            raise _TooLongError
        try:
            return line.decode(self.encoding)
        except UnicodeDecodeError:
            self.damaged = True
            return line.decode(self.encoding, "surrogateescape")

    def row(self, cells: Sequence[str] | Rejected) -> Row:
        """Ends the record and begins the next one after it."""
        taken = self.taken
        raw = taken[0] if len(taken) == 1 else b"".join(taken)
        byte, line = self.byte, self.line
        self.byte = after = byte + len(raw)
        self.line = line_after = line + len(taken)
        if self.damaged:
            cells, self.damaged = undecodable(self.encoding), False
        self.taken = []
        self._size = 0
        return Row(cells, raw, byte, line, after, line_after)

    def give_back_all_but_the_first(self) -> None:
        """The record ends with its first line; the lines after it are read again."""
        self._again.extendleft(reversed(self.taken[1:]))
        self.taken = self.taken[:1]
        self.damaged = False

    def huge(self, error: Rejected) -> Row:
        """Ends a record of one line that is too long: its first bytes are kept, the rest is passed over."""
        first = self.taken[0]
        size = len(first) + (0 if first.endswith(b"\n") else pass_over_rest(self._stream, self.line))
        row = Row(error, first[:KEPT_BYTES], self.byte, self.line, self.byte + size, self.line + 1)
        self.byte, self.line, self.taken, self._size, self.damaged = row.byte_after, row.line_after, [], 0, False
        return row

    def skip(self, count: int) -> None:
        """Passes over that many lines."""
        for _ in range(count):
            self.byte += pass_over_line(self._stream)
            self.line += 1


def _records(lines: _Lines, shape: Csv) -> Iterator[Row]:
    count = len(shape.columns)
    parser = _parser(lines, shape)
    while True:
        try:
            for cells in parser:
                if len(cells) == count:
                    yield lines.row(cells)
                elif not cells or lines.taken == [_END_OF_FILE_OF_DOS]:
                    lines.row(cells)
                else:
                    yield _misshapen(lines, shape, _wrong_count(len(cells), count))
        except csv.Error as error:
            yield _misshapen(lines, shape, _unparsable(error))
        except _TooLongError:
            yield _too_long(lines)
        else:
            return


def _parser(lines: Iterator[str], shape: Csv) -> Iterator[list[str]]:
    return csv.reader(lines, delimiter=shape.delimiter, quotechar=shape.quote, strict=True)


def _unparsable(error: csv.Error) -> Rejected:
    """The module's own words are not repeated: they may quote the row."""
    if str(error).startswith("new-line character"):
        german = "Zeilenende aus CR ohne LF. Abhilfe: die Datei mit LF oder CR LF schreiben lassen."
        return malformed(german, "a line end of CR without LF; remedy: have the file written with LF or CR LF")
    german = "Die Anführungszeichen in dieser Zeile passen nicht zusammen."
    return malformed(german, "the quotes in this line do not match")


def _wrong_count(found: int, declared: int) -> Rejected:
    return malformed(f"{found} Spalten statt {declared}.", f"{found} columns instead of {declared}")


def _misshapen(lines: _Lines, shape: Csv, error: Rejected) -> Row:
    """A bad record; where a later line of it is a good one by itself, an open quote had swallowed it."""
    if any(_is_good(line, lines.encoding, shape) for line in lines.taken[1:]):
        lines.give_back_all_but_the_first()
    return lines.row(error)


def _is_good(line: bytes, encoding: str, shape: Csv) -> bool:
    """Whether a line is a whole record; an odd quote means that it is the end of one, whatever its columns."""
    try:
        text = line.decode(encoding)
        found = [len(cells) for cells in _parser(iter([text]), shape)]
    except (csv.Error, UnicodeDecodeError):
        return False
    return found == [len(shape.columns)] and text.count(shape.quote) % 2 == 0


def _too_long(lines: _Lines) -> Row:
    if len(lines.taken) == 1:
        german = f"Die Zeile ist länger als {MAX_BYTES} Bytes."
        return lines.huge(oversize(german, f"the line is longer than {MAX_BYTES} bytes"))
    lines.give_back_all_but_the_first()
    german = f"Ein Anführungszeichen wird geöffnet und in {MAX_BYTES} Bytes nicht geschlossen."
    return lines.row(oversize(german, f"a quote is opened and not closed within {MAX_BYTES} bytes"))


def _check_header(row: Row | None, columns: tuple[str, ...]) -> None:
    if row is None:
        return  # an empty file: the old system had nothing to say
    if isinstance(row.cells, Rejected) or [cell.strip() for cell in row.cells] != list(columns):
        # The line is not repeated: without a header it is somebody's record.
        german = "Die Kopfzeile nennt nicht die angegebenen Spalten in ihrer Reihenfolge. Abhilfe: „columns“ anpassen."
        english = "the first line does not name the declared columns in their order; remedy: adapt “columns”"
        details = row.cells.problems if isinstance(row.cells, Rejected) else ()
        raise Rejected(Reason.MALFORMED_ROW, Problem("header", german, english), *details)
