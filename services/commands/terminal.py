"""Terminal: data on stdout, everything said to a person on stderr; plain when nobody looks."""

import os
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Annotated, Any

import typer

from schemas.errors import Problem, Rejected
from services.runtime.exit_codes import MEANINGS, ExitCode, exit_code_of

if TYPE_CHECKING:
    from rich.console import Console

Json = Annotated[bool, typer.Option("--json", help="For machines: one JSON document; of a list, one a line.")]
By = Annotated[str, typer.Option("--by", envvar=["LAUFZETTEL_OPERATOR", "USER"], help="Who does it; it is kept.")]

_ANY_WIDTH = 100_000

EXIT_CODES = "Exit codes: " + "; ".join(f"{code.value} {meaning[1]}" for code, meaning in MEANINGS.items()) + "."
"""The last words of ``laufzettel --help``."""


@cache
def out() -> "Console":
    """Where data goes."""
    from rich.console import Console

    return Console(highlight=False, markup=False, soft_wrap=not sys.stdout.isatty())


@cache
def err() -> "Console":
    """Where messages go."""
    from rich.console import Console

    return Console(stderr=True, highlight=False, markup=False, soft_wrap=not sys.stderr.isatty())


def printable(text: object) -> str:
    """The text without anything that could steer a terminal."""
    return "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in str(text))


def emit(document: Mapping[str, Any]) -> None:
    """One JSON document on one line of stdout."""
    import orjson

    sys.stdout.write(orjson.dumps(document, default=str).decode() + "\n")


def emit_or_table(as_json: bool, rows: Iterable[Mapping[str, Any]], columns: Sequence[str], empty: str) -> None:
    """Rows as JSON lines or as a table; ``empty`` is said when there are none."""
    if as_json:
        for row in rows:
            emit(row)
        return
    listed = list(rows)
    if not listed:
        say(empty)
        return
    table(columns, [[row.get(column, "") for column in columns] for row in listed])


def table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """A table on stdout; every cell is plain text, whatever it holds."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    drawn = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for column in columns:
        drawn.add_column(column.replace("_", " "), overflow="fold")
    for row in rows:
        drawn.add_row(*(Text(printable("" if cell is None else cell)) for cell in row))
    console = out()
    if console.is_terminal:
        console.print(drawn)
        return
    # A pipe has no width: nothing is to be cut, folded or padded there.
    console.width = _ANY_WIDTH
    with console.capture() as capture:
        console.print(drawn)
    sys.stdout.write("".join(f"{line.rstrip()}\n" for line in capture.get().splitlines() if line.strip()))


def say(text: str) -> None:
    """A sentence to the person, on stderr."""
    err().print(text)


def own_settings(environ: Mapping[str, str] = os.environ) -> dict[str, str]:
    """The environment without what only the command line reads."""
    return {name: value for name, value in environ.items() if name not in {"LAUFZETTEL_API_KEY", "LAUFZETTEL_OPERATOR"}}


def speaks_german(environ: Mapping[str, str] = os.environ) -> bool:
    """Whether the terminal's language is German."""
    language = next((environ[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if environ.get(name)), "")
    return language.lower().startswith("de")


def words(problem: Problem) -> str:
    """The problem in the language of the person, with its place in front."""
    text = problem.text if speaks_german() or not problem.text_en else problem.text_en
    return printable(f"{problem.where}: {text}" if problem.where else text)


def report(problems: Iterable[Problem]) -> None:
    """All problems on stderr, one a line."""
    for problem in problems:
        err().print(words(problem))


def code_of(error: BaseException) -> ExitCode:
    """What the command line answers; what was handed in and is bad counts as a finding."""
    return ExitCode.FINDING if isinstance(error, Rejected) else exit_code_of(error)


def found(is_fine: bool) -> None:
    """Ends the command with 1 when a check has found something."""
    if not is_fine:
        raise typer.Exit(ExitCode.FINDING)


def needed(text: str, option: str) -> str:
    """The text, or a usage error that names the option."""
    if not text.strip():
        raise typer.BadParameter("must not be empty", param_hint=option)
    return text.strip()


class Counter:
    """Progress of something that takes a while: a bar on a terminal, silence elsewhere."""

    def __init__(self, advance: Any) -> None:  # noqa: ANN401 - rich's bound method or a function
        self._advance = advance

    def __call__(self, done: int, total: int | None = None) -> None:
        """How far it is, and of how much where that is known."""
        self._advance(done, total)


@contextmanager
def progress(what: str) -> Iterator[Counter]:
    """A bar on stderr while the block runs; nothing when stderr is no terminal."""
    if not sys.stderr.isatty():
        yield Counter(lambda _done, _total: None)
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=err(), transient=True) as bar:
        task = bar.add_task(what, total=None)
        yield Counter(lambda done, total: bar.update(task, completed=done, total=total))
