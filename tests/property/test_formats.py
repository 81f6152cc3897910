"""Formats: whatever an old system wrote comes back, from any mark on, and no bytes at all make them stumble."""

import csv
from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from io import BytesIO, StringIO
from itertools import pairwise

from hypothesis import example, given
from hypothesis import strategies as st

from connectors.formats.csv import Csv
from connectors.formats.fixed_width import FixedWidth
from connectors.formats.row import Row
from schemas.errors import Rejected

ENCODINGS = ("utf-8", "iso-8859-1", "iso-8859-15", "cp1252", "cp850", "cp437")
CSV = Csv(type="csv", columns=("a", "b", "c"), header=False)
Format = Csv | FixedWidth

german = st.text("abcäöüßÄÖÜé \"';,\n\r0123", max_size=12)
table = st.lists(st.tuples(german, german, german), max_size=8)
encoding = st.sampled_from(ENCODINGS)
line_end = st.sampled_from(["\n", "\r\n"])
noise = st.binary(max_size=400) | st.text('ab;"\n\rä', max_size=80).map(str.encode)
fixed = st.builds(
    lambda unit, line_ends: FixedWidth.model_validate(
        {
            "type": "fixed-width",
            "length": 7,
            "unit": unit,
            "line_ends": line_ends,
            "columns": {"a": "1-3", "b": "4-6"},
            "record_type": {"at": "7", "take": ["S", "ü"], "skip": ["V"]},
        }
    ),
    st.sampled_from(["characters", "bytes"]),
    st.booleans(),
)


def read(form: Format, data: bytes, code: str, mark: tuple[int, int] | None = None) -> list[Row]:
    return list(form.rows(BytesIO(data), code, mark or ()))


def comparable(rows: list[Row]) -> list[tuple[object, ...]]:
    """Errors are new objects each time; what they say is the same."""
    return [
        ((row.cells.reason, row.cells.problems) if isinstance(row.cells, Rejected) else row.cells, *row[1:])
        for row in rows
    ]


def readable(form: Format, data: bytes, code: str) -> list[Row] | None:
    """None for a file that contradicts its encoding, which is refused as a whole; nothing else may be."""
    try:
        return read(form, data, code)
    except Rejected:
        assert data.startswith((BOM_UTF16_LE, BOM_UTF16_BE)) or data.decode("utf-8")
        return None


@given(table, encoding, line_end)
def test_what_a_csv_writer_wrote_comes_back(rows: list[tuple[str, str, str]], code: str, end: str) -> None:
    out = StringIO()
    csv.writer(out, delimiter=";", lineterminator=end, quoting=csv.QUOTE_ALL).writerows(rows)
    found = readable(CSV, out.getvalue().encode(code), code)
    assert found is None or [tuple(row.cells) for row in found] == rows  # type: ignore[arg-type]  # all are good


@given(st.lists(st.text("abcäöüß ", min_size=7, max_size=7), max_size=8), encoding, line_end, st.booleans())
def test_what_a_fixed_width_writer_wrote_comes_back(records: list[str], code: str, end: str, line_ends: bool) -> None:
    form = FixedWidth.model_validate(
        {"type": "fixed-width", "length": 7, "unit": "characters", "line_ends": line_ends, "columns": {"all": "1-7"}}
    )
    found = readable(form, "".join(record + (end if line_ends else "") for record in records).encode(code), code)
    assert found is None or [list(row.cells) for row in found] == [[record] for record in records]  # type: ignore[arg-type]


@given(st.just(CSV) | fixed, noise, encoding)
@example(CSV, b'1;"a\n2;"b\n"', "utf-8")
@example(CSV, b'"\n"\n"', "utf-8")
@example(CSV, b'a;b;"\n\n;', "cp1252")
def test_no_bytes_make_a_format_stumble_and_places_are_exact(form: Format, data: bytes, code: str) -> None:
    rows = readable(form, data, code) or []
    for row in rows:
        assert data[row.byte : row.byte_after] == row.raw
        assert row.line_after > row.line
    for before, after in pairwise(rows):
        assert before.byte_after <= after.byte
        assert before.line_after <= after.line


@given(st.just(CSV) | fixed, noise, encoding)
@example(CSV, b'1;"a\n2;"b\n3;4;5\n', "utf-8")
def test_reading_goes_on_behind_any_record(form: Format, data: bytes, code: str) -> None:
    rows = readable(form, data, code) or []
    for number, row in enumerate(rows, start=1):
        rest = read(form, data, code, (row.byte_after, row.line_after))
        assert comparable(rest) == comparable(rows[number:])


@given(table, st.integers(0, 7), st.sampled_from(['x;"open\n', "x;y\n", '"a"b;c;d\n', "\x00\n", "1;2;3;4\n"]))
def test_a_bad_line_among_good_ones_costs_itself_alone(rows: list[tuple[str, str, str]], place: int, bad: str) -> None:
    lines = [
        ";".join('"' + cell.replace('"', '""').replace("\n", " ").replace("\r", " ") + '"' for cell in row) + "\n"
        for row in rows
    ]
    lines.insert(min(place, len(lines)), bad)
    found = read(CSV, "".join(lines).encode(), "utf-8")
    assert [row.raw.decode() for row in found if isinstance(row.cells, Rejected)] == [bad]
    assert len(found) == len(rows) + 1
