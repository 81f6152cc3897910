"""laufzettel balance: what became of every request, counted on the records themselves."""

import asyncio
from typing import TYPE_CHECKING

from services.commands.installation import CASE_TOPICS_GROUP, Installation
from services.commands.terminal import Json, emit, found, progress, say, table

if TYPE_CHECKING:
    from services.runtime.balance import Balance
    from services.runtime.reading import Progress


def balance(as_json: Json = False) -> None:
    """Reads every topic and accounts for every request; exit 1 when one is lost or was done twice."""
    installation = Installation.from_environment()
    with progress("Reading") as counter:
        account = asyncio.run(balance_of(installation, counter))
    if as_json:
        emit(account.to_json())
    else:
        show(account)
    found(account.is_even)


def show(account: "Balance") -> None:
    """The account as a table, and what does not fit as sentences."""
    document = account.to_json()
    names = ("accepted", "delivered", "applied", "filtered", "dead_lettered", "in_flight")
    table(("account", "requests"), [(name.replace("_", " "), document[name]) for name in names])
    for name, sentence in {
        "lost": "requests are lost, at partition and offset",
        "doubled": "events stand twice",
        "unexplained": "cases reached a department that nobody submitted",
    }.items():
        if document[name]["count"]:
            say(f"{document[name]['count']} {sentence}: {', '.join(map(str, document[name]['first']))}")


async def balance_of(installation: Installation, counter: "Progress" = lambda _d, _t: None) -> "Balance":
    """The account as of now. What the router has committed is asked first: what comes later counts as in flight."""
    from schemas.topics import CASE_EVENTS, CASE_REQUESTS, DEAD_LETTERS
    from services.runtime.balance import Ledger
    from services.runtime.reading import read_spans, spans

    with installation.admin() as admin:
        committed = admin.committed(CASE_TOPICS_GROUP)
        requests = spans(admin, [CASE_REQUESTS])
        results = spans(admin, [DEAD_LETTERS, CASE_EVENTS, *installation.departments])
    ledger = Ledger({partition: offset for (topic, partition), offset in committed.items() if topic == CASE_REQUESTS})
    takers = {DEAD_LETTERS: ledger.died, CASE_EVENTS: ledger.happened}
    client = installation.settings.connection().client()
    async for record in read_spans(client, results, counter):
        takers.get(record.topic, ledger.delivered)(record)
    async for record in read_spans(client, requests, counter):
        ledger.asked(record)
    return ledger.close()
