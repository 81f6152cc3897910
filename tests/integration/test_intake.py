"""Intake as a process on a real broker: durable before 202, the same after a restart, gone without a trace of haste."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
from asyncio.subprocess import Process
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar
from uuid import uuid4

import httpx2 as httpx
import orjson
import pytest
from kafka import KafkaAdminClient

from schemas.kochbuch import read_kochbuch
from schemas.message import Stored
from schemas.topics import CASE_REQUESTS, SCHEMAS, SUBMISSION_KEYS
from services.intake.catalogue import examples, offers
from services.runtime.broker.node import EmbeddedBroker
from services.runtime.exit_codes import ExitCode
from services.runtime.kafka import Connection, KafkaBus
from services.runtime.ports import free_port
from services.runtime.probe import is_ready, unready_checks
from services.runtime.published import messages
from tests.support.http_load import Load, request_bytes, run_load
from tests.support.intake import KEY, SUBMISSIONS, headers, settings_in
from tests.support.kafka import create_topic

T = TypeVar("T")
pytestmark = pytest.mark.kafka

(_, BODY), (_, OTHER) = list(examples(offers(read_kochbuch())[0]))[:2]


@dataclass(slots=True)
class Running:
    """An intake process and a client that speaks to it."""

    process: Process
    client: httpx.AsyncClient
    port: int
    admin_port: int

    async def submit(self, body: object = BODY, key: str = "1") -> httpx.Response:
        return await self.client.post(SUBMISSIONS, content=orjson.dumps(body), headers=headers(key))

    async def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(30):
            return await self.process.wait()


@asynccontextmanager
async def running(bootstrap: str, folder: Path) -> AsyncIterator[Running]:
    settings_in(folder)
    port, admin_port = free_port(), free_port()
    environment = os.environ | {
        "LAUFZETTEL_KAFKA": bootstrap,
        "LAUFZETTEL_DATA_DIR": str(folder),
        "LAUFZETTEL_INTAKE_PORT": str(port),
        "LAUFZETTEL_ADMIN_PORT": str(admin_port),
        "LAUFZETTEL_PORTAL_RATE": "100000",
        "LAUFZETTEL_PORTAL_BURST": "100000",
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "services.cli", "run", "intake", env=environment, stderr=asyncio.subprocess.PIPE
    )
    log = asyncio.create_task(drained(process))
    try:
        await until(lambda: process.returncode is not None or is_ready("127.0.0.1", admin_port))
        assert process.returncode is None, await log
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=30) as client:
            yield Running(process, client, port, admin_port)
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
        await log


async def drained(process: Process) -> bytes:
    return b"" if process.stderr is None else await process.stderr.read()


async def until(condition: Callable[[], bool]) -> None:
    await eventually(lambda: asyncio.to_thread(condition), bool)


async def eventually(ask: Callable[[], Awaitable[T]], enough: Callable[[T], bool]) -> T:
    """Asks until the answer is the wanted one, for a minute at most."""
    async with asyncio.timeout(60):
        while not enough(answer := await ask()):  # noqa: ASYNC110 - it happens in another process
            await asyncio.sleep(0.02)
        return answer


async def stored(bootstrap: str, topic: str, key: str) -> list[Stored]:
    async with KafkaBus(Connection(bootstrap)) as bus:
        return [record async for record in bus.read(topic) if record.key == key.encode()]


def with_topics(bootstrap: str) -> str:
    admin = KafkaAdminClient(bootstrap_servers=bootstrap)
    existing = admin.list_topics()
    admin.close()
    for topic in {CASE_REQUESTS, SCHEMAS, SUBMISSION_KEYS} - set(existing):
        create_topic(bootstrap, topic)
    asyncio.run(with_schemas(bootstrap))
    return bootstrap


async def with_schemas(bootstrap: str) -> None:
    async with KafkaBus(Connection(bootstrap)) as bus:
        await bus.publisher().publish(messages(read_kochbuch().schemas))


@pytest.fixture
def bootstrap(kafka: str) -> str:
    return with_topics(kafka)


async def test_what_was_accepted_is_durable_and_its_key_known_after_a_restart(bootstrap: str, tmp_path: Path) -> None:
    key = str(uuid4())
    async with running(bootstrap, tmp_path) as intake:
        first = await intake.submit(key=key)
        assert first.status_code == 202, first.text
        for topic in (CASE_REQUESTS, SUBMISSION_KEYS):
            assert len(await stored(bootstrap, topic, first.json()["case_id"])) == 1
        assert await intake.stop() == 0
    async with running(bootstrap, tmp_path) as intake:
        status = await intake.client.get(first.json()["status_url"], headers={"x-api-key": KEY})
        assert status.json()["reference"] == first.json()["reference"]
        assert (await intake.submit(OTHER, key=key)).status_code == 422
        assert (await intake.submit(key=key)).content == first.content
        assert await intake.stop() == 0


async def test_a_sibling_learns_the_keys_that_another_process_takes(bootstrap: str, tmp_path: Path) -> None:
    key = str(uuid4())
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    async with running(bootstrap, tmp_path / "a") as one, running(bootstrap, tmp_path / "b") as two:
        first = await one.submit(key=key)
        status_url = first.json()["status_url"]
        await eventually(
            lambda: two.client.get(status_url, headers={"x-api-key": KEY}), lambda answer: answer.status_code == 200
        )
        assert (await two.submit(OTHER, key=key)).json()["type"].endswith("#key-reused")
        assert (await two.submit(key=key)).content == first.content


async def test_without_the_broker_503_and_afterwards_the_same_key_is_one_case(
    own_kafka: EmbeddedBroker, tmp_path: Path
) -> None:
    bootstrap = await asyncio.to_thread(with_topics, own_kafka.bootstrap)
    async with running(bootstrap, tmp_path) as intake:
        assert (await intake.submit(key="before")).status_code == 202
        own_kafka.stop()
        away = await intake.submit(key="during")
        assert away.status_code == 503
        assert int(away.headers["retry-after"]) >= 1
        assert (await intake.submit(OTHER, key="during")).status_code == 422
        await until(lambda: set(unready_checks("127.0.0.1", intake.admin_port) or ()) == {"broker"})
        own_kafka.start()
        answer = await eventually(lambda: intake.submit(key="during"), lambda answer: answer.status_code != 503)
        assert answer.status_code == 202
        records = await stored(bootstrap, CASE_REQUESTS, answer.json()["case_id"])
        assert len({record.header("ce_id") for record in records}) == 1
        await until(lambda: is_ready("127.0.0.1", intake.admin_port))


async def test_sigterm_finishes_what_was_begun_and_every_202_is_on_the_broker(bootstrap: str, tmp_path: Path) -> None:
    body, batch, load = orjson.dumps(BODY), uuid4(), Load()

    def make(number: int) -> bytes:
        key = f"{batch}-{number}"
        return request_bytes("POST", SUBMISSIONS, body, **headers(key))

    before = await count(bootstrap)
    async with running(bootstrap, tmp_path) as intake:
        loading = asyncio.create_task(
            run_load("127.0.0.1", intake.port, make, connections=16, requests=100_000, load=load)
        )
        await until(lambda: load.codes[202] > 100)
        assert await intake.stop() == 0
        with pytest.raises(ConnectionError):
            await loading
    assert set(load.codes) == {202}
    assert await count(bootstrap) - before >= load.codes[202]


async def count(bootstrap: str) -> int:
    async with KafkaBus(Connection(bootstrap)) as bus:
        return len([record async for record in bus.read(CASE_REQUESTS)])


def test_a_start_that_cannot_work_says_everything_at_once(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        environment = os.environ | {
            "LAUFZETTEL_KAFKA": "127.0.0.1:1",
            "LAUFZETTEL_DATA_DIR": str(tmp_path),
            "LAUFZETTEL_INTAKE_PORT": port,
            "LAUFZETTEL_ADMIN_PORT": port,
        }
        command = [sys.executable, "-m", "services.cli", "run", "intake"]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == ExitCode.MISCONFIGURED
    said = " ".join(done.stderr.split())
    assert all(part in said for part in ("portals add", "LAUFZETTEL_INTAKE_PORT", "LAUFZETTEL_ADMIN_PORT"))
