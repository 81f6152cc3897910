"""Classes: archives of loaded and verified classes, which the JVM maps instead of loading them again.

Java's own classes come with most distributions, but not with a runtime made by jlink; those of Kafka are written by
the first broker that ends cleanly. With both a broker starts in a third of the time.
"""

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

from services.runtime.broker.java import Java


@dataclass(frozen=True, slots=True)
class Classes:
    """Where the archives of one Java with one set of jars are."""

    base: Path | None
    kafka: Path

    @property
    def options(self) -> tuple[str, ...]:
        """For a program that takes what is there."""
        return self._shared(self.kafka) if self.kafka.exists() else self._base

    @property
    def learning(self) -> tuple[str, ...]:
        """For a program that shall leave its classes, when it ends, to ``keep``."""
        return self.options if self.kafka.exists() else (*self._base, f"-XX:ArchiveClassesAtExit={self._draft}")

    def keep(self, *, whole: bool) -> None:
        """To be called when a learning program has ended; ``whole`` when it did so by itself."""
        if whole and self._draft.exists():
            self._draft.replace(self.kafka)
        self._draft.unlink(missing_ok=True)

    @property
    def _base(self) -> tuple[str, ...]:
        return self._shared(self.base) if self.base is not None and self.base.exists() else ()

    @property
    def _draft(self) -> Path:
        return self.kafka.with_suffix(f".{os.getpid()}.draft")

    @staticmethod
    def _shared(archive: Path) -> tuple[str, ...]:
        return (f"-XX:SharedArchiveFile={archive}", "-Xshare:auto")


def find_classes(java: Java, cache: Path, mark: str) -> Classes:
    """The archives below ``cache``; ``mark`` differs with Java and jars. Makes the one of Java's own if need be."""
    kafka = cache / f"kafka-{mark}.jsa"
    if java.has_classes or kafka.exists():
        return Classes(None, kafka)
    base = cache / f"java-{mark}.jsa"
    if not base.exists():
        _dump(java, base)
    return Classes(base, kafka)


def _dump(java: Java, base: Path) -> None:
    """Failing only means starting more slowly."""
    draft = base.with_suffix(f".{os.getpid()}.draft")
    argv = [str(java.executable), "-Xshare:dump", f"-XX:SharedArchiveFile={draft}"]
    done = subprocess.run(argv, capture_output=True, stdin=subprocess.DEVNULL, check=False)  # noqa: S603 - own command
    if done.returncode == 0 and draft.exists():
        draft.replace(base)
    draft.unlink(missing_ok=True)
