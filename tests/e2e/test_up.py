"""`laufzettel up` under everything that happens to a machine: it comes back, or says in one sentence why it cannot."""

import asyncio
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import httpx2 as httpx
import pytest

from services.runtime.exit_codes import ExitCode
from tests.support.deadline import eventually
from tests.support.processes import is_running
from tests.support.site import HOST, Running, Site, child, children, free_ports, new_site

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(180)]

BROKER, INTAKE, IMPORTER, ROUTER = "kafka.Kafka", "run intake", "run importer", "run router --slot 0"
EVERYTHING = (BROKER, INTAKE, IMPORTER, ROUTER)
SOON = 1.5
"""Promised is a second; the rest is what looking costs on a busy machine."""

Installation = tuple[Site, Running]


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    site = new_site(tmp_path_factory.mktemp("up"))
    with site.start("up") as up:
        site.await_ready(up)
        yield site, up
        started = family(up.pid)
        up.send(signal.SIGINT)
        assert up.ended() == ExitCode.OK
        assert not [pid for pid in started if is_running(pid)]


def family(pid: int) -> list[int]:
    """All that a process has started, and what those have started."""
    return [each for one in children(pid) for each in (one, *family(one))]


def kill(up: Running, *whats: str) -> None:
    """Kills processes, all at once; returns when each has a successor."""
    before = {what: child(up.pid, what) for what in whats}
    for pid in before.values():
        os.kill(pid, signal.SIGKILL)
    eventually(lambda: all(child(up.pid, what) not in {0, pid} for what, pid in before.items()), SOON)


@contextmanager
def submitting(site: Site) -> Iterator[set[bytes]]:
    """Submits without pause meanwhile; the cases for which there was a 202."""
    accepted: set[bytes] = set()
    enough = threading.Event()

    def work() -> None:
        number = 0
        with httpx.Client() as client:
            while not enough.is_set():
                number += 1
                try:
                    answer = site.submit(f"{id(accepted)}-{number}", client=client)
                except httpx.TransportError:
                    continue  # intake itself may be the one that was killed
                assert answer.status_code in {202, 503}
                if answer.status_code == 202:
                    accepted.add(answer.json()["case_id"].encode())

    thread = threading.Thread(target=work)
    thread.start()
    try:
        eventually(lambda: len(accepted) > 20)
        yield accepted
        before = len(accepted)
        eventually(lambda: len(accepted) > before + 20)
    finally:
        enough.set()
        thread.join()


def delivered_once(site: Site, accepted: set[bytes]) -> None:
    """Each accepted case has reached its department once."""

    def slips() -> "Counter[bytes | None]":
        records = asyncio.run(site.records("department.town.taxes"))
        return Counter(record.key for record in records if record.header("ce_type") == b"StationOpened")

    eventually(lambda: slips().keys() >= accepted)
    assert {slips()[case] for case in accepted} == {1}


@pytest.mark.parametrize("what", [INTAKE, IMPORTER, ROUTER])
def test_a_killed_service_is_back_in_its_slot_within_a_second(installation: Installation, what: str) -> None:
    site, up = installation
    others = {other: child(up.pid, other) for other in EVERYTHING if other != what}
    kill(up, what)
    site.await_ready(up)
    assert {other: child(up.pid, other) for other in others} == others


@pytest.mark.parametrize("whats", [(BROKER,), EVERYTHING], ids=["the broker", "everything at once"])
def test_nothing_accepted_is_lost_or_doubled_when_a_kill_hits(
    installation: Installation, whats: tuple[str, ...]
) -> None:
    site, up = installation
    with submitting(site) as accepted:
        kill(up, *whats)
        site.await_ready(up)
    delivered_once(site, accepted)


def test_a_second_one_on_the_same_folder_or_the_same_ports_is_refused_and_disturbs_nobody(
    installation: Installation,
) -> None:
    site, up = installation
    first = free_ports(6)
    other = replace(site, intake_port=first, admin_port=first + 1, broker_port=first + 5)
    done = other.run("up")
    assert done.returncode == ExitCode.MISCONFIGURED
    assert "already running on this folder" in done.stderr
    assert "LAUFZETTEL_DATA_DIR" in done.stderr
    done = site.run("up")
    assert done.returncode == ExitCode.MISCONFIGURED
    assert "LAUFZETTEL_INTAKE_PORT" in done.stderr
    assert "LAUFZETTEL_ADMIN_PORT" in done.stderr
    site.await_ready(up)


