"""Row: one record of a file, as every format hands it on."""

from collections.abc import Sequence
from typing import BinaryIO, NamedTuple

from schemas.errors import Problem, Reason, Rejected

MAX_BYTES = 100_000
"""The longest record; below the 131,072 characters that the csv module allows for a field."""
KEPT_BYTES = 10_000
"""What a dead letter keeps of a record that is longer than MAX_BYTES."""


class Row(NamedTuple):
    """Cells, or why there are none; the bytes as they stood in the file; line from 1, byte from 0; both after it."""

    cells: Sequence[str] | Rejected
    raw: bytes
    byte: int
    line: int
    byte_after: int
    line_after: int


def malformed(german: str, english: str) -> Rejected:
    """The error of a row whose shape is not the declared one."""
    return Rejected(Reason.MALFORMED_ROW, Problem("row", german, english))


def undecodable(encoding: str) -> Rejected:
    """The error of a row with bytes that the declared encoding does not know."""
    german = f"Enthält Bytes, die es in {encoding} nicht gibt."
    return Rejected(Reason.UNDECODABLE, Problem("row", german, f"contains bytes that {encoding} does not know"))


def oversize(german: str, english: str) -> Rejected:
    """The error of a row that is longer than a record may be."""
    return Rejected(Reason.OVERSIZE, Problem("row", german, english))


def pass_over_rest(stream: BinaryIO, line: int) -> int:
    """Of a line that is too long: the number of bytes to its end. Raises Rejected when only the file ends it.

    Then it is not one record that is damaged: what follows may be all the others, and a dead letter would keep no more
    of them than its first bytes.
    """
    size = 0
    while part := stream.readline(MAX_BYTES):
        size += len(part)
        if part.endswith(b"\n"):
            return size
    raise oversize(
        f"Ab Zeile {line} steht in mehr als {MAX_BYTES} Bytes bis zum Ende der Datei kein Zeilenende mehr. Abhilfe: "
        "prüfen, ob die Datei heil ist und „format“ zu ihr passt.",
        f"from line {line} on there is no line end in more than {MAX_BYTES} bytes up to the end of the file; remedy: "
        "check whether the file is sound and whether “format” suits it",
    )


def pass_over_line(stream: BinaryIO) -> int:
    """Reads to the end of the line in bounded memory; the number of bytes."""
    size = 0
    while part := stream.readline(MAX_BYTES):
        size += len(part)
        if part.endswith(b"\n"):
            break
    return size
