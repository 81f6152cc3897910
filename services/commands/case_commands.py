"""laufzettel case commands: what a case can be asked, in which states, and what each command takes."""

from typing import Annotated, Any

import typer

from services.commands.terminal import Json, emit, out, speaks_german, table

Kind = Annotated[str, typer.Argument(metavar="[KIND]", help="One command, with its fields.")]


def commands(kind: Kind = "", as_json: Json = False) -> None:
    """Lists the commands and the states of a case that take them; of one, also its fields.

    Example: laufzettel case commands AskApplicant
    """
    from schemas.command import command_schemas, kind_named

    if kind:
        _one(kind_named(kind), as_json=as_json)
        return
    rows = [_row(name) for name in sorted(command_schemas())]
    if as_json:
        for row in rows:
            emit(row)
    else:
        table(("command", "taken when", "means"), [(r["command"], ", ".join(r["states"]), r["means"]) for r in rows])


def _one(kind: str, *, as_json: bool) -> None:
    row = _row(kind)
    if as_json:
        emit(row)
        return
    out().print(f"{kind}: {row['means']}")
    out().print(f"Taken when the case is {', '.join(row['states'])}; then {' or '.join(row['events'])}.")
    columns = ("field", "required", "expected", "means")
    table(columns, [[each[column] for column in columns] for each in row["fields"]])


def _row(kind: str) -> dict[str, Any]:
    from schemas.command import command_schemas, fields_of, needs_version
    from services.router.transitions import TRANSITIONS

    row = TRANSITIONS[kind]
    return {
        "command": kind,
        "means": command_schemas()[kind].definition["doc"],
        "states": list(row),
        "events": sorted({event for events in row.values() for event in events}),
        "needs_version": needs_version(kind),
        "fields": [
            {
                "field": each.name,
                "required": each.required,
                "expected": each.words[0 if speaks_german() else 1],
                "means": each.doc,
            }
            for each in fields_of(kind)
        ],
    }
