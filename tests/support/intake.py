"""An intake on the in-memory bus, spoken to over ASGI without a socket."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2 as httpx
import orjson
from prometheus_client import CollectorRegistry

from schemas.kochbuch import Kochbuch
from schemas.message import Message
from services.intake.app import Intake
from services.runtime.following import follow_once
from services.runtime.memory import MemoryBus
from services.runtime.metrics import Metrics
from services.runtime.settings import Settings, load_settings
from tests.support.book import SMALL

KEY, OTHER_KEY = "key-of-the-portal", "key-of-another-portal"
SUBMISSIONS = "/api/v1/submissions"
BODY: dict[str, Any] = {"service": "99102013104000", "municipality": "town", "form": SMALL}


def digest_of(key: str) -> str:
    """What stands in the portals file."""
    return hashlib.sha256(key.encode()).hexdigest()


def settings_in(folder: Path, **changes: Any) -> Settings:  # noqa: ANN401 - whatever the settings take
    """Settings with two portals."""
    portals = f"portals: {{portal: {{keys: {digest_of(KEY)}}}, other: {{keys: {digest_of(OTHER_KEY)}}}}}"
    (folder / "portals.yaml").write_text(portals, encoding="utf-8")
    return load_settings(data_dir=folder, **changes)


def headers(key: str = "1", **more: str) -> dict[str, str]:
    """The headers of a submission under this idempotency key; an empty value leaves the header out."""
    given = {"x-api-key": KEY, "idempotency-key": key, "content-type": "application/json"}
    given |= {name.replace("_", "-"): value for name, value in more.items()}
    return {name: value for name, value in given.items() if value}


@dataclass(slots=True)
class HeldPublisher:
    """A publisher whose acknowledgement waits until the test gives it, or the error that comes instead."""

    published: list[Sequence[Message]] = field(default_factory=list)
    released: asyncio.Event = field(default_factory=asyncio.Event)
    error: BaseException | None = None
    silent: float = 0.0

    async def publish(self, messages: Sequence[Message]) -> None:
        """See services.runtime.bus.Publisher."""
        self.published.append(messages)
        await self.released.wait()
        if self.error is not None:
            raise self.error

    def silence(self) -> float:
        """See services.runtime.bus.Publisher."""
        return self.silent


@dataclass(slots=True)
class Desk:
    """A running intake, its bus, and a client."""

    bus: MemoryBus
    intake: Intake
    metrics: Metrics
    client: httpx.AsyncClient

    async def submit(self, body: object = BODY, key: str = "1", **more: str) -> httpx.Response:
        """POST; bytes go as they are, everything else as JSON."""
        content = body if isinstance(body, bytes) else orjson.dumps(body)
        return await self.client.post(SUBMISSIONS, content=content, headers=headers(key, **more))

    def counted(self, name: str, **labels: str) -> float:
        """A series of /metrics."""
        return self.metrics.registry.get_sample_value(f"laufzettel_{name}", labels) or 0.0


@asynccontextmanager
async def open_desk(
    folder: Path,
    book: Kochbuch,
    bus: MemoryBus | None = None,
    *,
    broken: Callable[[BaseException], None] = print,
    **changes: Any,  # noqa: ANN401 - whatever the settings take
) -> AsyncIterator[Desk]:
    """An intake that knows every key on its bus."""
    bus, metrics = bus or MemoryBus(), Metrics(CollectorRegistry())
    intake = Intake(settings_in(folder, **changes), book, bus, follow_once(bus), metrics, broken=broken)
    tail = asyncio.create_task(intake.tail.run())
    transport = httpx.ASGITransport(app=intake.app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://intake") as client:
        await intake.tail.caught_up.wait()
        yield Desk(bus, intake, metrics, client)
    tail.cancel()
    await asyncio.gather(tail, return_exceptions=True)
