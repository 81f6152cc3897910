"""laufzettel case show: a case as citizens, clerks and operators may know it, from its events."""

import asyncio
from typing import TYPE_CHECKING, Annotated

import typer

from services.commands.case_records import Case, case_id_of, records_of, unknown_case
from services.commands.installation import Installation
from services.commands.terminal import Json, emit, table

if TYPE_CHECKING:
    from schemas.message import Stored
    from services.commands.case_view import Document

Last = Annotated[int, typer.Option("--last", min=0, help="How many of the newest events.")]

_FACTS = ("reference", "case_id", "municipality", "recipe", "status", "version", "outcome", "received_at", "due_date")
_STATION = ("station", "task", "department", "status", "holder", "due_date", "opinion", "delivery")
_AHEAD = ("by_itself", "at", "station")
_EVENT = ("at", "version", "event", "actor", "acted_for", "audience", "facts")


def show(case: Case, last: Last = 10, as_json: Json = False) -> None:
    """Shows a case from its events: status, stations, deadlines, what the citizen was told. Never form content.

    Example: laufzettel case show DN-7K3F-9QX2-M4T8
    """
    from services.commands.case_view import case_view, events_in

    installation = Installation.from_environment()
    case_id, records = asyncio.run(_events_of(installation, case))
    if not records:
        raise unknown_case(case)
    view = case_view(case_id, events_in(records, installation.book.codec), installation.book)
    view["events"] = view["events"][-last:] if last else []
    if as_json:
        emit(view)
    else:
        _print(view)


async def _events_of(installation: Installation, case: str) -> "tuple[str, list[Stored]]":
    from schemas.topics import CASE_EVENTS

    case_id = await case_id_of(installation, case)
    return case_id, await records_of(installation, case_id, (CASE_EVENTS,))


def _print(view: "Document") -> None:
    citizen = view["citizen"] or {}
    view = view | {"received_at": _local(view.get("received_at"))}
    facts = [(name.replace("_", " "), view.get(name)) for name in _FACTS]
    facts += [(f"citizen {name.replace('_', ' ')}", said) for name, said in citizen.items()]
    facts += [
        (f"deputy of {each['who']}", f"{each['deputy']}, {each['since']}..{each['until']}") for each in view["deputies"]
    ]
    if proposal := view["proposal"]:
        facts.append(("proposed", f"{proposal['outcome']} by {proposal['actor']}; a second person must agree"))
    for what in ("derivation", "objection_derivation"):
        facts += [("" if n else what.replace("_", " "), step["de"]) for n, step in enumerate(view.get(what, ()))]
    table(("what", "is"), [(name, said) for name, said in facts if said not in {None, ""}])
    if view["stations"]:
        table(_STATION, [[each[column] for column in _STATION] for each in view["stations"]])
    if view["ahead"]:
        table(_AHEAD, [[each["by_itself"], _local(each["at"]), each["station"]] for each in view["ahead"]])
    print_events(view["events"])


def print_events(events: "list[Document]") -> None:
    """Events as a table, in the time of the town hall."""
    from services.commands.way import telling

    rows = [
        {**each, "at": _local(each["at"]), "acted_for": ", ".join(each["acted_for"]), "facts": telling(each)}
        for each in events
    ]
    if rows:
        table(_EVENT, [[row[column] for column in _EVENT] for row in rows])


def _local(instant: str | None) -> str:
    """The instant as the clocks of the town hall show it."""
    from datetime import datetime

    from services.router.deadlines.instant import BERLIN

    return f"{datetime.fromisoformat(instant).astimezone(BERLIN):%Y-%m-%d %H:%M:%S}" if instant else ""
