"""Why a broker ended, from what Kafka 4.3 wrote."""

from pathlib import Path

import pytest

from services.runtime.broker.failure import disk_problem, explain, lasting_problem
from services.runtime.broker.folder import Folder

TAKEN = """\
[2026-03-01 10:00:00,000] ERROR Exiting Kafka due to fatal exception (kafka.Kafka$)
org.apache.kafka.common.KafkaException: Socket server failed to bind to 127.0.0.1:{port}: Address already in use.
Caused by: java.net.BindException: Address already in use
"""


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


def test_the_brokers_own_port_is_a_lasting_reason(folder: Folder) -> None:
    folder.log.write_text(TAKEN.format(port=19092), encoding="ascii")
    problem = lasting_problem(folder, 19092)
    assert problem is not None
    assert "LAUFZETTEL_BROKER_PORT" in problem.text_en
    assert explain(folder, 1, 19092).problems == (problem,)


def test_the_controllers_port_is_another_one_at_the_next_start(folder: Folder) -> None:
    folder.log.write_text(TAKEN.format(port=25001), encoding="ascii")
    assert lasting_problem(folder, 19092) is None
    assert "LAUFZETTEL_BROKER_PORT" not in str(explain(folder, 1, 19092))


def test_a_full_disk_is_no_lasting_reason(folder: Folder) -> None:
    folder.console.write_text("java.io.IOException: No space left on device", encoding="ascii")
    assert lasting_problem(folder, 19092) is None
    assert disk_problem(folder) is not None


def test_what_is_unknown_is_told_in_kafkas_last_words(folder: Folder) -> None:
    folder.log.write_text("x INFO fine\nx ERROR something else\nx INFO ending\n", encoding="ascii")
    assert "x ERROR something else" in str(explain(folder, 3))
