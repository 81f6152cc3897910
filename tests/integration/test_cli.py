"""The operator's commands as an operator types them, against a broker of their own installation."""

import asyncio
import json
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
import structlog
from kafka import KafkaAdminClient

from schemas.dead_letter import dead_letter
from schemas.errors import Reason, Rejected
from schemas.message import Stored
from services.runtime.broker.node import embedded_broker
from services.runtime.folders import cache_dir
from services.runtime.kafka import Connection, KafkaBus
from tests.support.book import DOG, TOWN, write
from tests.support.cli import Cli
from tests.support.deadline import eventually

pytestmark = pytest.mark.kafka

TYPED = (
    TOWN
    + """
    sources:
      old:
        kind: hotfolder
        folder: old
        pattern: "*.csv"
        service: "99102013104000"
        encoding: utf-8
        format: {type: csv, delimiter: ";", columns: [Name, Vorname, Rasse, Seit]}
        map:
          holder.family_name: Name
          holder.given_names: Vorname
          breed: Rasse
          kept_since: {column: Seit, as: date}
"""
)


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A broker of this module: topics have fixed names, so the session's would mix up installations."""
    with embedded_broker(tmp_path_factory.mktemp("cli-kafka"), cache_dir()) as node:
        yield node.bootstrap


@pytest.fixture
def cli(
    broker: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Cli]:
    """An installation of its own, on a cluster without topics."""
    write(tmp_path / "kochbuch", "dog", DOG)
    write(tmp_path / "municipalities", "town", TYPED)
    # Commands set up their log once a process; here it would outlive the test whose stderr it writes to.
    monkeypatch.setattr(structlog, "is_configured", lambda: True)
    cli = Cli(tmp_path, monkeypatch, capsys)
    cli.use(broker)
    yield cli
    with closing(KafkaAdminClient(bootstrap_servers=broker)) as admin:
        admin.delete_topics([name for name in admin.list_topics() if not name.startswith("__")])
        eventually(lambda: all(name.startswith("__") for name in admin.list_topics()))


def dead_letters(bootstrap: str, *cases: str) -> None:
    """Dead letters as the router writes them."""
    asyncio.run(_dead_letters(bootstrap, cases))


async def _dead_letters(bootstrap: str, cases: Iterable[str]) -> None:
    async with KafkaBus(Connection(bootstrap)) as bus:
        for number, case in enumerate(cases):
            record = Stored("case-requests", number % 4, number, case.encode(), b"\x00raw", [("ce_type", b"Claim")], 0)
            letter = dead_letter(
                record, Rejected(Reason.UNROUTABLE, "no station fits"), "router", 1_790_000_000_000_000
            )
            await bus.publisher().publish([letter])


async def _requests(bootstrap: str) -> list[Stored]:
    async with KafkaBus(Connection(bootstrap)) as bus:
        return [record async for record in bus.read("case-requests")]


def test_topics_are_planned_applied_and_then_as_they_should_be(cli: Cli) -> None:
    planned = cli.json("topics", "plan", code=1)
    assert {"create", "publish"} == {change["change"] for change in planned}
    assert any(change["topic"] == "department.town.taxes" for change in planned)
    assert cli.json("topics", "apply")
    assert cli.json("topics", "plan") == []
    assert cli.json("topics", "apply") == []


def test_what_must_not_change_is_refused_and_nothing_is_touched(cli: Cli) -> None:
    cli.json("topics", "apply")
    cli.monkeypatch.setenv("LAUFZETTEL_PARTITIONS", "8")
    done = cli.run("topics", "apply")
    assert done.returncode == 78
    assert "LAUFZETTEL_PARTITIONS=4" in done.stderr
    assert "Traceback" not in done.stderr
    cli.monkeypatch.delenv("LAUFZETTEL_PARTITIONS")
    write(cli.folder / "kochbuch", "dog", DOG.replace("kept_since: {type: date}", "kept_since: {type: text}"))
    done = cli.run("topics", "apply")
    assert done.returncode == 78
    assert "CaseSubmitted_v1" in done.stderr


def test_a_case_is_found_by_its_reference_and_its_form_stays_hidden(cli: Cli) -> None:
    cli.json("topics", "apply")
    reference = cli.submit(breed="Bullterrier")
    (found,) = cli.json("trace", reference.lower().replace("-", "", 1).replace("tw", "tw-", 1))
    assert [step["topic"] for step in found["steps"]] == ["case-requests"]
    assert "Bullterrier" not in json.dumps(found)
    revealed = cli.process("trace", found["case_id"], "--reveal", "asked by the applicant", "--by", "clerk-7", "--json")
    assert "Bullterrier" in revealed.stdout
    assert "form revealed" in revealed.stderr
    assert "clerk-7" in revealed.stderr


def test_an_unknown_case_and_a_mistyped_reference_are_said_in_words(cli: Cli) -> None:
    cli.json("topics", "apply")
    for case, word in (("TW-AAAA-AAAA-AAAA", "mistyped"), ("00000000-0000-0000-0000-000000000000", "no topic")):
        done = cli.run("trace", case)
        assert done.returncode == 1
        assert word in done.stderr
        assert "Traceback" not in done.stderr


def test_submitting_the_same_again_is_the_same_case(cli: Cli) -> None:
    cli.json("topics", "apply")
    assert cli.submit() == cli.submit()


def test_what_the_form_does_not_allow_is_said_with_its_path(cli: Cli) -> None:
    body = json.dumps({"service": "99102013104000", "municipality": "town", "form": {"breed": 7}})
    done = cli.run("submit", "-", "--direct", "portal-1", stdin=body)
    assert done.returncode == 1
    assert {"form.holder", "form.breed", "form.kept_since"} <= {
        line.partition(":")[0] for line in done.stderr.splitlines()
    }


