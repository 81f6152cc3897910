"""Oversight: the admin port of a process that keeps others running."""

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from services.commands.processes import Overseer, overseer_port

if TYPE_CHECKING:
    from services.runtime.settings import Settings
    from services.runtime.slot_watch import SlotWatch


@asynccontextmanager
async def overseen(settings: "Settings", overseer: Overseer, slots: Iterable[str]) -> AsyncIterator["SlotWatch"]:
    """Serves /livez, /readyz and /metrics meanwhile; the watch has to be told what changes."""
    from services.runtime.health import Health, serve_health
    from services.runtime.metrics import process_metrics
    from services.runtime.slot_watch import SlotWatch

    metrics = process_metrics()
    watch = SlotWatch(metrics, slots)
    health = Health(metrics, watch.checks, {})
    port = overseer_port(settings, overseer)
    async with serve_health(health, host=settings.host, port=port, setting="LAUFZETTEL_ADMIN_PORT"):
        yield watch
