"""Folder: the life of a file in a hot folder. Nothing is ever deleted, nothing is ever overwritten.

    <folder>/hunde.csv.part    being written, left alone
    <folder>/hunde.csv         complete when its size rests, or at once when it was renamed from .part or .tmp
    <folder>/work/hunde.csv    taken: whoever writes a new hunde.csv now cannot touch this one
    <folder>/done/hunde.csv    every record is durable; hunde.duplicate-3f9a….csv was the same content again
    <folder>/paused/hunde.csv  put aside, with hunde.csv.why.txt beside it, which says how to go on

The folder is polled: inotify does not fire on the shares (SMB, NFS) on which old systems leave their files.
"""

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from fnmatch import fnmatchcase
from pathlib import Path
from typing import BinaryIO, NamedTuple

from connectors.base import Delivery
from connectors.explanation import explanation
from schemas.errors import Problem, Rejected, Unavailable

UNFINISHED = (".part", ".tmp", ".filepart", ".crdownload", "~")
_BLOCK = 1 << 20
_READ_AHEAD = 1 << 18
_WORK, _DONE, _PAUSED = "work", "done", "paused"
_LONG_AGO = float("-inf")


class _Seen(NamedTuple):
    """How a file looked, and since when it has looked like that."""

    size: int
    changed: int
    since: float


class Folder:
    """One hot folder; all its methods raise Unavailable when the file system refuses."""

    def __init__(self, path: Path, pattern: str, at_rest: float, home: Path | None = None) -> None:
        """``home`` is the installation's own folder: what is below it is made; a share that is away is not.

        ``at_rest`` is in seconds, not in looks: whoever finds something looks again at once.
        """
        self.path = path
        self._home = home if home and path.is_relative_to(home) else None
        self._pattern = pattern
        self._at_rest = at_rest
        self._seen: dict[str, _Seen] = {}
        self._unfinished: dict[int, str] = {}

    def take(self, now: float) -> Delivery | None:
        """The file in ``work/``, else the file that is complete ``now`` and the oldest, moved there."""
        with file_system(self.path):
            if self._home and self._home.is_dir():
                self.path.mkdir(parents=True, exist_ok=True)
            for part in (_WORK, _DONE, _PAUSED):
                (self.path / part).mkdir(exist_ok=True)
            left = sorted(path for path in (self.path / _WORK).glob("[!.]*") if path.is_file())
            return _delivery(left[0], taken_before=True) if left else self._claim_oldest(now)

    def open(self, delivery: Delivery) -> BinaryIO:
        """The taken file, to be read."""
        with file_system(self.path):
            return (self.path / _WORK / delivery.name).open("rb", buffering=_READ_AHEAD)

    def put_away(self, delivery: Delivery, *, duplicate: bool) -> None:
        """To ``done/``; does nothing when it is there already."""
        with file_system(self.path):
            mark = f".duplicate-{delivery.fingerprint[:12]}" if duplicate else ""
            self._move(delivery, _DONE, mark)

    def put_aside(self, delivery: Delivery, why: Rejected) -> None:
        """To ``paused/``, with the explanation beside it."""
        with file_system(self.path):
            path = self._move(delivery, _PAUSED, "") or self.path / _PAUSED / delivery.name
            resumable = _delivery(path, taken_before=True).fingerprint == delivery.fingerprint
            text = explanation(why, resumable=resumable)
            path.with_name(f"{path.name}.why.txt").write_text(text, encoding="utf-8")

    def _claim_oldest(self, now: float) -> Delivery | None:
        refused: PermissionError | None = None
        for path in self._complete(now):
            try:
                path.open("rb").close()  # unreadable is told before the file is moved, and holds up no other file
                return _delivery(path.rename(_free(self.path / _WORK / path.name)), taken_before=False)
            except FileNotFoundError:
                continue  # somebody has taken it back
            except PermissionError as error:
                refused = error
        if refused:
            raise refused
        return None

    def _complete(self, now: float) -> list[Path]:
        """The complete files, oldest first."""
        found = _files(self.path)
        candidates = {
            name: status
            for name, status in found.items()
            if fnmatchcase(name, self._pattern) and not name.endswith(UNFINISHED)
        }
        self._seen = {name: self._look(name, status, now) for name, status in candidates.items()}
        self._unfinished = {status.st_ino: name for name, status in found.items() if name.endswith(UNFINISHED)}
        ready = [name for name, seen in self._seen.items() if now - seen.since >= self._at_rest]
        return [self.path / name for name in sorted(ready, key=lambda name: (candidates[name].st_mtime_ns, name))]

    def _look(self, name: str, status: os.stat_result, now: float) -> _Seen:
        before = self._seen.get(name)
        if before is not None and before[:2] == (status.st_size, status.st_mtime_ns):
            return before
        renamed = self._unfinished.get(status.st_ino, "").startswith(name)
        return _Seen(status.st_size, status.st_mtime_ns, _LONG_AGO if renamed else now)

    def _move(self, delivery: Delivery, part: str, mark: str) -> Path | None:
        path = self.path / _WORK / delivery.name
        if not path.exists():
            (self.path / part).stat()  # a file that is no longer there is moved; a share that is not there is away
            return None
        return path.rename(_free(self.path / part / f"{path.stem}{mark}{path.suffix}"))


def _files(folder: Path) -> dict[str, os.stat_result]:
    """The files there are, without links and hidden ones; those that go while we look are not there."""
    found = {}
    with os.scandir(folder) as entries:
        for entry in entries:
            with suppress(FileNotFoundError):
                if entry.is_file(follow_symlinks=False) and not entry.name.startswith("."):
                    found[entry.name] = entry.stat()
    return found


def deliver(path: Path) -> Delivery:
    """A single file where it lies, with the fingerprint of its content."""
    with file_system(path):
        return _delivery(path, taken_before=False)


def _delivery(path: Path, *, taken_before: bool) -> Delivery:
    digest = hashlib.sha256()
    size = 0
    with path.open("rb") as stream:
        while block := stream.read(_BLOCK):
            digest.update(block)
            size += len(block)
    return Delivery(path.name, digest.hexdigest()[:32], size, taken_before)


def _free(path: Path) -> Path:
    """The path, or the next one with a number that is not taken; one process at a time owns the folder."""
    number = 2
    free = path
    while free.exists():
        free = path.with_name(f"{path.stem}-{number}{path.suffix}")
        number += 1
    return free


@contextmanager
def file_system(path: Path) -> Iterator[None]:
    """Says Unavailable, with what to look at, where the file system refuses."""
    try:
        yield
    except OSError as error:
        place, reason = str(error.filename or path), error.strerror or type(error).__name__
        german = f"Nicht zugänglich ({reason}). Abhilfe: Freigabe, Rechte und freien Platz prüfen."
        raise Unavailable(
            Problem(place, german, f"not accessible ({reason}); remedy: check share, rights and free space")
        ) from error
