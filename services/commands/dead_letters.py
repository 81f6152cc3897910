"""laufzettel dead-letters: what could not go on, and what is done about it."""

import asyncio
import datetime as dt
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from schemas.errors import Misconfigured, Problem, Reason, Rejected
from services.commands.installation import Installation
from services.commands.terminal import By, Json, emit, emit_or_table, found, needed, out, progress, report, say, table

if TYPE_CHECKING:
    from services.commands.redrive import Redrive
    from services.runtime.dead_letters import DeadLetter, Selection

app = typer.Typer(help="Records that could not go on: look, replay, discard.", no_args_is_help=True)

Ids = Annotated[list[str] | None, typer.Argument(metavar="[PARTITION:OFFSET]...", help="Which; nothing: all that fit.")]
Of = Annotated[str, typer.Option("--reason", help="Only with this reason, e.g. unroutable.")]
Stage = Annotated[str, typer.Option("--stage", help="Only from this stage: importer or router.")]
File = Annotated[str, typer.Option("--file", help="Only from this file; * and ? stand for any characters.")]
Since = Annotated[dt.datetime | None, typer.Option("--since", help="Only from this local time on.")]
Until = Annotated[dt.datetime | None, typer.Option("--until", help="Only from before this local time.")]
Everything = Annotated[bool, typer.Option("--all", help="Also those already replayed or discarded.")]
Why = Annotated[str, typer.Option("--why", help="The reason; it is kept. No personal data, please.")]
Yes = Annotated[bool, typer.Option("--yes", help="Do it; without it, only say what would be done.")]
Dry = Annotated[bool, typer.Option("--dry-run", help="Only say what would be done, as without --yes.")]
Rate = Annotated[float, typer.Option("--rate", min=0.1, help="At most so many a second.")]
Most = Annotated[int, typer.Option("--max-replays", min=1, help="Leave alone what was replayed this often before.")]
Edit = Annotated[Path | None, typer.Option("--edit", help="A file with the corrected bytes, for a single one.")]

_COLUMNS = ("id", "time", "reason", "stage", "place", "detail", "replays", "status")


@app.command("list")
def list_(
    *,
    reason: Of = "",
    stage: Stage = "",
    file: File = "",
    since: Since = None,
    until: Until = None,
    everything: Everything = False,
    as_json: Json = False,
) -> None:
    """Lists dead letters without their content, and counts them by reason."""
    from services.runtime.dead_letters import grouped

    letters = asyncio.run(_read(_selection((), reason, stage, file, since, until, settled=everything)))
    emit_or_table(as_json, map(_row, letters), _COLUMNS, "No dead letters.")
    if letters and not as_json:
        counts = [(*kind, number) for kind, number in grouped(letters).items()]
        table(("status", "stage", "reason", "number"), counts)


