"""Reading: every address of intake that only answers: state of a submission, services, OpenAPI, documentation."""

from collections.abc import Awaitable, Callable
from time import perf_counter
from uuid import UUID

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from schemas.cloudevent import instant
from schemas.kochbuch import Kochbuch
from services.intake.answer import Answer, json_answer
from services.intake.catalogue import form_schema, offers, summary
from services.intake.core import head_of
from services.intake.endpoint import SUBMISSIONS, SubmissionEndpoint
from services.intake.kinds import (
    INTERNAL,
    METHOD_NOT_ALLOWED,
    NOT_FOUND,
    UNAVAILABLE,
    UNKNOWN_CASE,
    UNKNOWN_SERVICE,
    Kind,
)
from services.intake.language import preferred
from services.intake.openapi import document
from services.intake.page import STYLE, page
from services.intake.problems import Refused, problem_answer
from services.runtime.metrics import installed

Page = Callable[[Request], Awaitable[Response]]

_POLICY = b"default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
_BY_STATUS: dict[int, Kind] = {404: NOT_FOUND, 405: METHOD_NOT_ALLOWED}


def reading_app(book: Kochbuch, endpoint: SubmissionEndpoint) -> Starlette:
    """Everything but the hot path; what never changes is made once, here."""
    schemas = {offer.recipe.service: json_answer(200, form_schema(offer.recipe)) for offer in offers(book)}
    html = page(book, endpoint.body_bytes).encode()
    spec = document(book, version=installed(), server=endpoint.public_url)

    async def service(request: Request) -> Response:
        answer = schemas.get(request.path_params["service"])
        if answer is None:
            raise Refused(UNKNOWN_SERVICE)
        return _response(answer)

    routes = [
        Route(SUBMISSIONS + "/{case_id}", _state(endpoint)),
        Route("/api/v1/services", _fixed(json_answer(200, [summary(offer) for offer in offers(book)]))),
        Route("/api/v1/services/{service}", service),
        Route("/api/v1/openapi.json", _fixed(json_answer(200, spec))),
        Route("/api/v1/docs.css", _fixed(Answer(200, STYLE.encode(), b"text/css; charset=utf-8"))),
        Route("/api/v1/docs", _fixed(_html(html))),
    ]
    handlers = {HTTPException: _http_problem, Refused: _problem, Exception: _bug}
    app = Starlette(routes=routes, exception_handlers=handlers)
    app.router.redirect_slashes = False
    return app


def _html(html: bytes) -> Answer:
    headers = ((b"content-security-policy", _POLICY), (b"referrer-policy", b"no-referrer"))
    return Answer(200, html, b"text/html; charset=utf-8", headers)


def _fixed(answer: Answer) -> Page:
    async def fixed(_request: Request) -> Response:
        return _response(answer)

    return fixed


def _state(endpoint: SubmissionEndpoint) -> Page:
    async def state(request: Request) -> Response:
        portal = endpoint.gate.admit(head_of(request.headers.raw), perf_counter())
        if not endpoint.ready():
            raise Refused(UNAVAILABLE, retry_after=1.0)
        case_id = _uuid(request.path_params["case_id"])
        known = endpoint.submissions.find(case_id, portal)
        if known is None:
            raise Refused(UNKNOWN_CASE)
        content = {"case_id": str(case_id), "reference": known.reference, "state": "accepted"}
        return _response(json_answer(200, {**content, "accepted_at": instant(known.accepted_at)}))

    return state


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise Refused(UNKNOWN_CASE) from None


def _response(answer: Answer) -> Response:
    response = Response(answer.body, answer.status)
    nosniff = (b"x-content-type-options", b"nosniff")
    response.raw_headers += [(b"content-type", answer.content_type), nosniff, *answer.headers]
    return response


async def _problem(request: Request, error: Exception) -> Response:
    if not isinstance(error, Refused):
        raise error
    language = preferred(request.headers.get("accept-language", "").encode("latin-1"))
    return _response(problem_answer(error, language))


async def _http_problem(request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise error
    response = await _problem(request, Refused(_BY_STATUS.get(error.status_code, NOT_FOUND)))
    response.headers.update(error.headers or {})
    return response


async def _bug(request: Request, _error: Exception) -> Response:
    return await _problem(request, Refused(INTERNAL))
