"""laufzettel submit: one submission, as a portal would send it."""

import asyncio
import hashlib
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from schemas.errors import Misconfigured, Problem, Reason, Rejected, Unavailable
from services.commands.installation import Installation
from services.commands.terminal import Json, emit, out, say

if TYPE_CHECKING:
    from schemas.submission import Accepted

KEY_VARIABLE = "LAUFZETTEL_API_KEY"
_TIMEOUT_S = 30.0
_CLIENT_ERROR, _SERVER_ERROR, _BUSY = 400, 500, 429

Source = Annotated[str, typer.Argument(metavar="FILE|-", help="JSON, or - for standard input.")]
Url = Annotated[str, typer.Option("--url", help="Where intake listens; default: this installation's.")]
Key = Annotated[str, typer.Option("--idempotency-key", help="Default: made from the content, so that a repeat is one.")]
Direct = Annotated[
    str, typer.Option("--direct", metavar="PORTAL", help="Without intake, straight to Kafka, as PORTAL.")
]


def submit(file: Source, url: Url = "", idempotency_key: Key = "", direct: Direct = "", as_json: Json = False) -> None:
    """Submits one application; the API key comes from LAUFZETTEL_API_KEY. The same content twice is one case.

    Example: LAUFZETTEL_API_KEY=… laufzettel submit application.json
    """
    body = _content(file)
    key = idempotency_key or hashlib.sha256(body).hexdigest()
    installation = Installation.from_environment()
    if direct:
        answer = asyncio.run(_publish(installation, body, direct, key))
    else:
        settings = installation.settings
        answer = _post(url or f"http://{settings.host}:{settings.intake_port}", body, key)
    if as_json:
        emit(answer)
    else:
        out().print(answer["reference"])
        say(f"Case {answer['case_id']}. Its way: laufzettel trace {answer['reference']}")


def _content(file: str) -> bytes:
    try:
        return sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
    except OSError as error:
        german = f"Kann nicht gelesen werden: {error.strerror}."
        raise Misconfigured(Problem(file, german, f"cannot be read: {error.strerror}")) from error


async def _publish(installation: Installation, body: bytes, portal: str, key: str) -> dict[str, Any]:
    from connectors.portal import translate
    from schemas.submission import Acceptance
    from services.runtime.clock import system_clock

    accepted: Accepted = Acceptance(installation.book).accept(translate(body, portal, key, system_clock()))
    async with installation.bus() as bus:
        await bus.publisher().publish([accepted.message])
    return {"case_id": str(accepted.case_id), "reference": accepted.reference}


def _post(url: str, body: bytes, key: str) -> dict[str, Any]:
    import httpx2

    api_key = os.environ.get(KEY_VARIABLE, "")
    if not api_key:
        german = "Ist nicht gesetzt. Abhilfe: mit „laufzettel portals add NAME“ einen API-Schlüssel anlegen."
        english = "Is not set. Remedy: make an API key with “laufzettel portals add NAME”."
        raise Misconfigured(Problem(KEY_VARIABLE, german, english))
    headers = {"Authorization": f"Bearer {api_key}", "Idempotency-Key": key, "Content-Type": "application/json"}
    try:
        response = httpx2.post(f"{url}/api/v1/submissions", content=body, headers=headers, timeout=_TIMEOUT_S)
    except httpx2.HTTPError as error:
        german = f"Intake antwortet nicht ({type(error).__name__}). Läuft „laufzettel up“?"
        english = f"Intake does not answer ({type(error).__name__}). Is “laufzettel up” running?"
        raise Unavailable(Problem(url, german, english)) from error
    document: dict[str, Any] = response.json()
    if response.status_code >= _CLIENT_ERROR:
        raise refused_by(response.status_code, document)
    return document


def refused_by(status: int, document: dict[str, Any]) -> Rejected | Unavailable:
    """Intake's problem (RFC 9457) as ours, with every finding and its path."""
    found = [Problem(each["path"], each["de"], each["en"]) for each in document.get("errors", ())] or [
        Problem(str(status), document["de"]["detail"], document["en"]["detail"])
    ]
    if status >= _SERVER_ERROR or status == _BUSY:
        return Unavailable(*found)
    return Rejected(Reason.INVALID, *found)
