"""JVM: the command line of a Kafka program, with the classes of an earlier run shared where there is an archive."""

import hashlib
import os
from dataclasses import dataclass
from importlib.resources import as_file, files
from pathlib import Path

from services.runtime.broker.jars import Progress, pinned, provide
from services.runtime.broker.java import Java, find_java

# Serial collector and first-tier compiler: half the memory and a third of the start-up time of the defaults,
# and more than a broker needs that serves one machine.
_OPTIONS = (
    "-Xms64m",
    "-Xmx256m",
    "-XX:+UseSerialGC",
    "-XX:TieredStopAtLevel=1",
    "-XX:-UsePerfData",
    "-XX:+ExitOnOutOfMemoryError",
    "-Xlog:disable",
    "-Xlog:all=error:stderr",
    "-Djava.awt.headless=true",
    "-Dlog4j2.disableJmx=true",
)


@dataclass(frozen=True, slots=True)
class Kafka:
    """Kafka's programs, ready to be run."""

    java: Java
    jars: tuple[Path, ...]
    archive: Path

    def argv(self, main: str, *arguments: str, log: Path, train: Path | None = None) -> list[str]:
        """The command; ``train`` names the file to which the JVM writes at its end which classes it has used."""
        with as_file(files(__package__).joinpath("log4j2.xml")) as log4j2:
            logging = (f"-Dlog4j2.configurationFile={log4j2}", f"-Dlaufzettel.log={log}")
        classes = (f"-XX:ArchiveClassesAtExit={train}",) if train else self._shared()
        class_path = os.pathsep.join(map(str, self.jars))
        return [str(self.java.executable), *_OPTIONS, *logging, *classes, "-cp", class_path, main, *arguments]

    @property
    def is_trained(self) -> bool:
        """Whether a run of this Java with these jars has left its classes: starting takes half the time then."""
        return self.archive.exists()

    def _shared(self) -> tuple[str, ...]:
        return (f"-XX:SharedArchiveFile={self.archive}", "-Xshare:auto") if self.is_trained else ()


def find_kafka(cache: Path, progress: Progress) -> Kafka:
    """A suitable Java, and all jars, fetched if need be."""
    java = find_java()
    jars = provide(pinned(), cache / "kafka", progress)
    # The JVM itself refuses an archive made by another build or from other jars; the name only avoids the attempt.
    mark = hashlib.sha256("\n".join([java.build, *map(str, jars)]).encode()).hexdigest()[:12]
    return Kafka(java, tuple(jars), cache / f"kafka-{mark}.jsa")
