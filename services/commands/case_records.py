"""Case records: which case somebody means, and what the topics hold of it."""

from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import typer

from schemas.errors import Problem, Reason, Rejected
from services.commands.installation import Installation
from services.commands.terminal import progress

if TYPE_CHECKING:
    from schemas.message import Stored

Case = Annotated[str, typer.Argument(metavar="CASE|REFERENCE", help="The case id, or the citizen's reference.")]


async def case_id_of(installation: Installation, case: str) -> str:
    """The id of the case that is meant. Raises Rejected for what is mistyped or on no topic.

    A reference is derived from the id and cannot be turned back: requests and events are searched for it, because
    requests are kept for a month only.
    """
    from schemas.reference import is_reference, normalized, reference_of
    from schemas.topics import CASE_EVENTS, CASE_REQUESTS

    with suppress(ValueError):
        return str(UUID(case.strip()))
    if not is_reference(case):
        german = "Weder Vorgangsnummer (UUID) noch gültiges Aktenzeichen; bitte auf Tippfehler prüfen."
        raise Rejected(
            Reason.INVALID, Problem(case, german, "neither a case id nor a valid reference; is it mistyped?")
        )
    wanted = normalized(case)
    code = wanted.partition("-")[0]

    def is_it(record: "Stored") -> bool:
        with suppress(ValueError):
            return reference_of(code, UUID((record.key or b"").decode())) == wanted
        return False

    found = await _matching(installation, "Searching", (CASE_REQUESTS, CASE_EVENTS), is_it)
    if not found:
        raise unknown_case(case)
    return (found[0].key or b"").decode()


async def records_of(installation: Installation, case_id: str, topics: tuple[str, ...]) -> "list[Stored]":
    """Every record of the case on these topics, all of which have the partitions of the case topics."""
    from schemas.message import partition_for

    key = case_id.encode()
    partition = partition_for(key, installation.settings.partitions)
    return await _matching(
        installation, "Reading", topics, lambda record: record.key == key, lambda _, number: number == partition
    )


async def _matching(
    installation: Installation,
    what: str,
    topics: tuple[str, ...],
    wanted: "Callable[[Stored], bool]",
    only: Callable[[str, int], bool] = lambda _t, _p: True,
) -> "list[Stored]":
    from services.runtime.reading import read_spans, spans

    with installation.admin() as admin:
        parts = spans(admin, topics, only)
    with progress(what) as counter:
        reader = read_spans(installation.settings.connection().client(), parts, counter)
        return [record async for record in reader if wanted(record)]


def unknown_case(case: str) -> Rejected:
    """What to say of a case that no topic holds."""
    german = "Dieser Fall steht auf keinem Topic; er wurde nie angenommen, oder die Aufbewahrung ist abgelaufen."
    english = "no topic holds this case; it was never accepted, or its retention has ended"
    return Rejected(Reason.INVALID, Problem(case, german, english))