def test_dead_letters_are_listed_tried_replayed_once_and_discarded(cli: Cli, broker: str) -> None:
    cli.json("topics", "apply")
    dead_letters(broker, "a", "b", "c")
    listed = cli.json("dead-letters", "list", "--reason", "unroutable")
    assert len(listed) == 3
    assert {letter["status"] for letter in listed} == {"open"}

    assert cli.json("dead-letters", "replay", "--by", "clerk-7") == cli.json(
        "dead-letters", "replay", "--by", "clerk-7", "--yes", "--dry-run"
    )
    (tried,) = cli.json("dead-letters", "replay", "--by", "clerk-7")
    assert (tried["action"], tried["number"]) == ("would be replayed", 3)
    assert len(cli.json("dead-letters", "list")) == 3

    one = listed[0]["id"]
    (done,) = cli.json("dead-letters", "discard", one, "--why", "a test", "--by", "clerk-7", "--yes")
    assert done["number"] == 1
    (done,) = cli.json("dead-letters", "replay", "--by", "clerk-7", "--yes")
    assert done["number"] == 2
    (done,) = cli.json("dead-letters", "replay", "--by", "clerk-7", "--yes")
    assert done["number"] == 0

    assert cli.json("dead-letters", "list") == []
    kept = {letter["id"]: letter["status"] for letter in cli.json("dead-letters", "list", "--all")}
    assert sorted(kept.values()) == ["discarded", "replayed", "replayed"]
    assert cli.run("dead-letters", "discard", one, "--by", "clerk-7", "--yes").returncode == 2
    (shown,) = cli.json("dead-letters", "show", one)
    assert (shown["by"], shown["why"]) == ("clerk-7", "a test")
    assert cli.run("dead-letters", "show", one, "--raw").stdout == "\x00raw"


def test_replayed_records_stand_where_they_stood_with_the_loop_guard(cli: Cli, broker: str) -> None:
    cli.json("topics", "apply")
    dead_letters(broker, "a", "b", "c", "d", "e")
    cli.json("dead-letters", "replay", "--by", "clerk-7", "--yes")
    back = {record.key: record for record in asyncio.run(_requests(broker))}
    assert {key: record.partition for key, record in back.items()} == {b"a": 0, b"b": 1, b"c": 2, b"d": 3, b"e": 0}
    assert all(record.header("dl_replays") == b"1" and record.header("dl_reason") is None for record in back.values())


def test_a_replay_that_is_killed_goes_on_and_sends_each_record_once(cli: Cli, broker: str) -> None:
    cli.json("topics", "apply")
    cases = [f"case-{number}" for number in range(40)]
    dead_letters(broker, *cases)
    argv = [sys.executable, "-m", "services.cli", "dead-letters", "replay", "--by", "clerk-7", "--rate", "8", "--yes"]
    replay = subprocess.Popen(argv)
    try:
        eventually(lambda: len(asyncio.run(_requests(broker))) >= 8, within=60)
    finally:
        replay.kill()
        replay.wait()
    cut = len(asyncio.run(_requests(broker)))
    assert 8 <= cut < 40
    (done,) = cli.json("dead-letters", "replay", "--by", "clerk-7", "--yes")
    assert done["number"] == 40 - cut
    assert sorted((record.key or b"").decode() for record in asyncio.run(_requests(broker))) == sorted(cases)


def test_a_file_is_imported_once_and_its_bad_row_is_found_by_its_name(cli: Cli) -> None:
    cli.json("topics", "apply")
    path = cli.folder / "dogs.csv"
    path.write_text(
        "Name;Vorname;Rasse;Seit\nMuster;Erika;Dackel;01.03.2026\nMuster;Max;Mops;never\n", encoding="utf-8"
    )
    (done,) = cli.json("import", str(path), "--source", "town.old")
    assert (done["state"], done["accepted"], done["rejected"]) == ("done", 1, 1)
    (again,) = cli.json("import", str(path), "--source", "town.old")
    assert again["state"] == "duplicate"
    (letter,) = cli.json("dead-letters", "list", "--file", "dogs*")
    assert letter["place"] == "dogs.csv line 3"
    assert path.exists()


def test_an_unknown_source_is_refused_with_the_known_ones(cli: Cli) -> None:
    (cli.folder / "x.csv").write_text("", encoding="utf-8")
    done = cli.run("import", str(cli.folder / "x.csv"), "--source", "town.new")
    assert done.returncode == 78
    assert "town.old" in done.stderr


def test_the_balance_and_lag_of_requests_that_nobody_has_routed_yet(cli: Cli) -> None:
    cli.json("topics", "apply")
    cli.submit()
    (account,) = cli.json("balance")
    assert (account["accepted"], account["in_flight"], account["even"]) == (1, 1, True)
    waits = [(row["group"], row["topic"]) for row in cli.json("lag") if row["records"] and row["seconds"] > 0]
    assert waits == [("router", "case-requests")]


def test_doctor_names_what_is_missing_and_is_content_when_it_is_there(cli: Cli) -> None:
    findings = {finding["check"]: finding for finding in cli.json("doctor", code=1)}
    assert findings["kafka"]["state"] == "ok"
    assert "topics apply" in findings["topics"]["remedy"]
    cli.json("topics", "apply")
    states = {finding["check"]: finding["state"] for finding in cli.json("doctor")}
    assert (states["topics"], states["schemas"]) == ("ok", "ok")


def test_a_cluster_that_is_away_is_one_sentence(cli: Cli) -> None:
    cli.use("127.0.0.1:9")
    done = cli.run("lag")
    assert done.returncode == 69
    assert "LAUFZETTEL_KAFKA" in done.stderr
    assert "Traceback" not in done.stderr
