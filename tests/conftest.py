"""Fixtures that every kind of test may ask for, and what a test has recorded about itself, told at the end."""

from collections.abc import Callable, Iterator
from functools import partial

import pytest
import structlog

from tests.support.kafka import kafka, make_topic, own_kafka

__all__ = ["kafka", "make_topic", "own_kafka"]


@pytest.fixture(autouse=True)
def _own_log() -> Iterator[None]:
    """What one test configures reaches no other: a logger that was cached could never be captured again."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(structlog, "configure", partial(_configure, structlog.configure))
        yield
    structlog.reset_defaults()


def _configure(configure: Callable[..., None], **how: object) -> None:
    configure(**{**how, "cache_logger_on_first_use": False})


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Seeds, faults, counts: without them a run that failed could not be repeated, nor a good one believed."""
    for outcome in ("failed", "passed"):
        for report in terminalreporter.getreports(outcome):
            for name, value in report.user_properties if report.when == "call" else ():
                terminalreporter.write_line(f"{report.nodeid.rpartition('::')[0]}  {name}: {value}")
