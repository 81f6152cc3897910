"""The main job whole, as a newcomer runs it: an own Kafka, all services, samples over HTTP and from the hot folder."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from schemas.errors import Misconfigured
from services.commands.sample import SAMPLES
from services.runtime.exit_codes import ExitCode
from services.runtime.ports import free_port, require_free
from tests.support.deadline import eventually

pytestmark = pytest.mark.kafka


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    """Ports that are free, so that a demo on the developer's machine is in nobody's way."""
    first = next(port for port in iter(free_port, None) if all(is_free(port + n) for n in range(3)))
    own = {
        "LAUFZETTEL_BROKER_PORT": str(free_port()),
        "LAUFZETTEL_INTAKE_PORT": str(free_port()),
        "LAUFZETTEL_ADMIN_PORT": str(first),
        "LAUFZETTEL_KAFKA": "",
        "TMPDIR": str(tmp_path),
        "LC_ALL": "C.UTF-8",
    }
    return {**os.environ, **own}


def is_free(port: int) -> bool:
    try:
        require_free("127.0.0.1", port, "")
    except Misconfigured:
        return False
    return True


def argv(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "services.cli", "demo", *arguments]


def test_every_department_receives_exactly_what_it_must(environ: dict[str, str], tmp_path: Path) -> None:
    done = subprocess.run(argv("--once"), env=environ, capture_output=True, text=True, check=False, timeout=150)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "every department received exactly what it must, and nothing else" in done.stdout
    for sample in SAMPLES.glob("*.json"):
        departments = {each["department"] for each in json.loads(sample.read_text(encoding="utf-8"))["expected"]}
        assert all(name in done.stdout for name in departments)
    assert not list(tmp_path.glob("laufzettel-demo-*")), "a demo that went well leaves nothing behind"


def test_what_is_not_as_expected_is_named_and_ctrl_c_ends_everything(environ: dict[str, str], tmp_path: Path) -> None:
    samples, data = tmp_path / "samples", tmp_path / "data"
    samples.mkdir()
    shutil.copy(SAMPLES / "2-bullterrier.json", samples)
    content = json.loads((samples / "2-bullterrier.json").read_text(encoding="utf-8"))
    content["expected"][0]["form"]["breed"] = "Dackel"
    content["expected"][1]["form"]["iban"] = "DE89370400440532013000"
    (samples / "2-bullterrier.json").write_text(json.dumps(content), encoding="utf-8")
    output = tmp_path / "output"
    with output.open("wb") as stream:
        demo = subprocess.Popen(
            argv("--samples", str(samples), "--data", str(data)), env=environ, stdout=stream, stderr=stream
        )
        try:
            eventually(lambda: "ends it" in output.read_text(encoding="utf-8") or demo.poll() is not None, within=100)
            demo.send_signal(signal.SIGINT)
            assert demo.wait(60) == ExitCode.FINDING
        finally:
            demo.kill()
            demo.wait()
    said = output.read_text(encoding="utf-8")
    assert "2-bullterrier: steueramt (assess) has another value in breed" in said
    assert "2-bullterrier: ordnungsamt (dangerous-dog) lacks iban" in said
    assert "stadtkasse" not in "".join(line for line in said.splitlines() if "missing or wrong" in line)
    assert f"http://127.0.0.1:{environ['LAUFZETTEL_INTAKE_PORT']}/api/v1/docs" in said
    assert "laufzettel trace DN-" in said
    assert is_free(int(environ["LAUFZETTEL_BROKER_PORT"]))


def test_a_refused_sample_is_a_finding_and_a_folder_with_cases_is_refused(
    environ: dict[str, str], tmp_path: Path
) -> None:
    samples, data = tmp_path / "samples", tmp_path / "data"
    samples.mkdir()
    shutil.copy(SAMPLES / "2-bullterrier.json", samples)
    content = json.loads((samples / "2-bullterrier.json").read_text(encoding="utf-8"))
    del content["submission"]["form"]["breed"]
    (samples / "1-refused.json").write_text(json.dumps(content), encoding="utf-8")
    command = argv("--once", "--samples", str(samples), "--data", str(data))
    done = subprocess.run(command, env=environ, capture_output=True, text=True, check=False, timeout=100)
    assert done.returncode == ExitCode.FINDING, done.stdout + done.stderr
    assert "missing or wrong: 1-refused: refused with 422: form.breed: " in done.stdout
    assert "the first case is with a department" in done.stdout
    assert "time is up" not in done.stdout
    assert "2-bullterrier" not in "".join(line for line in done.stdout.splitlines() if "missing" in line)
    again = subprocess.run(command, env=environ, capture_output=True, text=True, check=False, timeout=100)
    assert again.returncode == ExitCode.MISCONFIGURED
    assert "the demo judges only what began empty. Remedy: name a new folder with --data" in again.stderr
    assert "Traceback" not in again.stderr


def test_a_download_costs_no_patience_and_ctrl_c_ends_it(environ: dict[str, str], tmp_path: Path) -> None:
    """The second line of its progress comes after ten seconds; the patience is one."""
    output = tmp_path / "output"
    with socket.create_server(("127.0.0.1", 0)) as silent, output.open("wb") as stream:
        proxy = f"http://127.0.0.1:{silent.getsockname()[1]}"
        own = {"LAUFZETTEL_CACHE_DIR": str(tmp_path / "cache"), "HTTPS_PROXY": proxy, "https_proxy": proxy}
        demo = subprocess.Popen(argv("--once", "--timeout", "1"), env={**environ, **own}, stdout=stream, stderr=stream)
        try:
            eventually(lambda: output.read_text(encoding="utf-8").count("0 of 45") == 2 or demo.poll() is not None, 60)
            demo.send_signal(signal.SIGINT)
            assert demo.wait(20) == ExitCode.OK, output.read_text(encoding="utf-8")
        finally:
            demo.kill()
            demo.wait()
    assert not list(tmp_path.glob("laufzettel-demo-*"))


@pytest.mark.parametrize("setting", ["LAUFZETTEL_BROKER_PORT", "LAUFZETTEL_INTAKE_PORT", "LAUFZETTEL_ADMIN_PORT"])
def test_a_port_that_is_taken_is_one_sentence_with_the_remedy(environ: dict[str, str], setting: str) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        environ = {**environ, setting: port}
        done = subprocess.run(argv("--once"), env=environ, capture_output=True, text=True, check=False, timeout=100)
    assert done.returncode == ExitCode.MISCONFIGURED
    assert setting in done.stderr
    assert "Traceback" not in done.stderr
