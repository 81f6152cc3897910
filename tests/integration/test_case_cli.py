"""A case from submission to decision by the command line alone: a real broker, a router as its own process."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import structlog

from services.runtime.broker.node import EmbeddedBroker
from services.runtime.ports import free_port
from services.runtime.probe import is_ready
from tests.support.book import DOG, TOWN, write
from tests.support.cli import Cli
from tests.support.deadline import eventually

pytestmark = pytest.mark.kafka

CLERK, OFFICER, POST = "sb-00000001", "sb-00000002", "sb-00000003"


@pytest.fixture
def cli(
    own_kafka: EmbeddedBroker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Cli:
    write(tmp_path / "kochbuch", "dog", DOG)
    write(tmp_path / "municipalities", "town", TOWN)
    # Commands set up their log once a process; here it would outlive the test whose stderr it writes to.
    monkeypatch.setattr(structlog, "is_configured", lambda: True)
    cli = Cli(tmp_path, monkeypatch, capsys)
    cli.use(own_kafka.bootstrap, LAUFZETTEL_ADMIN_PORT=str(free_port() - 2))
    cli.json("topics", "apply")
    return cli


@contextmanager
def running_router(folder: Path) -> Iterator[None]:
    """``laufzettel run router``, whose admin port is the third after the first."""
    port = int(os.environ["LAUFZETTEL_ADMIN_PORT"]) + 2
    with (folder / "router.log").open("wb") as log:
        router = subprocess.Popen(
            [sys.executable, "-m", "services.cli", "run", "router"], stdout=log, stderr=log, start_new_session=True
        )
    try:
        eventually(lambda: is_ready("127.0.0.1", port) or router.poll() is not None)
        assert router.poll() is None, (folder / "router.log").read_text(encoding="utf-8")
        yield
    finally:
        router.send_signal(signal.SIGTERM)
        assert router.wait(20) == 0


def test_a_case_is_worked_on_from_the_command_line(cli: Cli) -> None:
    with running_router(cli.folder):
        reference = cli.submit(breed="Bullterrier")
        eventually(lambda: cli.run("case", "show", reference).returncode == 0)
        work_on(cli, reference)
        move(cli, cli.submit(weight_kg=60))
        say_what_would_change(cli)
    wait_in_vain(cli, reference)


def work_on(cli: Cli, reference: str) -> None:
    """Claimed, noted, examined, decided; what does not fit is refused in words."""
    (claimed,) = cli.json("case", "send", reference, "Claim", "--actor", CLERK, "--set", "station=assess")
    assert (claimed["applied"], claimed["version"]) == (True, 2)
    assert [each["event"] for each in claimed["events"]] == ["StationClaimed", "CitizenStatusChanged"]

    stale = cli.run("case", "send", reference, "Release", "--actor", CLERK, "--set", "station=assess", "--version", "1")
    assert stale.returncode == 1
    assert "changed meanwhile" in stale.stderr
    assert "version 2: StationClaimed" in stale.stderr

    note = ("case", "send", reference, "AddNote", "--actor", CLERK, "--text-file", "-", "--id", "note-1")
    assert cli.run(*note, stdin="Frau Muster rief an.\n").returncode == 0
    repeated = cli.run(*note, stdin="Frau Muster rief an.\n")
    assert (repeated.returncode, "nothing was sent" in repeated.stderr) == (0, True)

    opinion = ("--set", "station=dangerous-dog", "--set", "opinion=consents")
    assert cli.json("case", "send", claimed["case_id"], "give-opinion", "--actor", OFFICER, *opinion)
    (decided,) = cli.json("case", "send", reference, "Decide", "--actor", CLERK, "--set", "outcome=granted")
    assert decided["events"][0]["event"] == "CaseDecided"

    (shown,) = cli.json("case", "show", reference)
    assert (shown["status"], shown["version"], shown["outcome"]) == ("decided", 5, "granted")
    assert (shown["citizen"]["status"], shown["citizen"]["contact"]) == ("COMPLETED", "Steueramt")
    assert sum(each["event"] == "NoteAdded" for each in shown["events"]) == 1
    plain = cli.run("case", "show", reference).stdout
    assert "Steueramt" in plain
    assert "Muster" not in plain + str(shown)


def move(cli: Cli, reference: str) -> None:
    """Not ours, and put right by triage: the rule that erred is listed."""
    eventually(lambda: cli.run("case", "show", reference).returncode == 0)
    at = ("--set", "station=dangerous-dog")
    (returned,) = cli.json("case", "send", reference, "Return", "--actor", OFFICER, *at, "--set", "reason=?")
    assert returned["applied"]
    assert cli.json("case", "send", reference, "Correct", "--actor", POST, *at, "--set", "to_department=taxes")
    (rule,) = cli.json("recipe", "quality")
    assert (rule["station"], rule["opened"], rule["corrected"]) == ("dangerous-dog", 2, 1)
    assert rule["belonged_to"] == {"taxes": 1}


def say_what_would_change(cli: Cli) -> None:
    """The changed recipe is tried on the two cases on the topic."""
    changed = write(cli.folder / "new", "dog", DOG.replace("{over: 20}", "{over: 70}"))
    (outcome,) = cli.json("recipe", "simulate", str(changed), "--last", "10")
    assert (outcome["cases"], len(outcome["moved"])) == (2, 1)


def wait_in_vain(cli: Cli, reference: str) -> None:
    """Without a router the command is stored, and it is said how to repeat it."""
    done = cli.run("case", "send", reference, "Reopen", "--actor", CLERK, "--set", "reason=?", "--wait", "0.2")
    assert done.returncode == 69
    assert "repeated with --id" in done.stderr
    assert "Traceback" not in done.stderr
    unknown = cli.run("case", "show", "00000000-0000-0000-0000-000000000000")
    assert (unknown.returncode, "no topic" in unknown.stderr) == (1, True)
