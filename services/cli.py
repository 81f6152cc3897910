"""The command line, and the composition root: the one place where every part is known."""

import sys
from collections.abc import Callable

import typer

from schemas.errors import Misconfigured, Rejected, Unavailable
from services.commands import (
    balance,
    broker,
    case,
    check,
    dead_letters,
    deadline,
    demo,
    doctor,
    import_,
    lag,
    portals,
    recipe,
    run,
    settings,
    submit,
    topics,
    trace,
    up,
    version,
)
from services.commands.terminal import EXIT_CODES, code_of, report
from services.runtime.exit_codes import ExitCode

app = typer.Typer(
    name="laufzettel",
    help="Laufzettel: the routing slip of a municipality, from portal and legacy file to every department.",
    epilog=EXIT_CODES,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    rich_markup_mode=None,
)

COMMANDS: dict[str, Callable[..., None]] = {
    "check": check.check,
    "demo": demo.demo,
    "up": up.up,
    "run": run.run,
    "broker": broker.broker,
    "submit": submit.submit,
    "import": import_.import_,
    "trace": trace.trace,
    "lag": lag.lag,
    "balance": balance.balance,
    "doctor": doctor.doctor,
    "settings": settings.settings,
    "version": version.version,
}
GROUPS = {
    "case": case.app,
    "recipe": recipe.app,
    "topics": topics.app,
    "dead-letters": dead_letters.app,
    "portals": portals.app,
    "deadline": deadline.app,
}
for name, command in COMMANDS.items():
    app.command(name)(command)
for name, group in GROUPS.items():
    app.add_typer(group, name=name)


def main() -> None:
    """Runs the command line; what a person can mend is told without a traceback."""
    try:
        app()
    except (Misconfigured, Rejected, Unavailable) as error:
        report(error.problems)
        sys.exit(code_of(error))
    except BrokenPipeError:
        # The reader of our output has seen enough, as in `laufzettel … | head`.
        sys.stderr.close()
        sys.exit(ExitCode.OK)


if __name__ == "__main__":
    main()
