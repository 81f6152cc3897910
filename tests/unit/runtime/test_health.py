import asyncio
import socket
from collections.abc import AsyncIterator

import httpx2 as httpx
import pytest
from prometheus_client import CollectorRegistry

from schemas.errors import Misconfigured
from services.runtime.health import Check, Health, serve_health
from services.runtime.metrics import Metrics
from services.runtime.ports import free_port
from services.runtime.probe import is_ready, unready_checks

reasons: dict[str, str | None] = {}


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    reasons.update(kafka=None, stage="restoring")
    ready: dict[str, Check] = {name: lambda name=name: reasons[name] for name in reasons}  # type: ignore[misc]
    health = Health(Metrics(CollectorRegistry()), ready=ready, live={})
    async with (
        serve_health(health, host="127.0.0.1", port=0, setting="LAUFZETTEL_ADMIN_PORT") as port,
        httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client,
    ):
        yield client


async def test_a_process_is_ready_when_every_check_is_and_says_which_is_not(client: httpx.AsyncClient) -> None:
    answer = await client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["checks"] == {"kafka": "ok", "stage": "restoring"}
    reasons["stage"] = None
    assert (await client.get("/readyz")).status_code == 200


async def test_another_process_can_ask(client: httpx.AsyncClient) -> None:
    port = client.base_url.port
    assert port is not None
    assert await asyncio.to_thread(unready_checks, "127.0.0.1", port) == {"stage": "restoring"}
    assert not await asyncio.to_thread(is_ready, "127.0.0.1", port)
    reasons["stage"] = None
    assert await asyncio.to_thread(is_ready, "127.0.0.1", port)


def test_nobody_who_does_not_answer_is_ready() -> None:
    assert unready_checks("127.0.0.1", free_port()) is None


async def test_a_process_that_is_not_ready_is_still_alive(client: httpx.AsyncClient) -> None:
    assert (await client.get("/livez")).json() == {"status": "ok", "checks": {}}


async def test_metrics_in_both_formats(client: httpx.AsyncClient) -> None:
    plain = await client.get("/metrics")
    assert plain.headers["content-type"].startswith("text/plain")
    assert "laufzettel_build_info{" in plain.text
    modern = await client.get("/metrics", headers={"accept": "application/openmetrics-text; version=1.0.0"})
    assert modern.headers["content-type"].startswith("application/openmetrics-text")
    assert modern.text.endswith("# EOF\n")


async def test_a_taken_port_is_told_with_its_setting() -> None:
    health = Health(Metrics(CollectorRegistry()), ready={}, live={})
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(Misconfigured, match=f"{port}.*LAUFZETTEL_ADMIN_PORT"):
            async with serve_health(health, host="127.0.0.1", port=port, setting="LAUFZETTEL_ADMIN_PORT"):
                pass
