"""Problems: a refusal as RFC 9457 problem details, in German and English.

``title`` and ``detail`` follow Accept-Language; both languages are always in the body, under ``de`` and ``en``.
"""

from collections.abc import Sequence
from math import ceil

import orjson

from schemas.errors import Problem, Reason, Rejected, Unavailable
from services.intake import kinds
from services.intake.answer import Answer, Header
from services.intake.kinds import Kind

PROBLEM_JSON = b"application/problem+json"
TYPES = "/api/v1/docs#"
MOST_ERRORS = 1000
"""A longer list helps nobody and costs more than the request did; the rest is counted in ``errors_omitted``."""

_BY_REASON = {
    Reason.UNDECODABLE: kinds.MALFORMED_JSON,
    Reason.OVERSIZE: kinds.TOO_LARGE,
    Reason.CONFLICT: kinds.KEY_REUSED,
}


class Refused(Exception):
    """The request is answered with this problem; raised anywhere between the first header and the broker."""

    def __init__(
        self,
        kind: Kind,
        errors: Sequence[Problem] = (),
        *,
        retry_after: float | None = None,
        headers: tuple[Header, ...] = (),
    ) -> None:
        super().__init__(kind.slug)
        self.kind = kind
        self.errors = errors
        self.retry_after = retry_after
        self.headers = headers


def refused_for(error: Rejected | Unavailable) -> Refused:
    """What the published language refused, as an answer of this interface."""
    if isinstance(error, Unavailable):
        return Refused(kinds.UNAVAILABLE, retry_after=error.retry_after)
    return Refused(_BY_REASON.get(error.reason, kinds.INVALID), error.problems)


def problem_answer(refused: Refused, language: str) -> Answer:
    """The refusal as application/problem+json, its title and detail in ``language``."""
    kind, place = refused.kind, int(language == "en")
    content: dict[str, object] = {
        "type": TYPES + kind.slug,
        "title": kind.title[place],
        "status": kind.status,
        "detail": kind.detail[place],
        "de": {"title": kind.title[0], "detail": kind.detail[0]},
        "en": {"title": kind.title[1], "detail": kind.detail[1]},
    }
    if refused.errors:
        content["errors"] = [
            {"path": error.where, "de": error.text, "en": error.text_en or error.text}
            for error in refused.errors[:MOST_ERRORS]
        ]
        content["errors_omitted"] = max(0, len(refused.errors) - MOST_ERRORS)
    headers = [(b"content-language", language.encode()), (b"vary", b"accept-language"), *kind.headers, *refused.headers]
    if refused.retry_after is not None:
        headers.append((b"retry-after", b"%d" % max(1, ceil(refused.retry_after))))
    return Answer(kind.status, orjson.dumps(content), PROBLEM_JSON, tuple(headers))