@app.command()
def show(
    ids: Annotated[list[str], typer.Argument(metavar="PARTITION:OFFSET...", help="Which.")],
    reveal: Annotated[bool, typer.Option("--reveal", help="Decode the content too; it may be personal.")] = False,
    raw: Annotated[
        bool, typer.Option("--raw", help="Only the original bytes, to be mended and handed in again.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Shows dead letters with all that is known of them; their content only when asked for."""
    letters = asyncio.run(_read(_selection(ids, settled=True)))
    _require(ids, letters)
    for letter in letters:
        if raw:
            sys.stdout.buffer.write(letter.record.value or b"")
        elif as_json:
            emit(_document(letter, reveal))
        else:
            for name, value in _document(letter, reveal).items():
                out().print(f"{name:12} {value}")
    sys.stdout.buffer.flush()


@app.command()
def replay(  # noqa: PLR0913 - one parameter for each option
    ids: Ids = None,
    *,
    reason: Of = "",
    stage: Stage = "",
    file: File = "",
    since: Since = None,
    until: Until = None,
    why: Why = "replay",
    by: By = "",
    rate: Rate = 100.0,
    max_replays: Most = 3,
    edit: Edit = None,
    dry_run: Dry = False,
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """Sends dead letters back to where they came from. Without --yes it only says what would be done.

    It can be interrupted and started again at any time: a record and its outcome are written in one transaction.
    """
    from services.commands.redrive import Redrive

    selection = _selection(ids or (), reason, stage, file, since, until)
    work = Redrive("replayed", needed(by, "--by"), needed(why, "--why"), rate, max_replays, _content(edit))
    _settle(selection, work, yes=yes and not dry_run, as_json=as_json)


@app.command()
def discard(  # noqa: PLR0913 - one parameter for each option
    ids: Ids = None,
    *,
    reason: Of = "",
    stage: Stage = "",
    file: File = "",
    since: Since = None,
    until: Until = None,
    why: Why = "",
    by: By = "",
    dry_run: Dry = False,
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """Marks dead letters as settled without sending them; nothing is deleted. A reason is needed."""
    from services.commands.redrive import Redrive

    selection = _selection(ids or (), reason, stage, file, since, until)
    work = Redrive("discarded", needed(by, "--by"), needed(why, "--why"), 1000.0)
    _settle(selection, work, yes=yes and not dry_run, as_json=as_json)


def _settle(selection: "Selection", work: "Redrive", *, yes: bool, as_json: bool) -> None:
    if not yes:
        _dry_run(selection, work, as_json)
        return
    done, problems = asyncio.run(_run(selection, work))
    report(problems)
    if as_json:
        emit({"action": work.action, "number": done, "refused": len(problems)})
    else:
        say(f"{done} {work.action}, {len(problems)} refused.")
    found(not problems)


def _dry_run(selection: "Selection", work: "Redrive", as_json: bool) -> None:
    from services.runtime.dead_letters import grouped

    letters = asyncio.run(_read(selection))
    able, problems = work.sort_out(letters)
    rows = [
        {"stage": stage, "reason": reason, "number": number, "action": f"would be {work.action}"}
        for (_, stage, reason), number in grouped(able).items()
    ]
    emit_or_table(as_json, rows, ("action", "stage", "reason", "number"), "Nothing to do.")
    report(problems)
    if able:
        say("Nothing was done. Add --yes to do it.")


async def _run(selection: "Selection", work: "Redrive") -> tuple[int, list[Problem]]:
    from services.runtime.clock import system_clock

    async with Installation.from_environment().bus() as bus:
        with progress(work.action) as counter:
            return await work.run(bus, selection, system_clock, counter)


async def _read(selection: "Selection") -> "list[DeadLetter]":
    from services.runtime.dead_letters import dead_letters

    async with Installation.from_environment().bus() as bus:
        with progress("Reading") as counter:
            return await dead_letters(bus, selection, counter)


def _selection(
    ids: list[str] | tuple[str, ...],
    reason: str = "",
    stage: str = "",
    file: str = "",
    since: dt.datetime | None = None,
    until: dt.datetime | None = None,
    *,
    settled: bool = False,
) -> "Selection":
    from services.runtime.dead_letters import Selection

    known = [each.value for each in Reason]
    if reason and reason not in known:
        raise typer.BadParameter(f"one of {', '.join(known)}", param_hint="--reason")
    return Selection(frozenset(ids), reason, stage, file, _micros(since) or 0, _micros(until) or 2**63, settled=settled)


def _micros(local: dt.datetime | None) -> int | None:
    return None if local is None else int(local.astimezone().timestamp() * 1_000_000)


def _row(letter: "DeadLetter") -> dict[str, Any]:
    from schemas.cloudevent import instant

    summary = letter.summary()
    return {**summary, "time": instant(summary.pop("at"))}


def _document(letter: "DeadLetter", reveal: bool) -> dict[str, Any]:
    from schemas.cloudevent import instant

    record, outcome = letter.record, letter.outcome
    known = {
        **_row(letter),
        "key": (record.key or b"").decode(errors="replace"),
        "bytes": len(record.value or b""),
        "event": (record.header("ce_type") or b"").decode(errors="replace"),
        "received": (record.header("ce_time") or b"").decode(errors="replace"),
    }
    if outcome:
        known |= {"settled": instant(outcome.at), "by": outcome.by, "why": outcome.why}
    return {**known, "content": _decoded(record.value)} if reveal else known


def _decoded(value: bytes | None) -> object:
    """Avro as the Kochbuch knows it, else the beginning of the bytes."""
    from services.commands.readable import readable

    try:
        schema, record = Installation.from_environment().book.codec.decode(value)
    except Rejected:
        return ascii((value or b"")[:200])
    return {"schema": schema.name, **readable(schema, record, reveal=True)}


def _require(ids: list[str], letters: "list[DeadLetter]") -> None:
    present = {letter.id for letter in letters}
    missing = [name for name in ids if name not in present]
    if missing:
        german, english = "So einen Dead Letter gibt es nicht.", "There is no such dead letter."
        raise Rejected(Reason.INVALID, *(Problem(name, german, english) for name in missing))


def _content(edit: Path | None) -> bytes | None:
    if edit is None:
        return None
    try:
        return edit.read_bytes()
    except OSError as error:
        german, english = f"Nicht lesbar: {error.strerror}.", f"cannot be read: {error.strerror}"
        raise Misconfigured(Problem(str(edit), german, english)) from error
