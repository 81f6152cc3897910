import pytest

from services.intake.core import AMBIGUOUS, Verdict, api_key, decide, head_of, idempotency_key, require_json
from services.intake.kinds import KEY_REUSED
from services.intake.memory import Known, Proof
from services.intake.problems import Refused

A, B = b"a" * 16, b"b" * 16


def known(proof: Proof, digest: bytes = A) -> Known:
    return Known(digest, "portal", "DN-1", 0, proof)


@pytest.mark.parametrize("name", [b"idempotency-key", b"authorization", b"content-type", b"x-api-key"])
def test_a_header_of_ours_that_comes_twice_is_unreadable(name: bytes) -> None:
    assert head_of([(name, b"1"), (b"accept", b"x"), (name, b"2")])[name] == AMBIGUOUS
    assert head_of([(name, b"1"), (b"accept", b"x"), (b"accept", b"y")])[name] == b"1"


def test_the_key_comes_in_one_of_two_headers() -> None:
    assert api_key({b"x-api-key": b"k"}) == b"k"
    assert api_key({b"authorization": b"Bearer k"}) == b"k"
    assert api_key({b"authorization": b"bearer  k"}) == b"k"


@pytest.mark.parametrize(
    "head",
    [
        {},
        {b"authorization": b"Basic k"},
        {b"authorization": b"Bearer "},
        {b"authorization": b"Bearer k", b"x-api-key": b"k"},
    ],
)
def test_no_key_or_two_are_refused(head: dict[bytes, bytes]) -> None:
    with pytest.raises(Refused) as caught:
        api_key(head)
    assert caught.value.kind.status == 401


@pytest.mark.parametrize(
    "text", [b"1", b'"quoted"', b"8e03978e-40d5-43e8-bc93-6894a57f9324", b"a" * 128, b"A.b_c~d:e/f+g=h"]
)
def test_idempotency_keys_may_be_what_portals_have(text: bytes) -> None:
    assert idempotency_key({b"idempotency-key": text}) == text.decode().strip('"')


@pytest.mark.parametrize(
    "text", [None, b"", b'""', b'"half', b"a b", b"a" * 129, "ä".encode(), b"a\nb", b"a,b", AMBIGUOUS]
)
def test_other_idempotency_keys_are_refused(text: bytes | None) -> None:
    with pytest.raises(Refused) as caught:
        idempotency_key({} if text is None else {b"idempotency-key": text})
    assert caught.value.kind.status == 400


@pytest.mark.parametrize("text", [b"application/json", b"Application/JSON", b'application/json; charset="UTF-8"'])
def test_json_is_accepted(text: bytes) -> None:
    require_json({b"content-type": text})
    require_json({b"content-type": text, b"content-encoding": b"identity"})


@pytest.mark.parametrize(
    "head",
    [
        {},
        {b"content-type": b"text/plain"},
        {b"content-type": b"application/json; charset=latin-1"},
        {b"content-type": b"application/json", b"content-encoding": b"gzip"},
        {b"content-type": b"application/json", b"content-encoding": AMBIGUOUS},
    ],
)
def test_other_formats_are_refused(head: dict[bytes, bytes]) -> None:
    with pytest.raises(Refused) as caught:
        require_json(head)
    assert caught.value.kind.status == 415


@pytest.mark.parametrize(
    ("flying", "before", "verdict"),
    [
        (None, None, Verdict.NEW),
        (A, None, Verdict.JOIN),
        (None, known(Proof.ACKNOWLEDGED), Verdict.REPEATED),
        # A key record alone does not prove that the submission became durable.
        (None, known(Proof.RECORDED), Verdict.NEW),
        (None, known(Proof.ATTEMPTED), Verdict.NEW),
        (A, known(Proof.RECORDED), Verdict.JOIN),
        (A, known(Proof.ACKNOWLEDGED), Verdict.REPEATED),
    ],
)
def test_the_same_content_again(flying: bytes | None, before: Known | None, verdict: Verdict) -> None:
    assert decide(A, flying, before) is verdict


@pytest.mark.parametrize(
    ("flying", "before"), [(B, None), *((None, known(proof, B)) for proof in Proof), (A, known(Proof.RECORDED, B))]
)
def test_other_content_under_the_same_key_is_refused(flying: bytes | None, before: Known | None) -> None:
    with pytest.raises(Refused) as caught:
        decide(A, flying, before)
    assert caught.value.kind is KEY_REUSED
