"""JVM: the command lines of Kafka's programs."""

import hashlib
import os
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import as_file, files
from pathlib import Path

from services.runtime.broker.classes import Classes, find_classes
from services.runtime.broker.download import Progress
from services.runtime.broker.jars import pinned, provide
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
    classes: Classes

    def broker(self, properties: Path, log: Path) -> list[str]:
        """The command of a broker, which leaves its classes to later ones if none has yet."""
        return self._argv(self.classes.learning, log, "kafka.Kafka", str(properties))

    def controller(self, properties: Path, log: Path) -> list[str]:
        """The command of a controller without a broker."""
        return self._argv(self.classes.options, log, "kafka.Kafka", str(properties))

    def storage_tool(self, *arguments: str, log: Path) -> list[str]:
        """The command of the program that formats data folders."""
        return self._argv(self.classes.options, log, "kafka.tools.StorageTool", *arguments)

    def _argv(self, classes: Sequence[str], log: Path, *program: str) -> list[str]:
        with as_file(files(__package__).joinpath("log4j2.xml")) as log4j2:
            logging = (f"-Dlog4j2.configurationFile={log4j2}", f"-Dlaufzettel.log={log}")
        class_path = os.pathsep.join(map(str, self.jars))
        return [str(self.java.executable), *_OPTIONS, *logging, *classes, "-cp", class_path, *program]


def find_kafka(cache: Path, progress: Progress) -> Kafka:
    """A suitable Java, and all jars, fetched if need be."""
    java = find_java()
    jars = tuple(provide(pinned(), cache / "kafka", progress))
    # The JVM itself refuses an archive made by another build or from other jars; the name only avoids the attempt.
    mark = hashlib.sha256("\n".join([java.build, *map(str, jars)]).encode()).hexdigest()[:12]
    return Kafka(java, jars, find_classes(java, cache, mark))
