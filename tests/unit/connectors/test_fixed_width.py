"""Fixed width: characters are not bytes, records end in many ways, and record types are sorted out."""

import tracemalloc
from io import BytesIO
from typing import Any

import pytest
from pydantic import ValidationError

from connectors.formats.encoding import SAMPLE
from connectors.formats.fixed_width import FixedWidth
from connectors.formats.row import MAX_BYTES, Row
from schemas.errors import Reason, Rejected

COLUMNS = {"kind": "1", "name": "2-9", "number": "10-12"}


def shape(**changes: Any) -> FixedWidth:  # noqa: ANN401 - whatever the model takes
    declared = {"type": "fixed-width", "length": 12, "unit": "characters", "columns": COLUMNS}
    return FixedWidth.model_validate(declared | changes)


def rows(data: bytes, form: FixedWidth, encoding: str = "utf-8") -> list[Row]:
    return list(form.rows(BytesIO(data), encoding, ()))


def cells(data: bytes, form: FixedWidth, encoding: str = "utf-8") -> list[object]:
    return [
        row.cells.reason if isinstance(row.cells, Rejected) else list(row.cells) for row in rows(data, form, encoding)
    ]


def record(name: str, number: int = 1, kind: str = "S") -> str:
    return f"{kind}{name:8}{number:03}"


DUEREN = record("Düren", 52)


def test_a_length_in_characters_holds_whatever_the_umlauts_weigh() -> None:
    data = "\n".join([DUEREN, record("Bonn", 53)]).encode()
    assert cells(data, shape()) == [["S", "Düren   ", "052"], ["S", "Bonn    ", "053"]]
    assert [(row.line, row.byte) for row in rows(data, shape())] == [(1, 0), (2, 14)]


def test_a_length_in_bytes_cuts_bytes() -> None:
    in_bytes = "SD\u00fcren  052".encode()
    assert len(in_bytes) == 12
    assert cells(in_bytes, shape(unit="bytes")) == [["S", "Düren  ", "052"]]
    assert cells(DUEREN.encode(), shape(unit="bytes")) == [Reason.MALFORMED_ROW]
    assert cells(in_bytes, shape(unit="characters")) == [Reason.MALFORMED_ROW]


def test_a_character_that_a_cut_would_halve_is_no_text() -> None:
    assert cells("SMMMMMMM\u00fc05".encode(), shape(unit="bytes")) == [Reason.UNDECODABLE]


def test_in_one_byte_encodings_both_lengths_are_the_same() -> None:
    data = DUEREN.encode("cp1252")
    assert cells(data, shape(), "cp1252") == cells(data, shape(unit="bytes"), "cp1252") == [["S", "Düren   ", "052"]]


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("last", ["", "\n", "\r\n", "\x1a", "\r\n\x1a", "\r\n\r\n"])
def test_lines_end_in_many_ways(end: str, last: str) -> None:
    assert len(cells((DUEREN + end + DUEREN + last).encode(), shape())) == 2
    assert not [
        row for row in rows((DUEREN + end + DUEREN + last).encode(), shape()) if isinstance(row.cells, Rejected)
    ]


@pytest.mark.parametrize("unit", ["characters", "bytes"])
@pytest.mark.parametrize("last", ["", "\n", "\r\n\x1a"])
def test_records_may_stand_back_to_back(unit: str, last: str) -> None:
    form = shape(unit=unit, line_ends=False)
    data = (DUEREN + record("Köln", 51) + last).encode("cp1252")
    assert cells(data, form, "cp1252") == [["S", "Düren   ", "052"], ["S", "Köln    ", "051"]]


def test_back_to_back_in_utf8_characters_finds_every_beginning() -> None:
    form = shape(line_ends=False)
    data = (DUEREN + record("Čačak", 9) + record("ẞ𝒳", 3)).encode()
    assert [row[0] for row in cells(data, form)] == ["S", "S", "S"]  # type: ignore[index]  # good rows
    assert [row.byte for row in rows(data, form)] == [0, 13, 27]


def test_back_to_back_a_line_break_may_be_content() -> None:
    assert cells(b"Sab\ncd\r\n 001", shape(line_ends=False)) == [["S", "ab\ncd\r\n ", "001"]]


