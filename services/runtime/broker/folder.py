"""Folder: where one broker keeps its data; at most one broker at a time."""

import fcntl
import os
import shutil
import time
from dataclasses import dataclass
from pathlib import Path

from schemas.errors import Misconfigured, Problem, Unavailable
from services.runtime.leash import FIRST_FREE_DESCRIPTOR

_NEEDED_BYTES = 256 * 1024 * 1024
_NEEDED_TO_GO_ON_BYTES = 32 * 1024 * 1024
_GRACE_S = 3.0
_PAUSE_S = 2.0


@dataclass(frozen=True, slots=True)
class Folder:
    """The broker's data folder and the names of what lies in it."""

    root: Path

    @property
    def records(self) -> Path:
        """Kafka's own log directory."""
        return self.root / "records"

    @property
    def properties(self) -> Path:
        """server.properties, written anew at every start."""
        return self.root / "server.properties"

    @property
    def log(self) -> Path:
        """What Kafka reports, WARN and above."""
        return self.root / "kafka.log"

    @property
    def console(self) -> Path:
        """What the JVM itself reports."""
        return self.root / "console.log"

    @property
    def fencing(self) -> Path:
        """What the controller reports while it is alone."""
        return self.root / "fencing.log"

    @property
    def has_crashed(self) -> bool:
        """Whether a broker was here before, and did not stop cleanly."""
        return self.is_formatted and not (self.records / ".kafka_cleanshutdown").exists()

    @property
    def is_formatted(self) -> bool:
        """Whether a broker has been here before."""
        return (self.records / "meta.properties").exists()


def take(root: Path) -> tuple[Folder, int]:
    """The folder and its lock, a descriptor to be handed to the broker: it is held as long as either lives."""
    root = root.absolute()
    try:
        root.mkdir(parents=True, exist_ok=True)
        (root / "records").mkdir(exist_ok=True)
        opened = os.open(root / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise Misconfigured(unwritable(root, error)) from error
    lock = fcntl.fcntl(opened, fcntl.F_DUPFD_CLOEXEC, FIRST_FREE_DESCRIPTOR)
    os.close(opened)
    try:
        _lock(root, lock)
        _require_space(root)
    except BaseException:
        os.close(lock)
        raise
    return Folder(root), lock


def _lock(root: Path, descriptor: int) -> None:
    """Waits a moment, because a broker killed just now may still be on its way out."""
    deadline = time.monotonic() + _GRACE_S
    while True:
        try:
            return fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            if time.monotonic() > deadline:
                raise Misconfigured(_in_use(root)) from error
            time.sleep(0.02)


def _require_space(root: Path) -> None:
    free = shutil.disk_usage(root).free
    if free < _NEEDED_BYTES:
        raise Misconfigured(full(root, free))


def require_some_space(root: Path) -> None:
    """Raises Unavailable while there is too little for a broker that was here before: it can go on when there is."""
    free = shutil.disk_usage(root).free
    if free < _NEEDED_TO_GO_ON_BYTES:
        raise Unavailable(full(root, free, _NEEDED_TO_GO_ON_BYTES), retry_after=_PAUSE_S)


def full(root: Path, free: int, needed: int = _NEEDED_BYTES) -> Problem:
    """The disk has no room for a broker."""
    return Problem(
        str(root),
        f"Der Datenträger ist voll ({free // 2**20} MB frei, {needed // 2**20} MB nötig). Abhilfe: Platz "
        "schaffen oder LAUFZETTEL_DATA_DIR auf einen anderen Datenträger setzen.",
        f"The disk is full ({free // 2**20} MB free, {needed // 2**20} MB needed). Remedy: make room, or set "
        "LAUFZETTEL_DATA_DIR to another disk.",
    )


def _in_use(root: Path) -> Problem:
    return Problem(
        str(root),
        "In diesem Ordner läuft schon ein Broker. Abhilfe: den anderen beenden oder LAUFZETTEL_DATA_DIR auf einen "
        "anderen Ordner setzen.",
        "A broker is already running on this folder. Remedy: stop the other one, or set LAUFZETTEL_DATA_DIR to "
        "another folder.",
    )


def unwritable(root: Path, error: OSError) -> Problem:
    """The folder refuses."""
    return Problem(
        str(root),
        f"Der Datenordner ist nicht beschreibbar ({error.strerror}). Abhilfe: Rechte ändern oder LAUFZETTEL_DATA_DIR "
        "auf einen anderen Ordner setzen.",
        f"The data folder cannot be written ({error.strerror}). Remedy: change its permissions, or set "
        "LAUFZETTEL_DATA_DIR to another folder.",
    )
