"""Command: what somebody asks of a case, as a form or a command line gives it, and the one message that it becomes."""

import difflib
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from uuid import UUID, uuid5

import orjson

from schemas.actor import ROUTER, is_actor
from schemas.cloudevent import event_headers
from schemas.codec import Codec, Schema
from schemas.command_field import LONGEST_TEXT, CommandField, field_of
from schemas.errors import Problem, Reason, Rejected
from schemas.events import event_schemas
from schemas.message import Message
from schemas.recipe import NAME
from schemas.topics import CASE_REQUESTS

NAMESPACE = UUID("0d2c5f0e-6a43-5c1b-8f5e-52f4c1a7d9b3")
LONGEST_ID = 64
_ID = re.compile(rf"[A-Za-z0-9._:-]{{0,{LONGEST_ID}}}")
_DEPARTMENT = re.compile(rf"{NAME}|")
HEAD = ("command_id", "case_id", "received_at", "actor", "acting_for", "department", "expected_version")
"""With these every command begins; who sends it fills them, not who writes it."""


@dataclass(frozen=True, slots=True)
class Command:
    """A command as it was given: every value of ``fields`` is text, several where the field is a list.

    Without ``command_id`` one is made from the content, so that the same again is the same command.
    """

    kind: str
    case_id: UUID
    actor: str
    received_at: int
    source: str
    department: str = ""
    acting_for: str | None = None
    expected_version: int | None = None
    fields: Mapping[str, Sequence[str]] = field(default_factory=dict)
    command_id: str = ""


@dataclass(frozen=True, slots=True)
class Prepared:
    """A valid command: its id, under which the router answers, and the message to publish."""

    command_id: str
    message: Message


@cache
def command_schemas() -> dict[str, Schema]:
    """The schema of each command by its kind: the types that begin with a command's id."""
    named = {schema.name.rpartition(".")[2]: schema for schema in event_schemas()}
    return {name: schema for name, schema in named.items() if schema.definition["fields"][0]["name"] == HEAD[0]}


@cache
def fields_of(kind: str) -> tuple[CommandField, ...]:
    """What one kind of command takes beside the head."""
    return tuple(field_of(each) for each in command_schemas()[kind].definition["fields"] if each["name"] not in HEAD)


@cache
def needs_version(kind: str) -> bool:
    """Whether the sender must say which version of the case it saw: all must who act on what they saw.

    Not so whoever reports what has happened already: papers and a withdrawal came from outside, a system delivered or
    could not, and an opinion answers its question whatever else has changed meanwhile.
    """
    definition = command_schemas()[kind].definition
    return any(each["name"] == "expected_version" and each["type"] == "int" for each in definition["fields"])


def kind_named(text: str) -> str:
    """The kind that somebody means: ``give-opinion`` is GiveOpinion. Raises Rejected with those that there are."""
    plain = {kind.lower(): kind for kind in command_schemas()}
    meant = text.replace("-", "").replace("_", "").lower()
    if meant in plain:
        return plain[meant]
    near = [plain[name] for name in difflib.get_close_matches(meant, plain, n=3)] or [*plain.values()]
    listed = ", ".join(near)
    german, english = (
        f"Diesen Befehl gibt es nicht. Es gibt: {listed}.",
        f"There is no such command; there is: {listed}.",
    )
    raise Rejected(Reason.INVALID, Problem(text, german, english))


def prepare(command: Command) -> Prepared:
    """The message of a command. Raises Rejected(INVALID) with every problem; what it says is in none of them."""
    kind = kind_named(command.kind)
    values, problems = _values(kind, command.fields)
    problems = [*_head_problems(kind, command), *problems]
    if problems:
        raise Rejected(Reason.INVALID, *problems)
    case_id = str(command.case_id)
    asked = {
        "case_id": case_id, "actor": command.actor, "acting_for": command.acting_for,
        "department": command.department, "expected_version": command.expected_version, **values,
    }  # fmt: skip
    command_id = command.command_id or _id_of(kind, asked)
    record = {"command_id": command_id, "received_at": command.received_at, **asked}
    at = command.received_at
    headers = event_headers(command_id, kind, command.source, case_id, at, at)
    return Prepared(command_id, Message(CASE_REQUESTS, case_id.encode(), _encoder(kind)(record), headers))


def _id_of(kind: str, asked: Mapping[str, Any]) -> str:
    content = orjson.dumps(asked, option=orjson.OPT_SORT_KEYS).decode()
    return str(uuid5(NAMESPACE, f"{kind}\n{content}"))


@cache
def _encoder(kind: str) -> Callable[[dict[str, Any]], bytes]:
    schema = command_schemas()[kind]
    return Codec((schema,)).encoder(schema)


def _values(kind: str, given: Mapping[str, Sequence[str]]) -> tuple[dict[str, Any], list[Problem]]:
    known = {each.name: each for each in fields_of(kind)}
    problems = [_unknown(kind, name, known) for name in given if name not in known]
    values: dict[str, Any] = {}
    for name, each in known.items():
        said = [text for text in given.get(name, ()) if text.strip()]
        if not said and each.required:
            problems.append(_missing(each))
        elif not said:
            values[name] = each.empty
        elif sum(map(len, said)) > LONGEST_TEXT:
            problems.append(_too_long(name))
        else:
            problems += _read(each, said, values)
    return values, problems


def _read(each: CommandField, said: list[str], values: dict[str, Any]) -> Iterator[Problem]:
    try:
        values[each.name] = each.value(said)
    except (ValueError, OverflowError):
        german, english = each.words
        yield Problem(each.name, f"Hier passt nur {german}, einmal.", f"Only this fits here, once: {english}.")


def _head_problems(kind: str, command: Command) -> Iterator[Problem]:
    if not _ID.fullmatch(command.command_id):
        german = f"Höchstens {LONGEST_ID} Zeichen, nur Buchstaben, Ziffern und . _ : -"
        english = f"At most {LONGEST_ID} characters: letters, digits and . _ : -"
        yield Problem("command_id", german, english)
    if not _DEPARTMENT.fullmatch(command.department):
        german = "Der Name einer Stelle, wie er in der Datei der Kommune steht."
        yield Problem("department", german, "The name of a department, as the municipality's file has it.")
    for name, key in (("actor", command.actor), ("acting_for", command.acting_for)):
        if key is not None and (not is_actor(key) or key == ROUTER):
            german = "Kein Kürzel: sb- und 8 bis 32 Ziffern oder a-f für Beschäftigte, applicant oder system-NAME."
            english = "No actor's key: sb- and 8 to 32 digits or a-f for staff, applicant, or system-NAME."
            yield Problem(name, german, english)
    if command.expected_version is None and needs_version(kind):
        german = "Fehlt: die Fassung des Vorgangs, auf die sich der Befehl bezieht."
        yield Problem("expected_version", german, "Missing: the version of the case that the command is about.")


def _unknown(kind: str, name: str, known: Mapping[str, CommandField]) -> Problem:
    listed = ", ".join(known)
    german = f"{kind} hat dieses Feld nicht. Es hat: {listed}." if known else f"{kind} hat keine eigenen Felder."
    english = f"{kind} has no such field. It has: {listed}." if known else f"{kind} has no fields of its own."
    return Problem(name, german, english)


def _missing(each: CommandField) -> Problem:
    german, english = each.words
    return Problem(each.name, f"Fehlt; erwartet wird {german}.", f"Missing; expected is {english}.")


def _too_long(name: str) -> Problem:
    return Problem(name, f"Höchstens {LONGEST_TEXT} Zeichen.", f"At most {LONGEST_TEXT} characters.")
