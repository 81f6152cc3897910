"""Processes: what one machine runs, each with its slot and the port on which it tells of itself."""

import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from services.runtime.child import Command
    from services.runtime.settings import Settings


class Service(StrEnum):
    """What `laufzettel run` can run, in the order of the admin ports."""

    INTAKE = "intake"
    IMPORTER = "importer"
    ROUTER = "router"


class Overseer(StrEnum):
    """What keeps other processes running, in the order of the admin ports, behind all routers that there can be."""

    UP = "up"
    BROKER = "broker"


@dataclass(frozen=True, slots=True)
class Process:
    """One process of the installation."""

    service: Service
    slot: int
    admin_port: int

    @property
    def name(self) -> str:
        """As the supervisor and the logs call it."""
        return f"{self.service}-{self.slot}" if self.service is Service.ROUTER else str(self.service)

    def command(self, environ: Mapping[str, str], logs: Path | None = None) -> "Command":
        """How to start it; ``logs`` is a folder for its output, which otherwise goes where ours goes."""
        from services.runtime.child import Command

        argv = [sys.executable, "-m", "services.cli", "run", str(self.service), "--slot", str(self.slot)]
        return Command(argv, environ, output=logs / f"{self.name}.log" if logs else None)


def process(settings: "Settings", service: Service, slot: int = 0) -> Process:
    """One process; intake and importer have the first two admin ports, the routers those after them."""
    place = {Service.INTAKE: 0, Service.IMPORTER: 1, Service.ROUTER: 2 + slot}[service]
    return Process(service, slot, settings.admin_port + place)


def processes(settings: "Settings") -> Iterator[Process]:
    """All of them."""
    yield process(settings, Service.INTAKE)
    yield process(settings, Service.IMPORTER)
    for slot in range(settings.routers):
        yield process(settings, Service.ROUTER, slot)


def overseer_port(settings: "Settings", overseer: Overseer) -> int:
    """Where a supervisor tells of its slots."""
    from services.runtime.settings import ADMIN_PORTS

    return settings.admin_port + ADMIN_PORTS - len(Overseer) + list(Overseer).index(overseer)
