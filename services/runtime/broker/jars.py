"""Jars: Kafka's own, by pinned coordinates and SHA-256, in the user's cache folder.

jars.txt holds what kafka_2.13 needs at runtime (all of its dependencies without scala-reflect, which only
compilers use) and log4j-slf4j-impl, without which Kafka's log would be thrown away.
"""

import errno
from collections.abc import Iterable
from importlib.resources import files
from pathlib import Path

from schemas.errors import Misconfigured, Problem
from services.runtime.broker.download import Jar, Progress, fetch_all, is_whole


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
        missing = [jar for jar in wanted if not is_whole(cache / jar.filename, jar)]
        if missing:
            fetch_all(missing, cache, progress)
    except OSError as error:
        raise Misconfigured(_storage_problem(error, cache)) from error
    return [cache / jar.filename for jar in wanted]


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
