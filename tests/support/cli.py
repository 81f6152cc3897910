"""The command line, as an operator of one installation types it."""

import io
import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from services.cli import main
from tests.support.book import SMALL


@dataclass
class Said:
    """What a command answered."""

    returncode: int
    stdout: str
    stderr: str


@dataclass
class Cli:
    """Runs ``laufzettel`` as its entry point does, in this process: starting Python forty times would take a minute."""

    folder: Path
    monkeypatch: pytest.MonkeyPatch
    capsys: pytest.CaptureFixture[str]

    def use(self, bootstrap: str, **more: str) -> None:
        """Sets what an operator has in the environment."""
        environ = {
            "LAUFZETTEL_KAFKA": bootstrap,
            "LAUFZETTEL_DATA_DIR": str(self.folder / "data"),
            "LAUFZETTEL_KOCHBUCH_DIR": str(self.folder / "kochbuch"),
            "LAUFZETTEL_MUNICIPALITIES_DIR": str(self.folder / "municipalities"),
            "LC_ALL": "C.UTF-8",
            **more,
        }
        for name, value in environ.items():
            self.monkeypatch.setenv(name, value)

    def run(self, *arguments: str, stdin: str = "") -> Said:
        self.monkeypatch.setattr(sys, "argv", ["laufzettel", *arguments])
        self.monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin.encode())))
        self.capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main()
        return Said(int(str(ended.value.code or 0)), *self.capsys.readouterr())

    def process(self, *arguments: str) -> Said:
        """In a process of its own, for what changes the process: its log."""
        argv = [sys.executable, "-m", "services.cli", *arguments]
        done = subprocess.run(argv, capture_output=True, text=True, check=False, timeout=120)
        return Said(done.returncode, done.stdout, done.stderr)

    def json(self, *arguments: str, code: int = 0) -> list[dict[str, Any]]:
        done = self.run(*arguments, "--json")
        assert done.returncode == code, done.stderr
        return [json.loads(line) for line in done.stdout.splitlines()]

    def submit(self, **form: object) -> str:
        body = json.dumps({"service": "99102013104000", "municipality": "town", "form": {**SMALL, **form}})
        done = self.run("submit", "-", "--direct", "portal-1", "--json", stdin=body)
        assert done.returncode == 0, done.stderr
        return str(json.loads(done.stdout)["reference"])
