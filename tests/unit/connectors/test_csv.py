"""CSV as old systems write it: places, quotes, encodings, and what must never swallow the rest of a file."""

import tracemalloc
from collections.abc import Iterator
from contextlib import nullcontext
from io import BytesIO, RawIOBase

import pytest
from pydantic import ValidationError

from connectors.formats.csv import Csv
from connectors.formats.encoding import SAMPLE
from connectors.formats.row import KEPT_BYTES, MAX_BYTES, Row
from schemas.errors import Reason, Rejected

PLAIN = Csv(type="csv", columns=("a", "b"), header=False)
HEADED = Csv(type="csv", columns=("Straße", "b"))


def rows(data: bytes, shape: Csv = PLAIN, encoding: str = "utf-8") -> list[Row]:
    return list(shape.rows(BytesIO(data), encoding, ()))


def cells(data: bytes, shape: Csv = PLAIN, encoding: str = "utf-8") -> list[object]:
    return [
        row.cells.reason if isinstance(row.cells, Rejected) else list(row.cells) for row in rows(data, shape, encoding)
    ]


def places(data: bytes) -> list[tuple[int, int]]:
    return [(row.line, row.byte) for row in rows(data)]


@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
def test_the_last_line_may_or_may_not_end(end: bytes) -> None:
    assert cells(b"1;2" + end + b"3;4") == cells(b"1;2" + end + b"3;4" + end) == [["1", "2"], ["3", "4"]]


def test_places_count_bytes_and_lines_also_within_quotes() -> None:
    data = '1;ä\r\n2;"x\r\n;y"\r\n\r\n3;"ü"\r\n'.encode()
    assert places(data) == [(1, 0), (2, 6), (5, 19)]
    assert [row.raw for row in rows(data)] == ["1;ä\r\n".encode(), b'2;"x\r\n;y"\r\n', '3;"ü"\r\n'.encode()]
    assert [(row.byte_after, row.line_after) for row in rows(data)] == [(6, 2), (17, 4), (27, 6)]


def test_quotes_delimiters_and_line_breaks_belong_to_the_cell() -> None:
    assert cells(b'"a;b";"c ""d"""\n"e\nf";g\n') == [["a;b", 'c "d"'], ["e\nf", "g"]]


def test_line_ends_of_cr_alone_are_named() -> None:
    [row] = rows(b"1;2\r3;4\r")
    assert isinstance(row.cells, Rejected)
    assert "CR without LF" in str(row.cells)
    with pytest.raises(Rejected, match=r"header: .*CR without LF"):
        rows("Straße;b\r1;2\r".encode(), HEADED)


def test_a_column_named_twice_is_refused_when_it_is_declared() -> None:
    with pytest.raises(ValidationError, match="named more than once: b"):
        Csv(type="csv", columns=("a", "b", "b"))


def test_another_delimiter_and_another_quote() -> None:
    shape = Csv(type="csv", columns=("a", "b"), header=False, delimiter="\t", quote="'")
    assert cells(b"'x\ty'\t2\n", shape) == [["x\ty", "2"]]


def test_a_byte_order_mark_is_no_content() -> None:
    data = b"\xef\xbb\xbf1;2\n"
    assert cells(data) == [["1", "2"]]
    assert places(data) == [(1, 3)]


def test_the_end_of_file_of_dos_and_empty_lines_are_no_records() -> None:
    assert cells(b"\n1;2\n\r\n\x1a") == [["1", "2"]]


def test_wrong_column_counts_are_bad_rows_and_the_rest_goes_on() -> None:
    assert cells(b"1\n1;2\n1;2;3\n4;5\n") == [Reason.MALFORMED_ROW, ["1", "2"], Reason.MALFORMED_ROW, ["4", "5"]]


@pytest.mark.parametrize(
    "bad",
    [b'1;"open\n', b'1;"a"b\n', b'1;"open;x\n', b'"\n', b'1;"ab""\n'],
)
def test_a_quote_that_does_not_close_costs_its_own_line_only(bad: bytes) -> None:
    assert cells(bad + b"3;4\n5;6\n") == [Reason.MALFORMED_ROW, ["3", "4"], ["5", "6"]]
    assert rows(bad + b"3;4\n")[0].raw == bad


def test_an_open_quote_before_a_quoted_cell_costs_its_own_line_only() -> None:
    assert cells(b'1;"open\n"3";4\n5;6\n') == [Reason.MALFORMED_ROW, ["3", "4"], ["5", "6"]]


def test_an_open_quote_does_not_swallow_a_long_rest() -> None:
    data = b'1;"open\n' + b"3;4\n" * MAX_BYTES
    found = Csv(type="csv", columns=("a", "b"), header=False).rows(BytesIO(data), "utf-8", ())
    first, second = next(found), next(found)
    assert isinstance(first.cells, Rejected)
    assert first.cells.reason is Reason.OVERSIZE
    assert first.raw == b'1;"open\n'
    assert list(second.cells) == ["3", "4"]  # type: ignore[arg-type]  # a good row


def test_a_bad_record_of_several_lines_stays_together() -> None:
    data = b'1;"two\nlines";too many\n3;4\n'
    assert [row.raw for row in rows(data)] == [b'1;"two\nlines";too many\n', b"3;4\n"]


def test_a_line_that_is_too_long_keeps_its_first_bytes_and_the_rest_goes_on() -> None:
    huge = b"x" * (MAX_BYTES * 3) + b"\n"
    bad, good = rows(huge + b"1;2\n")
    assert isinstance(bad.cells, Rejected)
    assert (bad.cells.reason, bad.raw) == (Reason.OVERSIZE, b"x" * KEPT_BYTES)
    assert (good.cells, good.line, good.byte) == (["1", "2"], 2, len(huge))


