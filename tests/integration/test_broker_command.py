"""``laufzettel broker`` as an operator runs it: until a signal, alone on its folder, and not beside a cluster."""

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from services.runtime.broker.readiness import is_ready
from services.runtime.exit_codes import ExitCode
from services.runtime.ports import free_port
from services.runtime.settings import ADMIN_PORTS
from tests.support.deadline import eventually
from tests.support.site import free_ports


@contextmanager
def broker(folder: Path, **settings: str) -> Iterator[tuple["subprocess.Popen[bytes]", Path]]:
    """The command and what it says; killed at the end if it still runs."""
    output = folder.with_suffix(".out")
    own = {"LAUFZETTEL_DATA_DIR": str(folder), "LAUFZETTEL_KAFKA": "", "LC_ALL": "C.UTF-8"}
    own |= {"LAUFZETTEL_ADMIN_PORT": str(free_ports(ADMIN_PORTS)), **settings}
    with output.open("wb") as stream:
        command = [sys.executable, "-m", "services.cli", "broker"]
        with subprocess.Popen(command, env={**os.environ, **own}, stdout=stream, stderr=stream) as process:
            try:
                yield process, output
            finally:
                process.kill()


def says(output: Path, process: "subprocess.Popen[bytes]", sentence: str) -> None:
    eventually(lambda: sentence in output.read_text(encoding="utf-8") or process.poll() is not None, within=100)
    assert sentence in output.read_text(encoding="utf-8")


@pytest.mark.kafka
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_runs_until_a_signal_and_is_alone_on_its_folder(tmp_path: Path, number: signal.Signals) -> None:
    data, port = tmp_path / "data", free_port()
    with broker(data, LAUFZETTEL_BROKER_PORT=str(port)) as (process, output):
        says(output, process, f"Kafka answers on 127.0.0.1:{port}, its data is in {data / 'kafka'}")
        assert is_ready("127.0.0.1", port)
        if number is signal.SIGTERM:
            second = tmp_path / "second"
            with broker(second, LAUFZETTEL_DATA_DIR=str(data), LAUFZETTEL_BROKER_PORT=str(free_port())) as (
                other,
                said,
            ):
                assert other.wait(60) == ExitCode.MISCONFIGURED
                assert "A broker is already running on this folder" in said.read_text(encoding="utf-8")
            assert is_ready("127.0.0.1", port)
        process.send_signal(number)
        assert process.wait(60) == ExitCode.OK
    assert not is_ready("127.0.0.1", port)


def test_beside_a_cluster_it_is_refused(tmp_path: Path) -> None:
    with broker(tmp_path / "data", LAUFZETTEL_KAFKA="kafka-1:9092") as (process, output):
        assert process.wait(60) == ExitCode.MISCONFIGURED
    assert re.search(r"LAUFZETTEL_KAFKA: .*not needed", output.read_text(encoding="utf-8"))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_while_the_network_is_silent(tmp_path: Path, number: signal.Signals) -> None:
    """The network gives up after 30 seconds; nobody waits so long for a Ctrl-C."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        proxy = f"http://127.0.0.1:{silent.getsockname()[1]}"
        settings = {"LAUFZETTEL_CACHE_DIR": str(tmp_path / "cache"), "HTTPS_PROXY": proxy, "https_proxy": proxy}
        with broker(tmp_path / "data", **settings) as (process, output):
            says(output, process, "0 of 45")
            process.send_signal(number)
            assert process.wait(20) == ExitCode.OK
    assert "Traceback" not in output.read_text(encoding="utf-8")
    assert not list((tmp_path / "cache" / "kafka").iterdir())
