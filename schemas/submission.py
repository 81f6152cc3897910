"""Submission: what a portal or a legacy file hands in, and how it becomes the one event CaseSubmitted."""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid5

import orjson

from schemas.cloudevent import event_headers
from schemas.errors import Problem, Reason, Rejected
from schemas.form import days_of
from schemas.kochbuch import Kochbuch
from schemas.message import Message
from schemas.municipality import Municipality
from schemas.recipe import Recipe
from schemas.reference import reference_of
from schemas.writer import compile_writer

NAMESPACE = UUID("6f0a1d52-8a57-5b0e-9c39-1f6f0d2b7a11")
TOPIC = "case-requests"
DIGEST_BYTES = 16
SINGLE_CONTACT = "single-contact"
"""The channel of what came in at the "einheitliche Stelle", § 71a VwVfG."""


@dataclass(frozen=True, slots=True)
class Submission:
    """A submission as it arrived. ``origin`` is the idempotency key or the position: the same again, the same case.

    With ``problems`` of its translator it is refused, but still looked through, so that all are said at once.
    """

    service: str
    municipality: str
    form: Mapping[str, Any]
    channel: str
    source: str
    origin: str
    received_at: int
    applied_on: str | None = None
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class Accepted:
    """A valid submission: the case's id, the citizen's reference, the content's digest, and the message to publish."""

    case_id: UUID
    reference: str
    digest: bytes
    message: Message


def case_id_of(source: str, origin: str) -> UUID:
    """UUIDv5 of source and origin (DESIGN.md, section 4); a retry anywhere gives the same id."""
    return uuid5(NAMESPACE, f"{source}\n{origin}")


class Acceptance:
    """The message translator of every channel: a submission in, CaseSubmitted out."""

    def __init__(self, book: Kochbuch) -> None:
        self._book = book
        self._encode: dict[str, Callable[[dict[str, Any]], bytes]] = {}

    def accept(self, submission: Submission) -> Accepted:
        """Raises Rejected with every problem and its path: UNKNOWN_SERVICE, UNKNOWN_MUNICIPALITY or INVALID."""
        try:
            return self._accept(submission)
        except Rejected as first:
            raise Rejected(first.reason, *self._problems(submission)) from None

    def _accept(self, submission: Submission) -> Accepted:
        if submission.problems:
            raise Rejected(Reason.INVALID)
        recipe, town = self._addressed(submission)
        applied_on = _applied_on(submission.applied_on)
        form = recipe.validator.validate(submission.form)
        digest = _digest(submission, form)
        case_id = case_id_of(submission.source, submission.origin)
        reference = reference_of(town.code, case_id)
        record = {
            "case_id": str(case_id),
            "reference": reference,
            "service": recipe.service,
            "municipality": town.municipality,
            "recipe": recipe.recipe,
            "recipe_version": recipe.version,
            "received_at": submission.received_at,
            "applied_on": applied_on,
            "channel": submission.channel,
            "source": submission.source,
            "digest": digest,
            "form": form,
        }
        return Accepted(case_id, reference, digest, self._message(recipe, record))

    def _problems(self, submission: Submission) -> Iterator[Problem]:
        """What each check finds by itself, so that the sender can mend all of it in one go; of each entry once."""
        yield from submission.problems
        said = {problem.where for problem in submission.problems}
        recipe = self._book.services.get(submission.service)
        checks: list[Callable[[], object]] = [
            lambda: self._addressed(submission),
            lambda: _applied_on(submission.applied_on),
            lambda: recipe and recipe.validator.validate(submission.form),
        ]
        for check in checks:
            try:
                check()
            except Rejected as error:
                yield from (problem for problem in error.problems if problem.where.partition(".")[0] not in said)

    def _addressed(self, submission: Submission) -> tuple[Recipe, Municipality]:
        recipe = self._book.services.get(submission.service)
        town = self._book.municipalities.get(submission.municipality)
        if recipe is None or town is None:
            raise _unknown(recipe, town)
        if not town.offers(recipe):
            german = f"{town.name.de} bietet diese Leistung noch nicht digital an."
            english = f"{town.name.en or town.name.de} does not offer this service digitally yet"
            raise Rejected(Reason.UNKNOWN_SERVICE, Problem("service", german, english))
        return recipe, town

    def _message(self, recipe: Recipe, record: dict[str, Any]) -> Message:
        encode = self._encode.get(recipe.service)
        if encode is None:
            schema = recipe.submission
            encode = self._encode[recipe.service] = compile_writer(schema.definition, schema.frame)
        case_id, received_at = record["case_id"], record["received_at"]
        source = f"{record['channel']}/{record['source']}"
        headers = event_headers(case_id, "CaseSubmitted", source, case_id, received_at, received_at)
        return Message(TOPIC, case_id.encode(), encode(record), headers)


def _unknown(recipe: Recipe | None, town: Municipality | None) -> Rejected:
    problems = []
    if recipe is None:
        german = "Diese Leistung ist hier nicht bekannt; erwartet wird ihr 14-stelliger LeiKa-Schlüssel."
        problems.append(Problem("service", german, "unknown service; its 14-digit LeiKa key is expected"))
    if town is None:
        problems.append(Problem("municipality", "Diese Kommune ist hier nicht bekannt.", "unknown municipality"))
    return Rejected(Reason.UNKNOWN_SERVICE if recipe is None else Reason.UNKNOWN_MUNICIPALITY, *problems)


def _applied_on(text: str | None) -> int | None:
    if text is None:
        return None
    try:
        return days_of(text)
    except (ValueError, TypeError):
        problem = Problem("applied_on", "Kein gültiges Datum (JJJJ-MM-TT).", "not a valid date (YYYY-MM-DD)")
        raise Rejected(Reason.INVALID, problem) from None


def _digest(submission: Submission, form: Mapping[str, Any]) -> bytes:
    content = [submission.service, submission.municipality, submission.applied_on, form]
    return hashlib.sha256(orjson.dumps(content, option=orjson.OPT_SORT_KEYS)).digest()[:DIGEST_BYTES]
