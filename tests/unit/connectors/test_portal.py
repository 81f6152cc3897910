"""The portal's envelope: what is taken, and everything that is refused with a reason."""

from typing import Any

import orjson
import pytest

from connectors import portal
from schemas.errors import Reason, Rejected
from schemas.submission import Submission

AT = 1_767_225_600_000_000
GOOD: dict[str, Any] = {"service": "99102013104000", "municipality": "dueren", "form": {"breed": "Dackel"}}


def translate(body: bytes) -> Submission:
    return portal.translate(body, "serviceportal", "key-1", AT)


def reject(body: bytes) -> Rejected:
    with pytest.raises(Rejected) as caught:
        translate(body)
    return caught.value


def test_a_submission_carries_the_portal_the_key_and_the_instant() -> None:
    assert translate(orjson.dumps(GOOD | {"applied_on": "2026-01-01"})) == Submission(
        "99102013104000", "dueren", {"breed": "Dackel"}, "portal", "serviceportal", "key-1", AT, "2026-01-01"
    )


def test_the_day_of_application_may_be_missing_or_null() -> None:
    assert translate(orjson.dumps(GOOD)).applied_on is None
    assert translate(orjson.dumps(GOOD | {"applied_on": None})).applied_on is None


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"\x00",
        b"\xff\xfe{}",
        b'{"service": "\xc3\x28"}',
        b'{"form": {"a": "\\ud800"}}',
        b'{"form": {"a": NaN}}',
        b'{"form": {}} {}',
        b"[]",
        b"null",
        b'"text"',
        b"[" * 100_000,
        b'{"form":' * 500 + b"1" + b"}" * 500,
        b'{"form": ' + b"[" * 40 + b"]" * 40 + b"}",
    ],
)
def test_what_is_not_one_shallow_json_object_in_utf8_is_undecodable(body: bytes) -> None:
    assert reject(body).reason is Reason.UNDECODABLE


def test_a_name_given_twice_is_refused_wherever_it_stands() -> None:
    assert reject(b'{"service": "1", "service": "2"}').reason is Reason.UNDECODABLE
    assert reject(b'{"form": {"persons": [{"a": 1, "a": 1}]}}').reason is Reason.UNDECODABLE


@pytest.mark.parametrize(
    "body",
    [
        b'{"form": {"a": "x", "a": "": "}}',
        b'{"form": {"a\\\\": 1, "b": 1, "b" \t\r\n : 2}}',
        b'{"form": {"a": ": ", "b": 1, "b": 2}}',
        b'{"form": {"a": [": ", {"b": {}}], "a": 1}}',
    ],
)
def test_a_name_given_twice_hides_behind_no_text(body: bytes) -> None:
    assert reject(body).reason is Reason.UNDECODABLE


@pytest.mark.parametrize("text", [": ", '": ', "\\", '\\": "', "a"])
def test_a_text_that_looks_like_a_name_is_taken(text: str) -> None:
    assert translate(orjson.dumps(GOOD | {"form": {text: text, "list": [{text: text}, text]}})).form[text] == text


def test_a_huge_body_is_refused_before_it_is_parsed() -> None:
    assert reject(b" " * (portal.MAX_BYTES + 1)).reason is Reason.OVERSIZE


def test_every_problem_of_the_envelope_is_named_at_once() -> None:
    found = translate(b'{"service": 7, "form": [], "applied_on": 20260101, "comment": "x"}')
    assert [problem.where for problem in found.problems] == ["service", "municipality", "form", "applied_on", "body"]
    assert all(problem.text and problem.text_en and problem.text != problem.text_en for problem in found.problems)
    assert (found.service, found.municipality, found.form, found.applied_on) == ("", "", {}, None)


def test_a_refusal_never_repeats_what_the_body_says() -> None:
    assert "Erika" not in str(translate(b'{"Erika": "Erika"}').problems)
    assert "Erika" not in str(reject(b'{"form": "Erika"'))


def test_a_number_of_ten_thousand_digits_is_left_to_the_form() -> None:
    with pytest.raises(Rejected):
        translate(b'{"form": {"weight_kg": ' + b"1" * 10_000 + b"}}")
