"""Exit codes: what a process says with its last breath; from 64 on they follow sysexits.h."""

from collections.abc import Mapping
from enum import IntEnum

from schemas.errors import Misconfigured, Unavailable


class ExitCode(IntEnum):
    """What a process reports to its supervisor, a script or a person."""

    OK = 0
    FINDING = 1
    USAGE = 2
    DEAD_LETTERS = 65
    UNAVAILABLE = 69
    INTERNAL = 70
    RESTART_LIMIT = 75
    MISCONFIGURED = 78
    INTERRUPTED = 130


MEANINGS: Mapping[ExitCode, tuple[str, str]] = {
    ExitCode.OK: ("erledigt, oder wie gewünscht beendet", "done, or stopped as asked"),
    ExitCode.FINDING: (
        "eine Prüfung hat etwas gefunden; es steht in der Ausgabe",
        "a check found something; it is printed",
    ),
    ExitCode.USAGE: ("die Befehlszeile ist falsch", "the command line is wrong"),
    ExitCode.DEAD_LETTERS: (
        "zu vieles ist unzustellbar: erst ansehen",
        "too much goes to the dead letters: look first",
    ),
    ExitCode.UNAVAILABLE: ("die Gegenseite fehlt: später noch einmal", "the other side is away: try again later"),
    ExitCode.INTERNAL: ("ein Fehler, oder abgelöst: neu starten", "a bug, or fenced by a successor: restart"),
    ExitCode.RESTART_LIMIT: ("endete immer wieder: Log lesen", "ended again and again: read its log"),
    ExitCode.MISCONFIGURED: ("die Einrichtung stimmt nicht: erst beheben", "the installation is wrong: mend it first"),
    ExitCode.INTERRUPTED: ("mit Strg-C beendet", "stopped by Ctrl-C"),
}
"""What to do next, in German and English."""

FINAL = frozenset({ExitCode.USAGE, ExitCode.MISCONFIGURED})
"""Codes after which nothing can run until somebody has changed something."""

HALTING = frozenset({ExitCode.DEAD_LETTERS})
"""Codes after which this one process waits for a person, and the others go on."""


def exit_code_of(error: BaseException) -> ExitCode:
    """The code of a process that this error ends."""
    match error:
        case Misconfigured():
            return ExitCode.MISCONFIGURED
        case Unavailable():
            return ExitCode.UNAVAILABLE
        case KeyboardInterrupt():
            return ExitCode.INTERRUPTED
        case _:
            return ExitCode.INTERNAL
