"""Download: jars from Maven Central, several at once; whoever waits for it may break it off at any moment."""

import errno
import hashlib
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, wait
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import BoundedSemaphore, Event, Lock, Thread

from schemas.errors import Problem, Unavailable

Progress = Callable[[str, int, int], None]
"""Called several times a second with what is going on, how many steps are done, and of how many.

What it raises breaks the download off.
"""

_AT_ONCE = 8
_TIMEOUT_S = 30
_LOOK_S = 0.2
_FAREWELL_S = 1.0
_INCOMING = "incoming-"
_ABANDONED_S = 86_400
"""No download takes a day: what is older was left by a process that was killed."""


@dataclass(frozen=True, slots=True)
class Jar:
    """Maven coordinates and the only content accepted under them."""

    group: str
    artifact: str
    version: str
    sha256: str

    @property
    def filename(self) -> str:
        """As in the repository, so that a person recognises it."""
        return f"{self.artifact}-{self.version}.jar"


def is_whole(path: Path, jar: Jar) -> bool:
    """Whether the file holds exactly what is pinned."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest() == jar.sha256
    except FileNotFoundError:
        return False


def fetch_all(missing: list[Jar], cache: Path, progress: Progress) -> None:
    """Each jar is moved into place by itself, so that an interrupted download goes on where it stopped."""
    _sweep(cache)
    incoming = Path(tempfile.mkdtemp(prefix=_INCOMING, dir=cache))
    download = _Download(incoming, cache)
    pending = {_in_background(lambda jar=jar: download.fetch(jar)) for jar in missing}  # type: ignore[misc]
    try:
        while pending:
            progress(download.summary(), len(missing) - len(pending), len(missing))
            done, pending = wait(pending, timeout=_LOOK_S, return_when=FIRST_COMPLETED)
            for future in done:
                future.result()
        progress(download.summary(), len(missing), len(missing))
    finally:
        download.over.set()
        wait(pending, timeout=_FAREWELL_S)
        shutil.rmtree(incoming, ignore_errors=True)


def _sweep(cache: Path) -> None:
    oldest = time.time() - _ABANDONED_S
    for left in cache.glob(f"{_INCOMING}*"):
        if left.stat().st_mtime < oldest:
            shutil.rmtree(left, ignore_errors=True)


def _in_background(work: Callable[[], None]) -> Future[None]:
    """Unlike those of a pool, the thread does not keep the process from ending while a network is silent."""
    future: Future[None] = Future()

    def run() -> None:
        try:
            work()
            future.set_result(None)
        except BaseException as error:  # noqa: BLE001 - handed to whoever asks for the result
            future.set_exception(error)

    Thread(target=run, name="jars", daemon=True).start()
    return future


class _OverError(Exception):
    pass


class _Download:
    """What the threads of one download share."""

    def __init__(self, incoming: Path, cache: Path) -> None:
        self.over = Event()
        self._incoming = incoming
        self._cache = cache
        self._places = BoundedSemaphore(_AT_ONCE)
        self._count = Lock()
        self._received = 0

    def summary(self) -> str:
        """What is going on, in megabytes: one jar of many may be a quarter of all."""
        return f"Kafka, {self._received / 1e6:.1f} MB"

    def fetch(self, jar: Jar) -> None:
        """One jar, as soon as it is its turn."""
        with self._places:
            if self.over.is_set():
                raise _OverError
            path = self._resolve(jar)
        if not is_whole(path, jar):
            raise Unavailable(_content_problem(jar))
        path.replace(self._cache / jar.filename)

    def _resolve(self, jar: Jar) -> Path:
        from jgo.maven import MavenContext, PythonResolver
        from requests import RequestException

        resolver = PythonResolver(progress_callback=self._counting)
        context = MavenContext(repo_cache=self._incoming, resolver=resolver, timeout=_TIMEOUT_S)
        try:
            return context.project(jar.group, jar.artifact).at_version(jar.version).artifact().resolve()
        except (RequestException, RuntimeError) as error:
            if (cause := _os_error(error)) is not None:
                raise cause from error
            raise Unavailable(_download_problem(jar)) from error

    @contextmanager
    def _counting(self, _name: str, _size: int) -> Iterator[Callable[[int], None]]:
        def count(size: int) -> None:
            if self.over.is_set():
                raise _OverError
            with self._count:
                self._received += size

        yield count


def _os_error(error: BaseException) -> OSError | None:
    """A full disk is no failed download, though requests, itself an OSError, may wrap it."""
    found: BaseException | None = error
    while found is not None:
        if isinstance(found, OSError) and found.errno in {errno.ENOSPC, errno.EDQUOT}:
            return found
        found = found.__cause__ or found.__context__
    return None


def _download_problem(jar: Jar) -> Problem:
    return Problem(
        "kafka",
        f"{jar.filename} konnte nicht heruntergeladen werden. Abhilfe: Netz und Proxy (HTTPS_PROXY) prüfen und "
        "noch einmal starten; was schon da ist, bleibt.",
        f"{jar.filename} could not be downloaded. Remedy: check the network and the proxy (HTTPS_PROXY) and start "
        "again; what has arrived is kept.",
    )


def _content_problem(jar: Jar) -> Problem:
    return Problem(
        "kafka",
        f"{jar.filename} kam anders an als erwartet (SHA-256). Abhilfe: noch einmal starten; bleibt es dabei, "
        "verändert ein Proxy die Datei.",
        f"{jar.filename} arrived with another content than expected (SHA-256). Remedy: start again; if it stays so, "
        "a proxy changes the file.",
    )
