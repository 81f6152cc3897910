import orjson
import pytest

from schemas.errors import Problem, Reason, Rejected, Unavailable
from services.intake.kinds import INVALID, KEY_REUSED, KINDS, Kind
from services.intake.language import preferred
from services.intake.problems import MOST_ERRORS, Refused, problem_answer, refused_for


@pytest.mark.parametrize(
    ("header", "language"),
    [
        (b"", "de"),
        (b"en", "en"),
        (b"en-GB,en;q=0.9", "en"),
        (b"de-DE,de;q=0.9,en;q=0.8", "de"),
        (b"fr, en;q=0.3", "en"),
        (b"en;q=0.5, de;q=0.5", "de"),
        (b"de;q=nonsense, en;q=0.1", "en"),
        (b"\xff\xfe,;;q=", "de"),
        (b"*", "de"),
    ],
)
def test_german_unless_english_is_preferred(header: bytes, language: str) -> None:
    assert preferred(header) == language


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.slug)
@pytest.mark.parametrize("language", ["de", "en"])
def test_every_problem_speaks_both_languages(kind: Kind, language: str) -> None:
    answer = problem_answer(Refused(kind), language)
    content = orjson.loads(answer.body)
    assert answer.status == content["status"] == kind.status
    assert answer.content_type == b"application/problem+json"
    assert dict(answer.headers)[b"content-language"] == language.encode()
    assert {name: content[name] for name in ("title", "detail")} == content[language]
    assert content["de"]["title"] != content["en"]["title"]
    assert content["de"]["detail"] != content["en"]["detail"]


def test_problems_are_told_apart_by_their_type() -> None:
    assert len({kind.slug for kind in KINDS}) == len(KINDS)
    assert [kind.status for kind in KINDS] == sorted(kind.status for kind in KINDS)


def test_waiting_is_rounded_up_to_whole_seconds() -> None:
    for seconds, header in ((0.01, b"1"), (1.2, b"2"), (5.0, b"5")):
        refused = refused_for(Unavailable("away", retry_after=seconds))
        assert dict(problem_answer(refused, "de").headers)[b"retry-after"] == header


@pytest.mark.parametrize("reason", Reason)
def test_whatever_the_published_language_refuses_is_a_4xx(reason: Reason) -> None:
    assert 400 <= refused_for(Rejected(reason, "no")).kind.status < 500


def test_conflicts_keep_their_name() -> None:
    assert refused_for(Rejected(Reason.CONFLICT, "no")).kind is KEY_REUSED


def test_a_list_of_errors_without_end_is_cut_and_says_so() -> None:
    errors = [Problem(f"form.{number}", "falsch", "wrong") for number in range(MOST_ERRORS + 7)]
    content = orjson.loads(problem_answer(Refused(INVALID, errors), "de").body)
    assert len(content["errors"]) == MOST_ERRORS
    assert content["errors_omitted"] == 7
    assert content["errors"][0] == {"path": "form.0", "de": "falsch", "en": "wrong"}
