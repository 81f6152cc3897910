"""App: one router process: the state machine in the middle, the transactional stage around it."""

import asyncio

from schemas.kochbuch import Kochbuch
from schemas.topics import CASE_REQUESTS, DEAD_LETTERS, ROUTER_STATE
from services.router.processor import STAGE, Router
from services.runtime.health import Check, Health, serve_health
from services.runtime.metrics import Metrics
from services.runtime.settings import Settings
from services.runtime.stage_watch import StageWatch
from services.runtime.transaction.limiter import DeadLetterLimit
from services.runtime.transaction.stage import StageSettings, run_stage

GROUP = "router"


async def run_router(
    settings: Settings, book: Kochbuch, metrics: Metrics, *, slot: int, admin_port: int, stop: asyncio.Event
) -> int:
    """Routes until ``stop`` is set; the exit code."""
    watch = StageWatch(metrics, stage=STAGE, group=GROUP, topic=CASE_REQUESTS)
    ready: dict[str, Check] = {
        "stage": watch.not_ready,
        "stopping": lambda: "asked to stop" if stop.is_set() else None,
    }
    router = Router(book)
    metrics.cases.open.set_function(router.open_cases)
    metrics.cases.timers_pending.set_function(router.timers)
    health = Health(metrics, ready, {"progress": watch.stalled})
    stage = StageSettings(
        group=GROUP,
        slot=slot,
        input_topic=CASE_REQUESTS,
        dead_letter_topic=DEAD_LETTERS,
        state_topic=ROUTER_STATE,
        session_timeout=settings.session_timeout_seconds,
        transaction_timeout=settings.transaction_timeout_seconds,
        stop_within=settings.drain_seconds / 2,
        dead_letters=DeadLetterLimit(settings.dead_letter_ratio, streak=settings.dead_letter_streak),
    )
    async with serve_health(health, host=settings.host, port=admin_port, setting="LAUFZETTEL_ADMIN_PORT"):
        return await run_stage(settings.connection(), stage, router, stop, watch)
