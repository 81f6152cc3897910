"""The benchmark at a size at which its figures mean nothing: it must not rot."""

import json
import subprocess
import sys
from collections import defaultdict
from typing import Any

import pytest

pytestmark = pytest.mark.kafka

Figures = dict[str, dict[str, Any]]


def figures(*sections: str) -> dict[str, Figures]:
    """By section and subject."""
    argv = [sys.executable, "-m", "tests.benchmark", "--tiny", "--json", *sections]
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    found: dict[str, Figures] = defaultdict(dict)
    for line in done.stdout.splitlines():
        figure = json.loads(line)
        found[figure["section"]][figure["subject"]] = figure
    return found


def test_what_needs_no_broker_is_measured() -> None:
    state = figures("state")["state"]
    assert all(figure["value"] > 0 for figure in state.values())
    assert {name.split(",")[0] for name in state} >= {"restore", "decisions a CPU-second", "tick with 2"}


def test_router_and_intake_are_measured_beside_their_floors() -> None:
    found = figures("router", "intake")
    assert found["router"]["requests unaccounted for"]["value"] == 0
    assert found["router"]["messages written for a case"]["value"] > 2
    for section, subject in (
        ("router", "cases a CPU-second, one process"),
        ("intake", "requests a second, 1 connections"),
    ):
        figure = found[section][subject]
        assert figure["value"] > 0 < figure["floor"], figure


@pytest.mark.slow
def test_everything_else_is_measured() -> None:
    found = figures("import", "latency", "takeover", "size")
    for section, subject in (("import", "rows a second"), ("latency", "p50 at 50 a second")):
        assert found[section][subject]["value"] > 0
    assert 0 < found["takeover"]["longest wait of a case, SIGTERM"]["value"] < 60
    assert found["size"]["resident, all processes without the broker"]["value"] > 50
