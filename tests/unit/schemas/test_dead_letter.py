from schemas.dead_letter import Origin, dead_letter, dead_row
from schemas.errors import Problem, Reason, Rejected
from schemas.message import Stored

ERROR = Rejected(Reason.INVALID, Problem("form.iban", "Die IBAN stimmt nicht.", "not a valid IBAN"))


def stored(value: bytes | None, *headers: tuple[str, bytes]) -> Stored:
    return Stored("case-requests", 3, 42, b"key", value, headers, 0)


def test_the_bytes_stay_as_they_were_and_the_place_is_known() -> None:
    letter = dead_letter(stored(b"\x00\xff", ("ce_id", b"1")), ERROR, "router", 7)
    assert (letter.topic, letter.key, letter.value, letter.partition) == ("dead-letters", b"key", b"\x00\xff", 3)
    headers = dict(letter.headers)
    assert (headers["dl_topic"], headers["dl_partition"], headers["dl_offset"]) == (b"case-requests", b"3", b"42")
    assert (headers["dl_reason"], headers["dl_stage"], headers["dl_at"], headers["ce_id"]) == (
        b"invalid",
        b"router",
        b"7",
        b"1",
    )
    assert headers["dl_detail"] == b"form.iban: not a valid IBAN"


def test_a_null_value_can_be_told_from_an_empty_one() -> None:
    assert "dl_null" in dict(dead_letter(stored(None), ERROR, "router", 7).headers)
    assert "dl_null" not in dict(dead_letter(stored(b""), ERROR, "router", 7).headers)


def test_a_replayed_letter_keeps_its_count_and_loses_its_old_context() -> None:
    again = dead_letter(stored(b"x", ("dl_replays", b"2"), ("dl_reason", b"undecodable")), ERROR, "router", 7)
    assert [value for name, value in again.headers if name == "dl_reason"] == [b"invalid"]
    assert dict(again.headers)["dl_replays"] == b"2"


def test_a_row_of_a_file_keeps_file_line_and_byte() -> None:
    headers = dict(dead_row(b"a;b", Origin("hunde.csv", 12, 340), ERROR, "importer", 7).headers)
    assert (headers["dl_file"], headers["dl_line"], headers["dl_byte"]) == (b"hunde.csv", b"12", b"340")
