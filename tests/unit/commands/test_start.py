"""The command line as a whole: light, complete, documented."""

import subprocess
import sys

import pytest
from typer.testing import CliRunner

from services.cli import COMMANDS, GROUPS, app
from services.runtime.exit_codes import MEANINGS

HEAVY = (
    "aiokafka",
    "avro",
    "fastavro",
    "faust",
    "holidays",
    "httpx2",
    "kafka",
    "prometheus_client",
    "pydantic",
    "uvicorn",
    "yaml",
)
PROMISED = {
    "demo", "up", "run", "broker", "check", "topics", "recipe", "submit", "import", "trace", "dead-letters", "lag",
    "doctor", "balance", "deadline",
}  # fmt: skip


def test_help_loads_nothing_heavy() -> None:
    script = (
        "import sys; from services import cli\n"
        "try: cli.app(['--help'])\n"
        "except SystemExit: pass\n"
        f"print([name for name in {HEAVY!r} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_every_promised_command_is_there() -> None:
    assert set(COMMANDS) | set(GROUPS) >= PROMISED


@pytest.mark.parametrize("name", sorted({*COMMANDS, *GROUPS}))
def test_every_command_explains_itself(name: str) -> None:
    done = CliRunner().invoke(app, [name, "--help"])
    assert done.exit_code == 0
    assert "Usage:" in done.output


def test_help_documents_every_exit_code() -> None:
    output = " ".join(CliRunner().invoke(app, ["--help"]).output.split())
    for code, (_, meaning) in MEANINGS.items():
        assert f"{code.value} {meaning}" in output


def test_a_mistyped_command_is_a_usage_error() -> None:
    assert CliRunner().invoke(app, ["topcis"]).exit_code == 2