def test_ebcdic_is_read_back_to_back() -> None:
    data = (DUEREN + record("Bonn", 53)).encode("cp273")
    assert cells(data, shape(unit="bytes", line_ends=False), "cp273") == [
        ["S", "Düren   ", "052"],
        ["S", "Bonn    ", "053"],
    ]


def test_a_record_that_is_cut_off_is_a_bad_one() -> None:
    assert cells((DUEREN + DUEREN[:5]).encode(), shape(line_ends=False)) == [
        ["S", "Düren   ", "052"],
        Reason.MALFORMED_ROW,
    ]
    assert cells(DUEREN[:5].encode(), shape()) == [Reason.MALFORMED_ROW]


def test_record_types_are_taken_passed_over_or_bad() -> None:
    form = shape(record_type={"at": "1", "take": ["S"], "skip": ["V", "N"]})
    data = "\n".join([record("Kopf", kind="V"), DUEREN, record("?", kind="X"), record("Ende", kind="N")]).encode()
    assert cells(data, form) == [["S", "Düren   ", "052"], Reason.MALFORMED_ROW]
    assert [row.line for row in rows(data, form)] == [2, 3]


def test_a_record_type_behind_umlauts_is_found_in_bytes() -> None:
    form = shape(unit="bytes", columns={"name": "1-8"}, record_type={"at": "12", "take": ["S"]})
    assert cells("Düren  abcS".encode(), form) == [["Düren  "]]


def test_lines_before_the_first_record_are_passed_over() -> None:
    assert cells(f"Satzlänge 12\n{DUEREN}".encode(), shape(skip_lines=1)) == [["S", "Düren   ", "052"]]


def test_undecodable_bytes_cost_their_own_record() -> None:
    assert cells(b"SD\xfcren   052\n" + DUEREN.encode(), shape())[0] is Reason.UNDECODABLE
    assert cells(b"SD\xfcren   052\n" + DUEREN.encode(), shape())[1] == ["S", "Düren   ", "052"]


def test_an_endless_line_is_not_kept() -> None:
    bad, good = rows(b"x" * (MAX_BYTES * 2) + b"\n" + DUEREN.encode(), shape())
    assert isinstance(bad.cells, Rejected)
    assert bad.cells.reason is Reason.OVERSIZE
    assert (good.line, good.byte) == (2, MAX_BYTES * 2 + 1)


def test_records_back_to_back_that_are_read_as_lines_are_no_endless_record() -> None:
    data = DUEREN.encode() * (MAX_BYTES // 10)
    with pytest.raises(Rejected, match="from line 1 on there is no line end"):
        rows(data, shape())
    assert len(rows(data, shape(line_ends=False))) == MAX_BYTES // 10


class _Endless:
    """A file of one record after the other, made while it is read."""

    def __init__(self, size: int) -> None:
        self._left = size

    def read(self, size: int) -> bytes:
        given = min(size, self._left)
        self._left -= given
        return record("Dueren").encode() if given == 12 else b""

    def seek(self, offset: int) -> None:
        del offset


def test_memory_does_not_grow_with_the_file() -> None:
    size = 12 * 200_000
    form = shape(unit="bytes", line_ends=False)
    found = form.rows(_Endless(size + SAMPLE), "utf-8", ())  # type: ignore[arg-type]  # as much of a file as is needed
    tracemalloc.start()
    try:
        count = sum(1 for _ in found)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert count >= 200_000
    assert peak < 1 << 20, f"{peak} bytes for a file of {size}"


@pytest.mark.parametrize(
    ("changes", "where"),
    [
        ({"columns": {"name": "2-13"}}, "name"),
        ({"columns": {"name": "0-3"}}, "ab 1"),
        ({"columns": {"name": "5-3"}}, "ab 1"),
        ({"columns": {"name": "from 1"}}, "von-bis"),
        ({"record_type": {"at": "12-14", "take": ["S"]}}, "record_type"),
        ({"line_ends": False, "skip_lines": 1}, "skip_lines"),
    ],
)
def test_what_cannot_be_is_said_when_it_is_declared(changes: dict[str, Any], where: str) -> None:
    with pytest.raises(ValidationError, match=where):
        shape(**changes)
