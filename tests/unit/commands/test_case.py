import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from schemas.command import command_schemas, fields_of
from schemas.errors import Misconfigured, Rejected
from services.commands.case import app
from services.commands.case_send import _add_text, _fields

CASE = "7a1f6d52-8a57-5b0e-9c39-1f6f0d2b7a11"


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, arguments)


def test_the_commands_are_listed_with_the_states_that_take_them() -> None:
    rows = {row["command"]: row for row in map(json.loads, run("commands", "--json").stdout.splitlines())}
    assert rows.keys() == command_schemas().keys()
    assert rows["ConfirmCompleteness"]["states"] == ["open"]
    assert rows["Reopen"]["states"] == ["decided", "closed"]
    assert "DecisionProposed" in rows["Decide"]["events"]
    assert "ExtendDeadline" in run("commands").stdout


def test_one_command_is_explained_field_by_field() -> None:
    fields = {each["field"]: each for each in json.loads(run("commands", "ask-applicant", "--json").stdout)["fields"]}
    assert (fields["papers"]["required"], fields["text"]["required"]) == (True, False)
    plain = run("commands", "AskApplicant").stdout
    assert "Taken when the case is open, waiting; then ApplicantAsked." in plain
    assert "The papers that are missing" in plain


def test_values_are_collected_by_field() -> None:
    assert _fields(["papers=Plan", "papers=Statik = 2", "text="]) == {"papers": ["Plan", "Statik = 2"], "text": [""]}
    result = run("send", CASE, "Claim", "--actor", "sb-00000001", "--set", "station")
    assert result.exit_code == 2
    assert "FIELD=VALUE" in result.stderr


@pytest.mark.parametrize(
    ("kind", "field", "said"),
    [
        ("AddNote", "text", ["Plan\nStatik"]),
        ("Consult", "question", ["Plan\nStatik"]),
        ("SupplyDocuments", "papers", ["Plan", "Statik"]),
    ],
)
def test_what_is_written_in_a_file_goes_into_the_one_field_for_words(
    tmp_path: Path, kind: str, field: str, said: list[str]
) -> None:
    path = tmp_path / "words.txt"
    path.write_text("Plan\nStatik", encoding="utf-8")
    fields: dict[str, list[str]] = {}
    _add_text(kind, fields, str(path))
    assert fields == {field: said}


def test_every_command_has_at_most_one_text_of_its_own() -> None:
    for kind in command_schemas():
        assert sum(each.personal and each.shape == "text" for each in fields_of(kind)) <= 1


def test_a_command_without_words_takes_no_file(tmp_path: Path) -> None:
    result = run("send", CASE, "Claim", "--actor", "sb-00000001", "--text-file", str(tmp_path / "none"))
    assert (result.exit_code, "says nothing in words" in result.stderr) == (2, True)


def test_a_file_that_cannot_be_read_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "latin.txt").write_bytes(b"\xfcber")
    for name in ("none.txt", "latin.txt"):
        with pytest.raises(Misconfigured, match=name):
            _add_text("AddNote", {}, str(tmp_path / name))


def test_all_problems_are_said_before_any_broker_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAUFZETTEL_KAFKA", "127.0.0.1:9")
    result = run("send", CASE, "Consult", "--actor", "Erika Muster", "--set", "until=soon")
    assert isinstance(result.exception, Rejected)
    assert {problem.where for problem in result.exception.problems} == {"actor", "until", "to_department", "question"}
