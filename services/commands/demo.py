"""laufzettel demo: a real Kafka, all services, sample applications and files, and the way of each case, live."""

import asyncio
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Annotated

import typer

from schemas.errors import Misconfigured, Problem
from services.commands.installation import Installation
from services.commands.terminal import Json, emit, out, report, say, table
from services.runtime.exit_codes import ExitCode

if TYPE_CHECKING:
    from services.commands.showcase import Result
    from services.runtime.settings import Settings

Once = Annotated[bool, typer.Option("--once", help="End when all samples have arrived: 0 as expected, else 1.")]
Data = Annotated[
    Path | None,
    typer.Option(
        "--data", help="Keep the data in this folder; default: a fresh one below LAUFZETTEL_DATA_DIR, removed."
    ),
]
Samples = Annotated[Path | None, typer.Option("--samples", help="Another folder of samples than deploy/samples.")]
Timeout = Annotated[float, typer.Option("--timeout", min=1, help="Seconds until the samples must have arrived.")]


def demo(
    once: Once = False, data: Data = None, samples: Samples = None, timeout: Timeout = 60.0, as_json: Json = False
) -> None:
    """Shows all of it in a few seconds: applications and legacy files on their way to the right departments.

    Nothing has to be set up. LAUFZETTEL_KAFKA uses an existing cluster instead of the embedded one.
    """
    begun = monotonic()
    with _folder(data, Installation.from_environment().settings) as folder:
        installation = Installation.from_environment(data_dir=folder, inbox_dir=folder / "inbox", portal_keys_file=None)
        code = asyncio.run(_run(installation, samples, timeout, begun, once=once, as_json=as_json))
        if code:
            say(f"Logs and data are kept in {folder}.")
            raise typer.Exit(code)


@contextmanager
def _folder(data: Path | None, settings: "Settings") -> Iterator[Path]:
    """A folder of this demo alone, for it judges only what began empty; after a failure it is kept."""
    if data is not None:
        yield data.absolute()
        return
    fresh = fresh_folder(settings.data_dir if "data_dir" in settings.model_fields_set else None)
    yield fresh
    shutil.rmtree(fresh, ignore_errors=True)


def fresh_folder(parent: Path | None) -> Path:
    """Below ``parent``, or where the system keeps what is temporary."""
    try:
        if parent is not None:
            parent.mkdir(parents=True, exist_ok=True)
        return Path(tempfile.mkdtemp(prefix="laufzettel-demo-", dir=parent))
    except OSError as error:
        german = f"Hier kann kein Ordner angelegt werden ({error.strerror}). Abhilfe: mit --data einen Ordner nennen."
        english = f"No folder can be made here ({error.strerror}). Remedy: name one with --data."
        raise Misconfigured(Problem(str(parent or "TMPDIR"), german, english)) from error


async def _run(
    installation: Installation, samples: Path | None, patience: float, begun: float, *, once: bool, as_json: bool
) -> ExitCode:
    from services.commands.sample import SAMPLES, read_samples
    from services.commands.showcase import Showcase
    from services.runtime.stopping import stop_event

    def show(result: "Result") -> None:
        if as_json:
            emit(result.to_json())
        else:
            _show(result)
        if not once:
            _invite(installation, result)

    showcase = Showcase(installation, read_samples(samples or SAMPLES), begun, quiet=as_json)
    with stop_event() as stop:
        result = await showcase.run(patience, stop, once=once, on_result=show)
    report(result.problems)
    return result.code


def _show(result: "Result") -> None:
    from services.commands.balance import show

    console = out()
    if result.account is not None:
        show(result.account)
    table(("seconds", "what"), [(f"{seconds:.2f}", what) for what, seconds in result.timeline])
    for finding in result.findings:
        console.print(f"missing or wrong: {finding}", style="bold red")
    if not result.findings and result.account is not None:
        console.print(f"{result.samples} samples: every department received exactly what it must, and nothing else.")


def _invite(installation: Installation, result: "Result") -> None:
    """Where to look now, and what to try; messages, not data."""
    from services.commands.addresses import addresses

    for what, where in addresses(installation.settings):
        say(f"{what:26} {where}")
    if result.reference:
        say(f"The way of one case: laufzettel trace {result.reference}")
    say(f"An API key for this demo: {result.api_key}")
    say("Ctrl-C ends it." if sys.stdin.isatty() else "SIGTERM ends it.")
