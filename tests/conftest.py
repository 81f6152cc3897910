"""Fixtures that every kind of test may ask for, and what a test has recorded about itself, told at the end."""

import pytest

from tests.support.kafka import kafka, make_topic, own_kafka

__all__ = ["kafka", "make_topic", "own_kafka"]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Seeds, faults, counts: without them a run that failed could not be repeated, nor a good one believed."""
    for outcome in ("failed", "passed"):
        for report in terminalreporter.getreports(outcome):
            for name, value in report.user_properties if report.when == "call" else ():
                terminalreporter.write_line(f"{report.nodeid.rpartition('::')[0]}  {name}: {value}")
