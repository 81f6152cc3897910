"""Addresses: what there is to look at, for a person who has just started it."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from services.commands.processes import processes

if TYPE_CHECKING:
    from services.runtime.settings import Settings


def addresses(settings: "Settings") -> Iterator[tuple[str, str]]:
    """What it is, and where."""
    intake = f"http://{settings.host}:{settings.intake_port}"
    yield "submissions", f"{intake}/api/v1/submissions"
    yield "API description", f"{intake}/api/v1/docs"
    yield "OpenAPI 3.1", f"{intake}/api/v1/openapi.json"
    for process in processes(settings):
        admin = f"http://{settings.host}:{process.admin_port}"
        yield f"{process.name}: metrics, health", f"{admin}/metrics  /readyz  /livez"
    yield "hot folder", str(settings.inbox)
    yield "Kafka", settings.bootstrap