def test_a_long_rest_without_a_line_end_is_no_record_but_makes_the_file_unreadable() -> None:
    found = PLAIN.rows(BytesIO(b"1;2\n" + b"x" * (MAX_BYTES + 1)), "utf-8", ())
    assert next(found).cells == ["1", "2"]
    with pytest.raises(Rejected, match="from line 2 on there is no line end") as caught:
        next(found)
    assert caught.value.reason is Reason.OVERSIZE


def test_a_line_of_exactly_the_greatest_length_is_fine() -> None:
    data = b"1;" + b"x" * (MAX_BYTES - 3) + b"\n"
    assert cells(data + b"3;4\n")[1] == ["3", "4"]
    assert not isinstance(rows(data)[0].cells, Rejected)


def test_a_byte_that_the_encoding_does_not_know_costs_its_own_row() -> None:
    assert cells(b"1;\x81\n3;4\n", encoding="cp1252") == [Reason.UNDECODABLE, ["3", "4"]]
    assert cells(b"1;\xc3\x28\n3;4\n") == [Reason.UNDECODABLE, ["3", "4"]]


def test_the_declared_encoding_reads_umlauts() -> None:
    assert cells("1;Düren\n".encode("cp850"), encoding="cp850") == [["1", "Düren"]]
    assert cells("1;5 €\n".encode("iso-8859-15"), encoding="iso-8859-15") == [["1", "5 €"]]


@pytest.mark.parametrize("head", ["1;Müller\n".encode(), b"\xef\xbb\xbf1;2\n", "1;2\n".encode("utf-16")])
def test_a_file_that_contradicts_its_encoding_is_refused_as_a_whole(head: bytes) -> None:
    with pytest.raises(Rejected) as caught:
        rows(head, encoding="iso-8859-1")
    assert caught.value.reason is Reason.UNDECODABLE


def test_a_short_file_that_ends_in_what_could_begin_a_character_of_utf8_is_no_utf8() -> None:
    assert cells(b"1;Wei\xdf", encoding="cp1252") == [["1", "Weiß"]]


def test_a_character_cut_off_where_the_sample_ends_hides_no_contradiction() -> None:
    with pytest.raises(Rejected):
        rows(b"1;".ljust(SAMPLE - 1, b"x") + "ß\n".encode(), encoding="cp1252")


def test_nul_characters_are_left_to_the_form() -> None:
    assert cells(b"1;a\x00b\n") == [["1", "a\x00b"]]


def test_the_header_must_name_the_columns_in_their_order() -> None:
    assert cells("Straße;b\n1;2\n".encode("cp1252"), HEADED, "cp1252") == [["1", "2"]]
    for wrong in (b"b;Strasse\n1;2\n", b"1;2\n", b'"b\n', b"Stra\x81e;b\n"):
        with pytest.raises(Rejected) as caught:
            rows(wrong, HEADED, "cp1252")
        assert caught.value.problems[0].where == "header"


def test_a_header_that_is_missing_is_not_quoted_for_it_may_be_a_person() -> None:
    with pytest.raises(Rejected) as caught:
        rows(b"Muster;Erika\n", HEADED)
    assert "Muster" not in str(caught.value)


def test_an_empty_file_has_nothing_to_say() -> None:
    assert cells(b"", HEADED) == []
    assert cells("Straße;b\n".encode(), HEADED) == []


def test_lines_before_the_header_are_passed_over() -> None:
    shape = HEADED.model_copy(update={"skip_lines": 2})
    data = "Liste vom 1.3.\n\nStraße;b\n1;2\n".encode()
    assert cells(data, shape) == [["1", "2"]]
    assert rows(data, shape)[0].line == 4


def test_reading_goes_on_behind_a_mark_and_still_knows_its_header() -> None:
    data = 'Straße;b\n1;2\n3;"4\n"\n5;6\n'.encode()
    whole = rows(data, HEADED)
    for number, row in enumerate(whole):
        rest = list(HEADED.rows(BytesIO(data), "utf-8", (row.byte_after, row.line_after)))
        assert rest == whole[number + 1 :]


class _Endless(RawIOBase):
    """A file of 256 MB that is made while it is read."""

    def __init__(self, line: bytes, size: int) -> None:
        self._line = line * (2 * MAX_BYTES // len(line))
        self._size = size
        self._at = 0

    def readline(self, size: int | None = -1, /) -> bytes:
        if self._at >= self._size:
            return b""
        start = self._at % len(self._line)
        end = self._line.find(b"\n", start, start + (size or -1)) + 1 or min(len(self._line), start + (size or 0))
        self._at += end - start
        return self._line[start:end]

    def read(self, size: int = -1, /) -> bytes:
        return self._line[:size]

    def seek(self, offset: int, whence: int = 0, /) -> int:
        del whence
        self._at = offset
        return offset


@pytest.mark.parametrize(
    ("line", "least"),
    [(b"1;" + b"x" * 9_998 + b"\n", 2_000), (b"x" * MAX_BYTES, 0)],
    ids=["many lines", "one endless line"],
)
def test_memory_does_not_grow_with_the_file(line: bytes, least: int) -> None:
    size = 32 << 20
    count = 0

    def read(stream: _Endless) -> Iterator[Row]:
        return PLAIN.rows(stream, "utf-8", ())  # type: ignore[arg-type]  # as much of a file as is needed

    tracemalloc.start()
    try:
        with nullcontext() if least else pytest.raises(Rejected, match="no line end"):
            for _ in read(_Endless(line, size)):
                count += 1
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert count >= least
    assert peak < 4 << 20, f"{peak} bytes for a file of {size}"
