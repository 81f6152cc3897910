"""Clusters that ask who is there: every client of ours gets in with the right settings, and says why without them."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from schemas.errors import Misconfigured, Unavailable
from services.runtime.access import require_access
from services.runtime.exit_codes import ExitCode
from services.runtime.ports import free_port
from services.runtime.settings import load_settings
from tests.support.crash import committed
from tests.support.deadline import eventually
from tests.support.secured import Secured, secured_broker
from tests.support.site import new_site

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(120)]

ROW = "Name;Vorname;Rasse;Seit\nMuster;Erika;Dackel;01.03.2026\n"


@pytest.fixture(scope="module")
def secured(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Secured]:
    with secured_broker(tmp_path_factory.mktemp("secured")) as broker:
        yield broker


@pytest.mark.parametrize("listener", ["PLAIN", "SCRAM", pytest.param("CERT", marks=pytest.mark.slow)])
async def test_all_processes_work_on_an_existing_cluster(secured: Secured, tmp_path: Path, listener: str) -> None:
    """kafka-python makes the topics, aiokafka writes for intake and importer, Faust reads for the router."""
    site = new_site(tmp_path, **secured.settings(listener))
    with site.start("up") as up:
        site.await_ready(up)
        answer = site.submit(f"key-{listener}")
        assert answer.status_code == 202, answer.text
        site.inbox.mkdir(parents=True, exist_ok=True)
        (site.inbox / f"{listener}.csv").write_text(f"{ROW}{listener};Erika;Dackel;01.03.2026\n")
        eventually(lambda: site.metric("router-0", "ledger_terminal_total", state="delivered") == 3)
    assert up.process.returncode == ExitCode.OK, up.said()
    records = await committed(secured.bootstrap("PLAINTEXT"), ["department.town.taxes"])
    assert answer.json()["case_id"].encode() in {record.key for record in records}


WRONG = {
    "password": ("PLAIN", {"LAUFZETTEL_KAFKA_PASSWORD": "wrong"}, Misconfigured, "LAUFZETTEL_KAFKA_PASSWORD"),
    "SCRAM password": ("SCRAM", {"LAUFZETTEL_KAFKA_PASSWORD": "wrong"}, Misconfigured, "LAUFZETTEL_KAFKA_PASSWORD"),
    "mechanism": ("PLAIN", {"LAUFZETTEL_KAFKA_SASL_MECHANISM": "SCRAM-SHA-256"}, Misconfigured, "SASL_MECHANISM"),
    "authority": ("SCRAM", {"LAUFZETTEL_KAFKA_CA_FILE": ""}, Misconfigured, "cannot be trusted.*KAFKA_CA_FILE"),
    "authority's file": ("SCRAM", {"LAUFZETTEL_KAFKA_CA_FILE": __file__}, Misconfigured, "PEM is expected"),
    "no certificate": (
        "CERT",
        {"LAUFZETTEL_KAFKA_CERT_FILE": "", "LAUFZETTEL_KAFKA_KEY_FILE": ""},
        Unavailable,
        "hangs up.*KAFKA_CERT_FILE",
    ),
    "no TLS": ("CERT", {"LAUFZETTEL_KAFKA_SECURITY": "PLAINTEXT"}, Unavailable, "hangs up.*KAFKA_SECURITY"),
    "no password": ("PLAIN", {"LAUFZETTEL_KAFKA_SECURITY": "PLAINTEXT"}, Unavailable, "hangs up.*KAFKA_SECURITY"),
    "TLS where there is none": ("PLAIN", {"LAUFZETTEL_KAFKA_SECURITY": "SASL_SSL"}, Unavailable, "hangs up"),
}


@pytest.mark.parametrize("what", WRONG)
def test_a_wrong_setting_is_named(secured: Secured, monkeypatch: pytest.MonkeyPatch, what: str) -> None:
    listener, changed, kind, said = WRONG[what]
    for name, value in {**secured.settings(listener), **changed}.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(kind, match=said) as refused:
        require_access(load_settings().connection())
    assert "wrong" not in str(refused.value), "the password is not told"


@pytest.mark.parametrize("listener", ["PLAINTEXT", "PLAIN", "SCRAM", "CERT"])
def test_right_settings_are_let_in(secured: Secured, monkeypatch: pytest.MonkeyPatch, listener: str) -> None:
    for name, value in secured.settings(listener).items():
        monkeypatch.setenv(name, value)
    require_access(load_settings().connection())


def test_a_cluster_that_is_away_refuses_nobody() -> None:
    require_access(load_settings(kafka=f"127.0.0.1:{free_port()}").connection())


def test_every_command_ends_with_the_sentence_instead_of_waiting(secured: Secured, tmp_path: Path) -> None:
    site = new_site(tmp_path, **secured.settings("SCRAM") | {"LAUFZETTEL_KAFKA_PASSWORD": ""})
    password = tmp_path / "password"
    password.write_text("wrong\n")
    commands = [("topics", "apply"), ("run", "router"), ("run", "intake"), ("run", "importer"), ("up",)]
    with ExitStack() as stack:
        started = [
            stack.enter_context(site.start(*command, LAUFZETTEL_KAFKA_PASSWORD_FILE=str(password)))
            for command in commands
        ]
        assert [each.ended() for each in started] == [ExitCode.MISCONFIGURED] * len(commands)
    for each in started:
        [sentence] = [line for line in each.said().splitlines() if "does not let this account in" in line]
        assert "LAUFZETTEL_KAFKA_PASSWORD" in sentence
        assert "Traceback" not in each.said()
