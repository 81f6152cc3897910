"""Exit codes: what a process says with its last breath; from 64 on they follow sysexits.h."""

from enum import IntEnum
from typing import Self

from schemas.errors import Misconfigured, Unavailable


class ExitCode(IntEnum):
    """Each with what the supervisor, or the person, does next."""

    OK = 0, "done, or stopped as asked", "erledigt, oder wie gewünscht beendet"
    FINDING = 1, "a check found something; it is printed", "eine Prüfung hat etwas gefunden; es steht in der Ausgabe"
    USAGE = 2, "the command line is wrong", "die Befehlszeile ist falsch"
    UNAVAILABLE = 69, "the other side is away: try again later", "die Gegenseite fehlt: später noch einmal"
    INTERNAL = 70, "a bug, or fenced by a successor: restart", "ein Fehler, oder abgelöst: neu starten"
    RESTART_LIMIT = 75, "a process ended again and again: read its log", "ein Prozess endete immer wieder: Log lesen"
    MISCONFIGURED = 78, "the installation is wrong: mend it first", "die Einrichtung stimmt nicht: erst beheben"
    INTERRUPTED = 130, "stopped by Ctrl-C", "mit Strg-C beendet"

    meaning: str
    meaning_de: str

    def __new__(cls, code: int, meaning: str, meaning_de: str) -> Self:
        """An int that carries its meaning."""
        member = int.__new__(cls, code)
        member._value_ = code
        member.meaning = meaning
        member.meaning_de = meaning_de
        return member


FINAL = frozenset({ExitCode.USAGE, ExitCode.MISCONFIGURED})
"""Codes after which starting the same process again cannot help."""


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
