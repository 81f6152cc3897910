"""Portal: the JSON body of one submission, as an online form posts it.

``{"service": "99102013104000", "municipality": "dueren", "applied_on": "2026-03-01", "form": {…}}``, where
``applied_on`` may be missing. The HTTP around it belongs to services/intake.

The portal whose name is ``single-contact`` is that of the "einheitliche Stelle": what comes in there counts as received
on the third day after (§ 71b Abs. 2 VwVfG).
"""

import json
from collections.abc import Iterator
from typing import Any, Literal

import orjson
from pydantic import Field

from connectors.base import Connector, Raw, Translator
from schemas.errors import Problem, Reason, Rejected
from schemas.fields import Strict
from schemas.submission import SINGLE_CONTACT, Submission

MAX_BYTES = 1_000_000
MAX_DEPTH = 32
"""A list of groups of persons with addresses is six deep; deeper than this is an attack, not a form."""

_REQUIRED: dict[str, type] = {"service": str, "municipality": str, "form": dict}
_KNOWN = (*_REQUIRED, "applied_on")


class Portal(Strict):
    """What a portal declares about itself: nothing yet but its kind; its API key is a setting of intake."""

    kind: Literal["portal"] = Field("portal", description="Which connector: portal")


def translate(body: bytes, portal: str, key: str, received_at: int) -> Submission:
    """The submission in a body, with every problem of the envelope. Raises Rejected: OVERSIZE, UNDECODABLE."""
    envelope = _parse(body)
    applied_on = envelope.get("applied_on")
    return Submission(
        service=_given(envelope, "service"),
        municipality=_given(envelope, "municipality"),
        form=_given(envelope, "form"),
        channel=SINGLE_CONTACT if portal == SINGLE_CONTACT else "portal",
        source=portal,
        origin=key,
        received_at=received_at,
        applied_on=applied_on if isinstance(applied_on, str) else None,
        problems=tuple(_problems(envelope)),
    )


def _given(envelope: dict[str, Any], name: str) -> Any:  # noqa: ANN401 - of the kind that is required there
    """What is missing or of the wrong kind is told as a problem; an empty one in its place lets the rest be checked."""
    value, kind = envelope.get(name), _REQUIRED[name]
    return value if isinstance(value, kind) else kind()


def _parse(body: bytes) -> dict[str, Any]:
    if len(body) > MAX_BYTES:
        german = f"Die Anfrage ist größer als {MAX_BYTES} Bytes."
        raise Rejected(Reason.OVERSIZE, Problem("body", german, f"the body is larger than {MAX_BYTES} bytes"))
    try:
        envelope = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        # The parser's own words may quote the body; the position does not.
        raise _undecodable(
            f"Kein gültiges JSON in UTF-8 (ab Zeichen {error.pos}).",
            f"not valid JSON in UTF-8 (at character {error.pos})",
        ) from None
    if not isinstance(envelope, dict):
        raise _undecodable("Erwartet wird ein JSON-Objekt.", "a JSON object is expected")
    if not _within(envelope, MAX_DEPTH):
        raise _undecodable(
            f"Tiefer als {MAX_DEPTH} Ebenen verschachtelt.",
            f"nested deeper than {MAX_DEPTH} levels",
        )
    _refuse_repeated_names(body)
    return envelope


def _refuse_repeated_names(body: bytes) -> None:
    """Which of two equal names holds depends on the parser: two systems would read two different applications."""
    try:
        json.loads(body, object_pairs_hook=_unique, parse_int=str)  # int() refuses 4,301 digits with a ValueError
    except _RepeatedNameError:
        raise _undecodable(
            "Ein Name steht zweimal im selben Objekt.", "a name stands twice in the same object"
        ) from None


class _RepeatedNameError(Exception):
    pass


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise _RepeatedNameError
    return members


def _within(value: object, depth: int) -> bool:
    if isinstance(value, dict):
        return depth > 0 and all(_within(member, depth - 1) for member in value.values())
    if isinstance(value, list):
        return depth > 0 and all(_within(element, depth - 1) for element in value)
    return True


def _undecodable(german: str, english: str) -> Rejected:
    return Rejected(Reason.UNDECODABLE, Problem("body", german, english))


def _problems(envelope: dict[str, Any]) -> Iterator[Problem]:
    for name, kind in _REQUIRED.items():
        if name not in envelope:
            yield Problem(name, "Diese Angabe fehlt.", "this entry is missing")
        elif not isinstance(envelope[name], kind):
            yield _wrong_kind(name, kind)
    if not isinstance(envelope.get("applied_on"), str | None):
        yield Problem("applied_on", "Kein gültiges Datum (JJJJ-MM-TT).", "not a valid date (YYYY-MM-DD)")
    if envelope.keys() - set(_KNOWN):
        # The unknown names are not repeated: they come from outside and may hold anything.
        known = ", ".join(_KNOWN)
        yield Problem("body", f"Unbekannte Angaben; bekannt sind {known}.", f"unknown entries; known are {known}")


def _wrong_kind(name: str, kind: type) -> Problem:
    if kind is dict:
        return Problem(name, "Hier werden benannte Angaben erwartet.", "named entries are expected here")
    return Problem(name, "Hier wird Text erwartet.", "text is expected here")


def _translator(_: Portal, source: str) -> Translator:
    def of(raw: Raw) -> Submission:
        return translate(raw.data, source, raw.origin, raw.received_at)

    return of


CONNECTOR = Connector("portal", "A submission as JSON, posted by an online form", Portal, _translator)
