from dataclasses import replace
from pathlib import Path
from uuid import UUID

import pytest

from schemas.errors import Reason, Rejected
from schemas.kochbuch import Kochbuch
from schemas.message import partition_for
from schemas.reference import is_reference, reference_of
from schemas.submission import Acceptance, Submission
from tests.support.book import SMALL, small_book

NOW = 1_772_000_000_000_000
FORM = Submission("99102013104000", "town", SMALL, "portal", "buergerportal", "key-1", NOW)


@pytest.fixture
def book(tmp_path: Path) -> Kochbuch:
    return small_book(tmp_path)


def test_a_submission_becomes_one_event_that_decodes_to_its_answers(book: Kochbuch) -> None:
    accepted = Acceptance(book).accept(FORM)
    schema, record = book.codec.decode(accepted.message.value)
    assert schema.name == "laufzettel.dog.CaseSubmitted_v1"
    assert record["form"]["holder"]["family_name"] == "Muster"
    assert record["form"]["iban"] is None
    assert (record["reference"], record["received_at"], record["applied_on"]) == (accepted.reference, NOW, None)
    assert accepted.message.key == str(accepted.case_id).encode()


def test_a_retry_is_the_same_case_and_the_same_content_the_same_digest(book: Kochbuch) -> None:
    acceptance = Acceptance(book)
    first, again = acceptance.accept(FORM), acceptance.accept(replace(FORM, received_at=NOW + 1))
    other = acceptance.accept(replace(FORM, form={**SMALL, "breed": "Pudel"}))
    assert (first.case_id, first.reference, first.digest) == (again.case_id, again.reference, again.digest)
    assert other.case_id == first.case_id
    assert other.digest != first.digest


def test_a_key_belongs_to_its_portal(book: Kochbuch) -> None:
    acceptance = Acceptance(book)
    assert acceptance.accept(FORM).case_id != acceptance.accept(replace(FORM, source="other")).case_id


@pytest.mark.parametrize(
    ("change", "reason", "where"),
    [
        ({"service": "99000000000000"}, Reason.UNKNOWN_SERVICE, "service"),
        ({"municipality": "atlantis"}, Reason.UNKNOWN_MUNICIPALITY, "municipality"),
        ({"applied_on": "31.12.2025"}, Reason.INVALID, "applied_on"),
        ({"applied_on": "20251231"}, Reason.INVALID, "applied_on"),
        ({"form": {}}, Reason.INVALID, "form.holder"),
    ],
)
def test_what_cannot_be_accepted_says_where(
    book: Kochbuch, change: dict[str, object], reason: Reason, where: str
) -> None:
    with pytest.raises(Rejected) as caught:
        Acceptance(book).accept(replace(FORM, **change))  # type: ignore[arg-type]  # parametrized
    assert caught.value.reason is reason
    assert caught.value.problems[0].where == where


def test_everything_wrong_is_said_at_once(book: Kochbuch) -> None:
    wrong = replace(FORM, municipality="atlantis", applied_on="gestern", form={**FORM.form, "breed": 7})
    with pytest.raises(Rejected) as caught:
        Acceptance(book).accept(wrong)
    assert [problem.where for problem in caught.value.problems] == ["municipality", "applied_on", "form.breed"]


def test_personal_data_stays_out_of_headers_and_key(book: Kochbuch) -> None:
    message = Acceptance(book).accept(FORM).message
    outside = b" ".join([message.key or b"", *(value for _, value in message.headers)])
    assert b"Muster" not in outside
    assert dict(message.headers)["ce_subject"] == message.key


def test_references_forgive_how_people_read_them_out_and_find_every_slip() -> None:
    reference = reference_of("DN", UUID("12345678-1234-5678-9234-567812345678"))
    assert is_reference(reference.lower().replace("0", "o"))
    body = reference[3:]
    for place, letter in enumerate(body):
        for other in "0123456789ABCDEFGHJKMNPQRSTVWXYZ":
            if letter not in {"-", other}:
                assert not is_reference(f"DN-{body[:place]}{other}{body[place + 1 :]}")


def test_the_partitioner_is_crc32_so_that_any_client_can_repeat_it() -> None:
    assert partition_for(b"123456789", 1000) == 0xCBF43926 % 1000
