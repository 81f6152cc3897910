import json

import pytest

from schemas.errors import Misconfigured, Problem, Reason, Rejected, Unavailable
from services.commands import terminal
from services.runtime.exit_codes import ExitCode


@pytest.fixture(autouse=True)
def consoles() -> None:
    terminal.out.cache_clear()
    terminal.err.cache_clear()


PROBLEM = Problem("dueren.yaml:3: ars", "Die Ziffern fehlen.", "the digits are missing")


@pytest.mark.parametrize(
    ("environ", "german"),
    [
        ({}, False),
        ({"LANG": "de_DE.UTF-8"}, True),
        ({"LANG": "de_AT.UTF-8", "LC_ALL": "en_GB.UTF-8"}, False),
        ({"LANG": "C"}, False),
    ],
)
def test_the_language_is_that_of_the_terminal(environ: dict[str, str], german: bool) -> None:
    assert terminal.speaks_german(environ) is german


def test_a_problem_is_said_with_its_place(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "de_DE.UTF-8")
    assert terminal.words(PROBLEM) == "dueren.yaml:3: ars: Die Ziffern fehlen."
    monkeypatch.setenv("LC_ALL", "C")
    assert terminal.words(PROBLEM) == "dueren.yaml:3: ars: the digits are missing"


def test_content_cannot_steer_the_terminal() -> None:
    assert "\x1b" not in terminal.printable("\x1b[31mred\x1b[0m\nnext")


def test_data_goes_to_stdout_and_messages_to_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    terminal.emit({"a": 1})
    terminal.say("done [bold]not markup[/bold]")
    captured = capsys.readouterr()
    assert json.loads(captured.out) == {"a": 1}
    assert captured.err == "done [bold]not markup[/bold]\n"


def test_a_table_in_a_pipe_is_neither_cut_nor_coloured(capsys: pytest.CaptureFixture[str]) -> None:
    wide = "x" * 300
    terminal.table(("name",), [(wide,), ("[red]y",)])
    out = capsys.readouterr().out
    assert wide in out
    assert "[red]y" in out
    assert "\x1b" not in out


def test_a_list_is_one_document_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    terminal.emit_or_table(True, [{"a": 1}, {"a": 2}], ("a",), "none")
    assert [json.loads(line) for line in capsys.readouterr().out.splitlines()] == [{"a": 1}, {"a": 2}]


def test_an_empty_table_says_so_on_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    terminal.emit_or_table(False, [], ("a",), "Nothing there.")
    assert capsys.readouterr() == ("", "Nothing there.\n")


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (Rejected(Reason.INVALID, "x"), ExitCode.FINDING),
        (Unavailable("x"), ExitCode.UNAVAILABLE),
        (Misconfigured("x"), ExitCode.MISCONFIGURED),
    ],
)
def test_each_kind_of_error_has_its_exit_code(error: Exception, code: ExitCode) -> None:
    assert terminal.code_of(error) is code


def test_progress_is_silent_where_nobody_looks(capsys: pytest.CaptureFixture[str]) -> None:
    with terminal.progress("Reading") as counter:
        counter(1, 2)
    assert capsys.readouterr() == ("", "")
