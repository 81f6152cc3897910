import io
import json
import logging  # noqa: TID251 - foreign lines are the subject
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import structlog

from schemas.errors import Misconfigured
from services.runtime.log import WITHHELD, Seldom, configure_log, wants_json

PERSON = "Erika Mustermann"
Lines = Callable[[], list[dict[str, Any]]]


@pytest.fixture(autouse=True)
def restored() -> Iterator[None]:
    root, level = logging.root.handlers[:], logging.root.level
    yield
    logging.root.handlers[:] = root
    logging.root.setLevel(level)
    logging.captureWarnings(capture=False)
    structlog.reset_defaults()


@pytest.fixture
def stream() -> io.TextIOWrapper:
    return io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True)


@pytest.fixture
def lines(stream: io.TextIOWrapper) -> Lines:
    configure_log(service="router", slot="1", json=True, stream=stream)

    def read() -> list[dict[str, Any]]:
        stream.seek(0)
        return [json.loads(line) for line in stream.read().splitlines()]

    return read


def test_a_line_names_its_service_and_slot(lines: Lines) -> None:
    structlog.get_logger().info("started", partitions=[0, 1], topic="case-requests")
    (line,) = lines()
    assert line["service"] == "router"
    assert line["slot"] == "1"
    assert line["event"] == "started"
    assert line["topic"] == "case-requests"
    assert line["timestamp"].endswith("Z")


def test_a_text_under_an_unknown_key_is_withheld(lines: Lines) -> None:
    structlog.get_logger().info("read", applicant=PERSON, form={"name": PERSON}, rows=3)
    assert lines()[0] | {"applicant": WITHHELD, "form": WITHHELD, "rows": 3} == lines()[0]


def fail() -> None:
    raise KeyError(PERSON)


def fail_for_a_reason() -> None:
    try:
        fail()
    except KeyError as error:
        raise Misconfigured("no lead") from error


def test_an_exception_shows_our_words_and_no_foreign_ones(lines: Lines) -> None:
    try:
        fail_for_a_reason()
    except Misconfigured:
        structlog.get_logger().exception("failed")
    ours, foreign = lines()[0]["exception"]
    assert (ours["type"], ours["text"]) == ("Misconfigured", "no lead")
    assert (foreign["type"], foreign["text"]) == ("KeyError", WITHHELD)
    assert ours["frames"][-1].endswith("fail_for_a_reason")


def test_foreign_lines_come_in_the_same_shape_from_warning_on(lines: Lines) -> None:
    logging.root.setLevel(logging.DEBUG)  # as Faust's worker does
    logging.getLogger("aiokafka.conn").info("chatter")
    logging.getLogger("aiokafka.conn").warning("gone %s", "away")
    (line,) = lines()
    assert (line["event"], line["level"], line["logger"]) == ("gone away", "warning", "aiokafka.conn")


def test_foreign_exceptions_are_not_quoted_either(lines: Lines) -> None:
    try:
        fail()
    except KeyError:
        logging.getLogger("faust").exception("crashed")
    assert PERSON not in json.dumps(lines())


def test_the_console_is_for_people(stream: io.TextIOWrapper) -> None:
    configure_log(service="router", json=False, stream=stream)
    try:
        fail()
    except KeyError:
        structlog.get_logger().exception("failed", applicant=PERSON)
    stream.seek(0)
    text = stream.read()
    assert "failed" in text
    assert "KeyError" in text
    assert PERSON not in text


def test_json_unless_a_person_watches(stream: io.TextIOWrapper) -> None:
    assert wants_json("auto", stream)
    assert not wants_json("console", stream)


def test_a_foreign_line_is_not_repeated_within_ten_seconds() -> None:
    now = [0.0]
    seldom = Seldom(now=lambda: now[0])

    def passes(message: str, *arguments: object, logger: str = "aiokafka") -> bool:
        return bool(seldom.filter(logging.LogRecord(logger, logging.ERROR, "", 0, message, arguments, None)))

    assert passes("Unable to connect to %s", 1)
    assert not passes("Unable to connect to %s", 2)
    assert passes("Unable to connect to %s", 2, logger="kafka")
    assert passes("Another %s", 1)
    raised = logging.LogRecord(
        "aiokafka", logging.ERROR, "", 0, "Unable to connect to %s", (1,), (OSError, OSError(), None)
    )
    assert seldom.filter(raised)
    now[0] = 10.0
    assert passes("Unable to connect to %s", 3)
