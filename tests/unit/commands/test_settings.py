import json
from typing import Any

import pytest
from typer.testing import CliRunner

from services.cli import app
from services.runtime.settings import Settings


def rows(monkeypatch: pytest.MonkeyPatch, **environ: str) -> dict[str, dict[str, Any]]:
    for name, value in environ.items():
        monkeypatch.setenv(f"LAUFZETTEL_{name}", value)
    result = CliRunner().invoke(app, ["settings", "--json"])
    assert result.exit_code == 0, result.output
    listed = map(json.loads, result.stdout.splitlines())
    return {row["setting"].removeprefix("LAUFZETTEL_").lower(): row for row in listed}


def test_every_setting_is_listed_with_what_it_is_for(monkeypatch: pytest.MonkeyPatch) -> None:
    listed = rows(monkeypatch, PARTITIONS="8")
    assert listed.keys() == {*Settings.model_fields, "operator", "api_key"}
    assert all(row["means"] for row in listed.values())
    assert (listed["partitions"]["value"], listed["partitions"]["default"]) == (8, 4)


def test_secrets_are_not_shown_but_that_they_are_set(monkeypatch: pytest.MonkeyPatch) -> None:
    assert rows(monkeypatch)["kafka_password"]["value"] == ""
    listed = rows(monkeypatch, KAFKA_PASSWORD="geheim", API_KEY="geheim")
    assert {listed[name]["value"] for name in ("kafka_password", "api_key")} == {"••••"}
    assert "geheim" not in str(listed)
