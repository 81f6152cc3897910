"""Jars: Kafka's own, by pinned coordinates and SHA-256, in the user's cache folder.

jars.txt holds what kafka_2.13 needs at runtime (all of its dependencies without scala-reflect, which only
compilers use) and log4j-slf4j-impl, without which Kafka's log would be thrown away.
"""

import errno
import hashlib
import shutil
import tempfile
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from schemas.errors import Misconfigured, Problem, Unavailable

Progress = Callable[[str, int, int], None]
"""Called with what is going on, how many steps are done, and of how many."""

_THREADS = 8
_TIMEOUT_S = 30


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


def pinned() -> tuple[Jar, ...]:
    """The jars of jars.txt, in class path order."""
    lines = files(__package__).joinpath("jars.txt").read_text(encoding="ascii").splitlines()
    return tuple(_parse(line) for line in lines)


def _parse(line: str) -> Jar:
    coordinates, sha256 = line.split()
    group, artifact, version = coordinates.split(":")
    return Jar(group, artifact, version, sha256)


def provide(jars: Iterable[Jar], cache: Path, progress: Progress) -> list[Path]:
    """Paths of all jars in ``cache``; fetches what is missing or damaged and keeps what is whole."""
    wanted = tuple(jars)
    try:
        cache.mkdir(parents=True, exist_ok=True)
        missing = [jar for jar in wanted if not _is_whole(cache / jar.filename, jar)]
        if missing:
            _fetch_all(missing, cache, progress)
    except OSError as error:
        raise Misconfigured(_storage_problem(error, cache)) from error
    return [cache / jar.filename for jar in wanted]


def _is_whole(path: Path, jar: Jar) -> bool:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest() == jar.sha256
    except FileNotFoundError:
        return False


def _fetch_all(missing: list[Jar], cache: Path, progress: Progress) -> None:
    """Each jar is moved into place by itself, so that an interrupted download goes on where it stopped."""
    incoming = Path(tempfile.mkdtemp(prefix="incoming-", dir=cache))
    pool = ThreadPoolExecutor(_THREADS, thread_name_prefix="jars")
    try:
        progress("Kafka", 0, len(missing))
        pending = [pool.submit(_fetch, jar, incoming, cache) for jar in missing]
        for done, future in enumerate(as_completed(pending), start=1):
            future.result()
            progress("Kafka", done, len(missing))
    finally:
        pool.shutdown(cancel_futures=True)
        shutil.rmtree(incoming, ignore_errors=True)


def _fetch(jar: Jar, incoming: Path, cache: Path) -> None:
    from jgo.maven import MavenContext
    from requests import RequestException

    context = MavenContext(repo_cache=incoming, timeout=_TIMEOUT_S)
    try:
        path = context.project(jar.group, jar.artifact).at_version(jar.version).artifact().resolve()
    except (RequestException, RuntimeError) as error:
        if (cause := _os_error(error)) is not None:
            raise cause from error
        raise Unavailable(_download_problem(jar)) from error
    if not _is_whole(path, jar):
        raise Unavailable(_content_problem(jar))
    path.replace(cache / jar.filename)


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


def _storage_problem(error: OSError, cache: Path) -> Problem:
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return Problem(
            str(cache),
            "Der Datenträger ist voll. Abhilfe: 100 MB freimachen oder LAUFZETTEL_CACHE_DIR auf einen anderen setzen.",
            "The disk is full. Remedy: free 100 MB, or set LAUFZETTEL_CACHE_DIR to another disk.",
        )
    return Problem(
        str(cache),
        f"Der Ordner ist nicht beschreibbar ({error.strerror}). Abhilfe: Rechte ändern oder LAUFZETTEL_CACHE_DIR "
        "auf einen anderen Ordner setzen.",
        f"The folder cannot be written ({error.strerror}). Remedy: change its permissions, or set "
        "LAUFZETTEL_CACHE_DIR to another folder.",
    )
