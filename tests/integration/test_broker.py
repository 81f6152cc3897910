"""The embedded broker as an operator meets it: start, stop, crash, and every refusal in one sentence."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer, TopicPartition

from schemas.errors import Misconfigured, Unavailable
from services.runtime.broker.node import EmbeddedBroker, embedded_broker
from services.runtime.exit_codes import ExitCode
from services.runtime.folders import cache_dir
from services.runtime.slot import Phase
from services.runtime.supervisor import Supervisor
from tests.support.deadline import eventually, eventually_async
from tests.support.kafka import MakeTopic, create_topic
from tests.support.processes import is_running

pytestmark = pytest.mark.kafka


def _write(bootstrap: str, topic: str, value: bytes) -> None:
    with closing(KafkaProducer(bootstrap_servers=bootstrap, acks="all")) as producer:
        producer.send(topic, value).get(timeout=30)


def _read(bootstrap: str, topic: str, count: int) -> list[bytes]:
    with closing(KafkaConsumer(bootstrap_servers=bootstrap, auto_offset_reset="earliest")) as consumer:
        consumer.assign([TopicPartition(topic, 0)])
        found: list[bytes] = []

        def all_there() -> bool:
            found.extend(record.value for records in consumer.poll(timeout_ms=200).values() for record in records)
            return len(found) >= count

        eventually(all_there)
        return found


def test_a_broker_takes_and_gives_records(kafka: str, make_topic: MakeTopic) -> None:
    topic = make_topic("smoke", partitions=1)
    _write(kafka, topic, b"a")
    assert _read(kafka, topic, 1) == [b"a"]


def test_records_survive_a_kill_and_a_clean_stop(own_kafka: EmbeddedBroker) -> None:
    create_topic(own_kafka.bootstrap, "kept", partitions=1)
    _write(own_kafka.bootstrap, "kept", b"before the kill")
    own_kafka.kill()
    own_kafka.start()
    _write(own_kafka.bootstrap, "kept", b"before the stop")
    own_kafka.stop()
    own_kafka.start()
    assert _read(own_kafka.bootstrap, "kept", 2) == [b"before the kill", b"before the stop"]


def test_a_second_broker_on_the_same_folder_is_refused(own_kafka: EmbeddedBroker, tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match="already running on this folder"):
        EmbeddedBroker(tmp_path / "own-kafka", cache_dir())
    with closing(KafkaAdminClient(bootstrap_servers=own_kafka.bootstrap)) as admin:
        assert admin.describe_cluster()["brokers"]


def test_a_taken_port_is_named_with_its_setting(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with (
            pytest.raises(Misconfigured, match=rf"127\.0\.0\.1:{port} .*LAUFZETTEL_BROKER_PORT"),
            embedded_broker(tmp_path, cache_dir(), port=port),
        ):
            pytest.fail("it cannot start")


def test_a_folder_that_is_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(Misconfigured, match=r"data folder cannot be written.*LAUFZETTEL_DATA_DIR"):
        EmbeddedBroker(tmp_path / "file" / "data", cache_dir())


async def test_a_supervised_broker_comes_back_with_its_records(tmp_path: Path) -> None:
    broker = await asyncio.to_thread(EmbeddedBroker, tmp_path, cache_dir())
    supervisor, stop = Supervisor([broker.slot()]), asyncio.Event()
    run = asyncio.create_task(supervisor.run(stop))
    try:
        await asyncio.wait_for(supervisor.all_ready.wait(), 60)
        await asyncio.to_thread(create_topic, broker.bootstrap, "kept", partitions=1)
        await asyncio.to_thread(_write, broker.bootstrap, "kept", b"before the kill")
        os.kill(supervisor.statuses[0].pid or 0, signal.SIGKILL)
        await eventually_async(lambda: supervisor.statuses[0].restarts == 1)
        await eventually_async(lambda: supervisor.statuses[0].phase is Phase.RUNNING)
        assert await asyncio.to_thread(_read, broker.bootstrap, "kept", 1) == [b"before the kill"]
    finally:
        stop.set()
        assert (await run).code is ExitCode.OK
        broker.close()


def test_a_disk_that_filled_up_is_the_reason_of_a_broker_that_ended(own_kafka: EmbeddedBroker, tmp_path: Path) -> None:
    console = tmp_path / "own-kafka" / "console.log"
    console.write_text("java.io.IOException: No space left on device\n", encoding="ascii")
    with pytest.raises(Unavailable, match=r"disk is full.*LAUFZETTEL_DATA_DIR"):
        own_kafka.slot().ended(1)


_PARENT = """
import sys
from pathlib import Path
from services.runtime.broker.node import embedded_broker
from services.runtime.folders import cache_dir
with embedded_broker(Path(sys.argv[1]), cache_dir()) as broker:
    print(broker.child.pid, flush=True)
    sys.stdin.read()
"""


def test_no_broker_outlives_a_killed_parent_and_its_folder_is_free_again(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", _PARENT, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        assert is_running(pid)
        parent.send_signal(signal.SIGKILL)
    eventually(lambda: not is_running(pid))
    with embedded_broker(tmp_path, cache_dir()) as broker:
        assert broker.child.poll() is None
