"""laufzettel deadline: until when, and why, in words that a clerk can put into the file."""

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from schemas.errors import Rejected
from services.commands.terminal import Json, emit, out, report
from services.runtime.exit_codes import ExitCode

if TYPE_CHECKING:
    from collections.abc import Callable

    from services.router.deadlines import Computed, Question

app = typer.Typer(help="Deadlines: until when, and why.", no_args_is_help=True)


class Counted(StrEnum):
    """Whether the first day counts."""

    AFTER_EVENT = "after-event"
    FROM_DAY = "from-day"


class Via(StrEnum):
    """By which way an application came."""

    SINGLE_CONTACT = "single-contact"


@app.callback()
def deadline() -> None:
    """Deadlines: until when, and why."""


@app.command()
def explain(  # noqa: PLR0913 - one parameter for each option
    *,
    land: Annotated[str, typer.Option(help="Land (NW) or ARS (053580008008): its public holidays count.")],
    starts: Annotated[str | None, typer.Option(help="Day or instant of the event, Berlin time: 2026-03-04.")] = None,
    length: Annotated[str | None, typer.Option(help="3 months, 10 Arbeitstage, 3 Werktage, 48 hours, …")] = None,
    counting: Annotated[Counted, typer.Option(help="§ 187 BGB: (1) after an event, or (2) from a day on.")] = (
        Counted.AFTER_EVENT
    ),
    fixed: Annotated[str | None, typer.Option(help="A date set by the authority, which does not move.")] = None,
    before: Annotated[str | None, typer.Option(help="Count --length backwards from this date.")] = None,
    clear: Annotated[bool, typer.Option(help="With --before: that many whole days lie between.")] = False,
    suspended: Annotated[list[str] | None, typer.Option(help="FROM..TO, both included; may be repeated.")] = None,
    restart: Annotated[bool, typer.Option(help="Begin anew after a suspension instead of going on.")] = False,
    extended: Annotated[str | None, typer.Option(help="The one extension: 1 month.")] = None,
    via: Annotated[Via | None, typer.Option(help="Received at the single contact, § 71b VwVfG.")] = None,
    basis: Annotated[str, typer.Option(help="The provision that sets the length, for the file.")] = "",
    as_json: Json = False,
) -> None:
    """Computes one deadline and says how: rule, start, length, and why it moved."""
    from services.router.deadlines import Question

    question = Question(
        land=land,
        starts=starts,
        length=length,
        before=before,
        fixed=fixed,
        counting=counting.value,
        clear=clear,
        suspended=tuple(suspended or ()),
        restart=restart,
        extended=extended,
        via_single_contact=via is Via.SINGLE_CONTACT,
        basis=basis,
    )
    answer = _answer(question)
    emit(answer) if as_json else _print(answer)


@app.command()
def benefit(
    received: Annotated[str, typer.Option(help="Day or instant of receipt, Berlin time: 2026-08-31T23:59:59.")],
    *,
    as_json: Json = False,
) -> None:
    """Says from which day a housing benefit is paid: the first of the month of application (§ 25 Abs. 2 WoGG)."""
    from services.router.deadlines.explain import benefit as since

    answer = _told(lambda: since(received))
    emit({"date": answer["date"], "derivation": answer["derivation"]}) if as_json else _print(answer)


def _answer(question: "Question") -> dict[str, Any]:
    from services.router.deadlines import explain as explained

    return _told(lambda: explained(question))


def _told(compute: "Callable[[], Computed]") -> dict[str, Any]:
    from services.router.deadlines import as_data

    try:
        return as_data(compute())
    except Rejected as rejected:
        report(rejected.problems)
        raise typer.Exit(ExitCode.USAGE) from None


def _print(computed: dict[str, Any]) -> None:
    console = out()
    console.print(computed["date"])
    for number, (german, english) in enumerate(zip(computed["derivation"], computed["derivation_en"], strict=True), 1):
        console.print(f"{number}. {german}\n   {english}")