def test_a_taken_broker_port_is_one_sentence(tmp_path: Path) -> None:
    site = new_site(tmp_path)
    with socket.create_server((HOST, site.broker_port)):
        done = site.run("up")
    assert done.returncode == ExitCode.MISCONFIGURED
    [sentence] = [line for line in done.stderr.splitlines() if "LAUFZETTEL_BROKER_PORT" in line]
    assert f"{HOST}:{site.broker_port}" in sentence
    assert "Traceback" not in done.stderr


def test_a_data_folder_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    done = new_site(tmp_path).run("up", LAUFZETTEL_DATA_DIR=str(tmp_path / "file" / "data"))
    assert done.returncode == ExitCode.MISCONFIGURED
    assert "cannot be written" in done.stderr
    assert "LAUFZETTEL_DATA_DIR" in done.stderr
    assert "Traceback" not in done.stderr


def test_no_process_outlives_it_however_and_whenever_it_ends(tmp_path: Path) -> None:
    """Killed when all is ready; then, on the same data, asked to stop while its broker is still starting."""
    site = new_site(tmp_path)
    with site.start("up") as up:
        site.await_ready(up)
        started = family(up.pid)
        up.send(signal.SIGKILL)
        assert up.ended() == -signal.SIGKILL
        eventually(lambda: not [pid for pid in started if is_running(pid)])
    with site.start("up") as up:
        eventually(lambda: child(up.pid, BROKER))
        started = family(up.pid)
        up.send(signal.SIGTERM)
        assert up.ended() == ExitCode.OK, up.said()[-4000:]
        assert not [pid for pid in started if is_running(pid)]


def fill(folder: Path) -> Path:
    """Leaves no byte free on the disk of a folder."""
    filler = folder / "filler"
    descriptor = os.open(filler, os.O_WRONLY | os.O_CREAT)
    try:
        while os.write(descriptor, b"\0" * (1 << 20)):
            pass
    except OSError:
        os.close(descriptor)
    return filler


@pytest.mark.skipif(
    os.geteuid() != 0 or shutil.which("unshare") is None, reason="a small disk needs root and a mount namespace"
)
def test_a_full_disk_is_503_and_room_is_all_that_is_needed_to_go_on(tmp_path: Path) -> None:
    """Kafka ends when its disk is full; the supervisor waits for room, and intake never ends."""
    site = new_site(tmp_path)
    data, log = tmp_path / "data", tmp_path / "up.log"
    mount = f"mount -t tmpfs -o size=300m tmpfs {data} && cp {tmp_path}/portals.yaml {data}"
    (data / "portals.yaml").rename(tmp_path / "portals.yaml")
    command = f"{mount} && exec {sys.executable} -m services.cli up"
    with log.open("wb") as output:
        up = Running(
            subprocess.Popen(
                ["unshare", "-m", "sh", "-c", command], env=site.environ({}), stdout=output, stderr=output
            ),
            log,
        )
    try:
        site.await_ready(up)
        intake = child(up.pid, INTAKE)
        answers = [site.submit(f"before-{number}") for number in range(10)]
        filler = fill(Path(f"/proc/{up.pid}/root{data}"))
        while answers[-1].status_code == 202:
            answers.append(site.submit(f"full-{len(answers)}"))
        assert answers[-1].status_code == 503
        assert int(answers[-1].headers["retry-after"]) >= 1
        eventually(lambda: '"process waits"' in up.said() and "disk is full" in up.said())
        filler.unlink()
        eventually(lambda: site.submit("room").status_code == 202)
        site.await_ready(up)
        assert child(up.pid, INTAKE) == intake
        delivered_once(site, {answer.json()["case_id"].encode() for answer in answers[:-1]})
    finally:
        up.send(signal.SIGTERM)
        assert up.ended() == ExitCode.OK, up.said()[-4000:]
