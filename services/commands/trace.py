"""laufzettel trace: the way of one case through every topic, with times."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict
from typing import Annotated, Any
from uuid import UUID

import typer

from schemas.errors import Problem, Reason, Rejected
from services.commands.installation import Installation
from services.commands.terminal import By, Json, emit, needed, progress, say, table

Case = Annotated[str, typer.Argument(metavar="CASE|REFERENCE", help="The case id, or the citizen's reference.")]
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
        raise _unknown(case)
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


async def _records_of(installation: Installation, case: str) -> tuple[str, list[Any]]:
    from schemas.message import partition_for
    from schemas.topics import CASE_EVENTS, CASE_REQUESTS, DEAD_LETTERS, ROUTER_STATE

    case_id = await _case_id(installation, case)
    key = case_id.encode()
    topics = (CASE_REQUESTS, CASE_EVENTS, ROUTER_STATE, DEAD_LETTERS, *installation.departments)
    partition = partition_for(key, installation.settings.partitions)
    found = await _matching(
        installation, "Reading", topics, lambda record: record.key == key, lambda _, number: number == partition
    )
    return case_id, found


async def _case_id(installation: Installation, case: str) -> str:
    """A reference is derived from the case id and cannot be turned back: the requests are searched for it."""
    from schemas.reference import is_reference, normalized, reference_of
    from schemas.topics import CASE_REQUESTS

    with suppress(ValueError):
        return str(UUID(case.strip()))
    if not is_reference(case):
        german = "Weder Vorgangsnummer (UUID) noch gültiges Aktenzeichen; bitte auf Tippfehler prüfen."
        raise Rejected(
            Reason.INVALID, Problem(case, german, "neither a case id nor a valid reference; is it mistyped?")
        )
    wanted = normalized(case)
    code = wanted.partition("-")[0]

    def is_it(record: Any) -> bool:  # noqa: ANN401 - a Stored
        with suppress(ValueError):
            return reference_of(code, UUID((record.key or b"").decode())) == wanted
        return False

    found = await _matching(installation, "Searching", (CASE_REQUESTS,), is_it)
    if not found:
        raise _unknown(case)
    return str(found[0].key.decode())


async def _matching(
    installation: Installation,
    what: str,
    topics: tuple[str, ...],
    wanted: Callable[[Any], bool],
    only: Callable[[str, int], bool] = lambda _t, _p: True,
) -> list[Any]:
    from services.runtime.reading import read_spans, spans

    with installation.admin() as admin:
        parts = spans(admin, topics, only)
    with progress(what) as counter:
        reader = read_spans(installation.settings.connection().client(), parts, counter)
        return [record async for record in reader if wanted(record)]


def _unknown(case: str) -> Rejected:
    german = "Dieser Fall steht auf keinem Topic; er wurde nie angenommen, oder die Aufbewahrung ist abgelaufen."
    english = "no topic holds this case; it was never accepted, or its retention has ended"
    return Rejected(Reason.INVALID, Problem(case, german, english))


def _record_reveal(by: str, why: str, case: str) -> None:
    """The only trace of looking at a form: one log line, to be kept with the other logs."""
    import sys

    import structlog

    from services.runtime.log import configure_log

    configure_log(service="laufzettel", json=not sys.stderr.isatty())
    structlog.get_logger("audit").warning("form revealed", member=by, reason=why, case_id=case)
