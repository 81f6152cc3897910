import os
from pathlib import Path

import pytest

from connectors.portal import MAX_BYTES
from schemas.errors import Misconfigured
from services.runtime.settings import PREFIX, Settings, load_settings, unknown_settings


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in os.environ:
        if name.startswith(PREFIX):
            monkeypatch.delenv(name)


def places(error: Misconfigured) -> list[str]:
    return [problem.where for problem in error.problems]


def test_without_any_setting_the_embedded_broker_serves_this_machine_alone() -> None:
    settings = load_settings()
    assert settings.embedded
    assert settings.bootstrap == "127.0.0.1:19092"
    assert settings.host == "127.0.0.1"


def test_the_environment_is_read_and_overridden(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAUFZETTEL_KAFKA", "kafka:9092")
    monkeypatch.setenv("LAUFZETTEL_INTAKE_PORT", "1")
    settings = load_settings(intake_port=2)
    assert (settings.bootstrap, settings.intake_port) == ("kafka:9092", 2)


def test_an_empty_variable_is_no_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAUFZETTEL_INBOX_DIR", "")
    settings = load_settings()
    assert settings.inbox == settings.data_dir / "inbox"


def test_all_problems_are_told_at_once_and_in_both_languages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAUFZETTEL_INTAKE_PORT", "http")
    monkeypatch.setenv("LAUFZETTEL_PARTITIONS", "0")
    with pytest.raises(Misconfigured) as caught:
        load_settings(kafka_security="TLS")
    assert sorted(places(caught.value)) == [
        "LAUFZETTEL_INTAKE_PORT",
        "LAUFZETTEL_KAFKA_SECURITY",
        "LAUFZETTEL_PARTITIONS",
    ]
    assert all(problem.text and problem.text_en for problem in caught.value.problems)


def test_what_belongs_together_is_missed_together(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured) as caught:
        load_settings(kafka_security="SASL_SSL", kafka_cert_file=tmp_path / "absent", replication_factor=3)
    assert places(caught.value) == [
        "LAUFZETTEL_KAFKA_USERNAME",
        "LAUFZETTEL_KAFKA_PASSWORD",
        "LAUFZETTEL_KAFKA_CERT_FILE",
        "LAUFZETTEL_KAFKA_CERT_FILE",
        "LAUFZETTEL_REPLICATION_FACTOR",
    ]


def test_a_password_is_never_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAUFZETTEL_KAFKA_PASSWORD", "geheim")
    settings = load_settings(kafka="k:1", kafka_security="SASL_SSL", kafka_username="u")
    assert settings.connection().password == "geheim"
    assert "geheim" not in f"{settings!r} {settings.model_dump_json()} {settings.connection()!r}"
    with pytest.raises(Misconfigured) as caught:
        load_settings(partitions="geheim")
    assert "geheim" not in str(caught.value)


def test_a_password_may_stand_in_a_file(tmp_path: Path) -> None:
    (tmp_path / "password").write_text("aus der Datei\n", encoding="utf-8")
    settings = load_settings(kafka_security="SASL_SSL", kafka_username="u", kafka_password_file=tmp_path / "password")
    assert settings.password() == "aus der Datei"


@pytest.mark.parametrize("name", Settings.model_fields)
def test_every_setting_is_described(name: str) -> None:
    assert Settings.model_fields[name].description


def test_a_misspelt_setting_is_recognised() -> None:
    problems = unknown_settings(
        {"LAUFZETTEL_KAKFA": "x", "LAUFZETTEL_KAFKA": "y", "LAUFZETTEL_TEST_KAFKA": "z", "PATH": ""}
    )
    assert [problem.text_en for problem in problems] == ["There is no such setting. Did you mean LAUFZETTEL_KAFKA?"]


def test_relative_folders_do_not_follow_the_working_directory(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    settings = load_settings(data_dir="data")
    assert settings.data_dir == tmp_path / "data"


def test_no_larger_body_can_be_allowed_than_the_portal_connector_takes() -> None:
    assert load_settings(max_body_bytes=MAX_BYTES).max_body_bytes == MAX_BYTES
    with pytest.raises(Misconfigured, match="LAUFZETTEL_MAX_BODY_BYTES"):
        load_settings(max_body_bytes=MAX_BYTES + 1)
