"""laufzettel version: what is installed here."""

import platform

from services.commands.terminal import Json, emit, out


def version(as_json: Json = False) -> None:
    """Prints the version of Laufzettel, of Python and of the Kafka that it brings."""
    from importlib.metadata import PackageNotFoundError
    from importlib.metadata import version as installed

    from services.runtime.broker.jars import pinned

    try:
        own = installed("laufzettel")
    except PackageNotFoundError:
        own = "not installed"
    kafka = next(jar.version for jar in pinned() if jar.artifact.startswith("kafka_"))
    found = {"laufzettel": own, "python": platform.python_version(), "kafka": kafka}
    if as_json:
        emit(found)
        return
    for name, number in found.items():
        out().print(f"{name} {number}")
