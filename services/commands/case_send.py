"""laufzettel case send: a command to a case, durably, and what the router answered."""

import asyncio
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from schemas.errors import Misconfigured, Problem
from services.commands.case_records import Case, case_id_of
from services.commands.case_show import print_events
from services.commands.installation import Installation
from services.commands.terminal import Json, emit, found, printable, progress, say, speaks_german

if TYPE_CHECKING:
    from services.commands.case_order import Answer, Order

Kind = Annotated[str, typer.Argument(metavar="KIND", help="Claim, Decide, …: see laufzettel case commands.")]
Actor = Annotated[str, typer.Option("--actor", help="Who acts: sb-… for staff, applicant, or system-NAME.")]
For = Annotated[str, typer.Option("--for", help="The absent colleague for whom the actor stands in.")]
Version = Annotated[
    int | None, typer.Option("--version", min=0, help="The version that the actor saw; default: the newest.")
]
Id = Annotated[
    str, typer.Option("--id", help="The command's id; default: made from its content. A repeat has no effect.")
]
Set = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="FIELD=VALUE", help="May be repeated, for a list with the same field."),
]
TextFile = Annotated[
    str, typer.Option("--text-file", metavar="FILE|-", help="What the command says, kept out of the shell's history.")
]
Wait = Annotated[float, typer.Option("--wait", min=0, help="Seconds to wait for the router's answer.")]


def send(  # noqa: PLR0913 - one parameter for each option
    case: Case,
    kind: Kind,
    *,
    actor: Actor,
    acting_for: For = "",
    version: Version = None,
    command_id: Id = "",
    given: Set = None,
    text_file: TextFile = "",
    wait: Wait = 30.0,
    as_json: Json = False,
) -> None:
    """Sends a command to a case and waits for the answer: 0 it took effect, 1 refused, 69 nobody answered in time.

    Example: laufzettel case send DN-7K3F-9QX2-M4T8 Claim --actor sb-00000001 --set station=assess
    """
    from schemas.command import kind_named
    from services.commands.case_order import Order

    fields = _fields(given or [])
    kind = kind_named(kind)
    if text_file:
        _add_text(kind, fields, text_file)
    order = Order(kind, actor, acting_for or None, version, command_id, fields)
    answer = asyncio.run(_send(Installation.from_environment(), case, order, wait))
    _print_answer(kind, answer, as_json=as_json)
    found(answer.refusal is None)


def _fields(given: list[str]) -> dict[str, list[str]]:
    fields: dict[str, list[str]] = {}
    for each in given:
        name, equals, value = each.partition("=")
        if not equals:
            raise typer.BadParameter("FIELD=VALUE is expected", param_hint="--set")
        fields.setdefault(name.strip(), []).append(value)
    return fields


def _add_text(kind: str, fields: dict[str, list[str]], file: str) -> None:
    """What people write goes into the command's one text, or line by line into its one list."""
    from schemas.command import fields_of

    written = sorted((each for each in fields_of(kind) if each.personal), key=lambda each: each.shape != "text")
    if not written:
        raise typer.BadParameter(f"{kind} says nothing in words", param_hint="--text-file")
    text = _read(file)
    fields.setdefault(written[0].name, []).extend([text] if written[0].shape == "text" else text.splitlines())


def _read(file: str) -> str:
    try:
        content = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
        return content.decode()
    except OSError as error:
        german, english = f"Kann nicht gelesen werden: {error.strerror}.", f"cannot be read: {error.strerror}"
    except UnicodeDecodeError:
        german, english = "Kein Text in UTF-8.", "no text in UTF-8"
    raise Misconfigured(Problem(file, german, english))


async def _send(installation: Installation, case: str, order: "Order", wait: float) -> "Answer":
    from schemas.topics import CASE_EVENTS
    from services.commands.case_order import Patience, send
    from services.runtime.clock import system_clock
    from services.runtime.key_log import KafkaKeyLog

    order.check(system_clock())
    case_id = await case_id_of(installation, case)
    client = installation.settings.connection().client()
    codec = installation.book.codec
    async with installation.bus() as bus, KafkaKeyLog(client, CASE_EVENTS, case_id.encode()) as log:
        with progress("Waiting for the router") as counter:
            patience = Patience(wait, counter)
            return await send(order, case_id, log, bus.publisher(), codec, system_clock(), patience)


def _print_answer(kind: str, answer: "Answer", *, as_json: bool) -> None:
    from schemas.refusal import refusal_words
    from services.commands.case_view import event_document

    events = [event_document(event) for event in answer.events]
    refusal = answer.refusal.body if answer.refusal else {"reason": None, "changed": []}
    german, english = refusal_words(refusal["reason"]) if answer.refusal else ("", "")
    if as_json:
        emit({
            "case_id": answer.case_id, "command_id": answer.command_id, "command": kind,
            "applied": answer.refusal is None, "repeated": answer.repeated,
            "version": answer.events[-1].body["version"], "reason": refusal["reason"],
            "words": {"de": german, "en": english}, "changed": refusal["changed"], "events": events,
        })  # fmt: skip
        return
    print_events(events)
    if answer.repeated:
        say(f"{kind} {answer.command_id} took effect before; nothing was sent.")
    if answer.refusal:
        say(printable(f"{refusal['reason']}: {german if speaks_german() else english}"))
        for change in refusal["changed"]:
            say(f"Since then: version {change.replace(':', ': ')}")
