"""Failure: why a broker ended, told in one sentence from what it wrote."""

from collections.abc import Sequence
from pathlib import Path

from schemas.errors import Misconfigured, Problem
from services.runtime.broker.folder import Folder

Known = tuple[tuple[str, ...], str, str]
"""What Kafka writes of it, and the sentence in German and English."""

_FULL: tuple[Known, ...] = (
    (
        ("No space left on device", "Disk quota exceeded"),
        "Der Datenträger ist voll. Abhilfe: Platz schaffen oder LAUFZETTEL_DATA_DIR auf einen anderen setzen.",
        "The disk is full. Remedy: make room, or set LAUFZETTEL_DATA_DIR to another one.",
    ),
)
_LASTING: tuple[Known, ...] = (
    (
        ("Permission denied", "AccessDenied", "Read-only file system"),
        "Der Datenordner ist nicht beschreibbar. Abhilfe: Rechte ändern oder LAUFZETTEL_DATA_DIR setzen.",
        "The data folder cannot be written. Remedy: change its permissions, or set LAUFZETTEL_DATA_DIR.",
    ),
    (
        ("Failed to acquire lock",),
        "In diesem Ordner läuft schon ein Broker. Abhilfe: den anderen beenden oder LAUFZETTEL_DATA_DIR setzen.",
        "A broker is already running on this folder. Remedy: stop the other one, or set LAUFZETTEL_DATA_DIR.",
    ),
)
_PASSING: tuple[Known, ...] = (
    (
        ("OutOfMemory", "Could not reserve enough space", "Cannot allocate memory"),
        "Der Speicher reicht nicht. Abhilfe: 400 MB freimachen.",
        "There is not enough memory. Remedy: free 400 MB.",
    ),
)
_TAIL_BYTES = 64 * 1024


def disk_problem(folder: Folder) -> Problem | None:
    """The disk, when it is the reason; somebody may make room at any moment."""
    return _known(folder, _tail(folder), _FULL)


def lasting_problem(folder: Folder, port: int) -> Problem | None:
    """The reason when it is one that another start on the same ``port`` would meet again."""
    return _known(folder, _tail(folder), _lasting(port))


def explain(folder: Folder, code: int, port: int | None = None) -> Misconfigured:
    """The reason when it is a known one, otherwise the last error that Kafka wrote, and where to read more."""
    text = _tail(folder)
    if (known := _known(folder, text, _FULL + _lasting(port) + _PASSING)) is not None:
        return Misconfigured(known)
    last = next((line for line in reversed(text.splitlines()) if " ERROR " in line or " FATAL " in line), "")
    return Misconfigured(
        Problem(
            str(folder.root),
            f"Kafka endete beim Start mit Code {code}. {last} Mehr steht in {folder.log} und {folder.console}.",
            f"Kafka ended during start with code {code}. {last} More in {folder.log} and {folder.console}.",
        )
    )


def _lasting(port: int | None) -> tuple[Known, ...]:
    """Of ports only the broker's own: the controller's is another one at each start."""
    taken = (
        (f":{port}: Address already in use",),
        "Der Port des Brokers ist belegt. Abhilfe: LAUFZETTEL_BROKER_PORT auf einen freien Port setzen.",
        "The broker's port is taken. Remedy: set LAUFZETTEL_BROKER_PORT to a free port.",
    )
    return (taken, *_LASTING)


def _known(folder: Folder, text: str, table: Sequence[Known]) -> Problem | None:
    found = ((german, english) for signs, german, english in table if any(sign in text for sign in signs))
    return next((Problem(str(folder.root), german, english) for german, english in found), None)


def _tail(folder: Folder) -> str:
    return "\n".join(_end_of(path) for path in (folder.console, folder.log) if path.exists())


def _end_of(path: Path) -> str:
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - _TAIL_BYTES))
        return file.read().decode("utf-8", errors="replace")
