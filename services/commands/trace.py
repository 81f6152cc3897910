"""laufzettel trace: the way of one case through every topic, with times."""

import asyncio
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from services.commands.case_records import Case, case_id_of, records_of, unknown_case
from services.commands.installation import Installation
from services.commands.terminal import By, Json, emit, needed, say, table

if TYPE_CHECKING:
    from schemas.message import Stored

Reveal = Annotated[str, typer.Option("--reveal", metavar="REASON", help="Show the form too; say why, it is logged.")]

_COLUMNS = ("time", "after", "topic", "place", "what", "facts")


def trace(case: Case, reveal: Reveal = "", by: By = "", as_json: Json = False) -> None:
    """Shows the way of a case: request, events, departments, state, dead letters. Form content stays hidden.

    Example: laufzettel trace DN-7K3F-9QX2-M4T8
    """
    from services.commands.readable import since
    from services.commands.way import way_of

    installation = Installation.from_environment()
    if reveal:
        _record_reveal(needed(by, "--by"), reveal, case)
    case_id, records = asyncio.run(_records_of(installation, case))
    steps = way_of(records, installation.book.codec, reveal=bool(reveal))
    if not steps:
        raise unknown_case(case)
    if as_json:
        emit({"case_id": case_id, "steps": [_document(asdict(step)) for step in steps]})
        return
    say(f"Case {case_id}")
    begin = steps[0].at
    rows = [(_time(s.at), since(begin, s.at), s.topic, f"{s.partition}:{s.offset}", s.kind, s.facts) for s in steps]
    table(_COLUMNS, rows)
    if reveal:
        for step in steps:
            if "form" in step.content:
                emit({"topic": step.topic, "form": step.content["form"]})


def _document(step: dict[str, Any]) -> dict[str, Any]:
    from schemas.cloudevent import instant

    return {**step, "at": instant(step["at"])}


def _time(at: int) -> str:
    from services.runtime.clock import as_datetime

    return as_datetime(at).astimezone().isoformat(sep=" ", timespec="milliseconds")


async def _records_of(installation: Installation, case: str) -> "tuple[str, list[Stored]]":
    from schemas.topics import CASE_EVENTS, CASE_REQUESTS, DEAD_LETTERS, ROUTER_STATE

    case_id = await case_id_of(installation, case)
    topics = (CASE_REQUESTS, CASE_EVENTS, ROUTER_STATE, DEAD_LETTERS, *installation.departments)
    return case_id, await records_of(installation, case_id, topics)


def _record_reveal(by: str, why: str, case: str) -> None:
    """The only trace of looking at a form: one log line, to be kept with the other logs."""
    import sys

    import structlog

    from services.runtime.log import configure_log

    configure_log(service="laufzettel", json=not sys.stderr.isatty())
    structlog.get_logger("audit").warning("form revealed", member=by, reason=why, case_id=case)
