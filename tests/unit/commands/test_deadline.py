import json

import pytest
from typer.testing import CliRunner

from services.commands.deadline import app

BASE = ("explain", "--land", "NW")


@pytest.fixture(autouse=True)
def _english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "C.UTF-8")


def test_json_has_the_date_and_the_derivation_in_words() -> None:
    result = CliRunner().invoke(app, [*BASE, "--starts", "2026-03-04", "--length", "3 months", "--json"])
    assert result.exit_code == 0
    data = json.loads(result.stdout)
    assert data["date"] == "2026-06-05"
    assert any("Fronleichnam" in sentence for sentence in data["derivation"])


def test_a_person_reads_german_first_and_english_beside() -> None:
    result = CliRunner().invoke(app, [*BASE, "--starts", "2026-03-04", "--length", "3 months"])
    lines = result.stdout.splitlines()
    assert lines[0] == "2026-06-05"
    assert lines[1].startswith("1. Ereignis: Mittwoch, 04.03.2026")
    assert lines[2].startswith("   Event: Wednesday 2026-03-04")


@pytest.mark.parametrize(
    ("options", "date"),
    [
        (["--starts", "2026-03-04", "--length", "3 months", "--suspended", "2026-03-10..2026-03-19"], "2026-06-15"),
        (
            [
                *("--starts", "2026-03-04", "--length", "1 month"),
                *("--suspended", "2026-03-10..2026-03-19", "--suspended", "2026-04-10..2026-04-12"),
            ],
            "2026-04-17",
        ),
        (["--starts", "2026-03-04", "--length", "3 months", "--extended", "1 month"], "2026-07-06"),
        (["--starts", "2026-03-04", "--length", "3 months", "--via", "single-contact"], "2026-06-08"),
        (["--starts", "2026-01-01", "--length", "1 year", "--counting", "from-day"], "2026-12-31"),
        (["--fixed", "2026-10-03"], "2026-10-03"),
        (["--before", "2026-06-10", "--length", "3 days"], "2026-06-05"),
        (["--before", "2013-08-24", "--length", "3 days", "--clear"], "2013-08-20"),
        (["--starts", "2026-03-31T22:00:00Z", "--length", "1 month"], "2026-05-04"),
        (["--starts", "2026-03-31T23:59:59", "--length", "1 month"], "2026-04-30"),
        (
            [
                *("--starts", "2026-03-04", "--length", "3 months"),
                *("--suspended", "2026-04-01..2026-04-20", "--restart"),
            ],
            "2026-07-20",
        ),
    ],
)
def test_each_option_has_its_effect(options: list[str], date: str) -> None:
    result = CliRunner().invoke(app, [*BASE, *options, "--json"])
    assert json.loads(result.stdout)["date"] == date


def test_a_land_may_be_named_by_the_regional_key() -> None:
    options = ["explain", "--land", "010600063063", "--starts", "2026-03-04", "--length", "3 months", "--json"]
    assert json.loads(CliRunner().invoke(app, options).stdout)["date"] == "2026-06-04"


def test_every_wrong_word_is_named_at_once() -> None:
    options = ["--starts", "2026-02-30", "--length", "3 moons", "--suspended", "lately", "--extended", "a bit"]
    result = CliRunner().invoke(app, ["explain", "--land", "Mars", *options])
    assert result.exit_code == 2
    for wrong in ("Mars", "2026-02-30", "3 moons", "lately", "a bit"):
        assert wrong in result.stderr


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ([], "starts: the start is missing"),
        (["--starts", "2026-03-04"], "exactly one of within"),
        (["--starts", "2026-03-04", "--length", "1 month", "--fixed", "2026-04-01"], "exactly one of within"),
        (["--fixed", "2026-04-01", "--extended", "1 month"], "neither suspended nor extended"),
        (
            ["--starts", "2026-03-04", "--length", "1 month", "--suspended", "2026-03-09..2026-03-08"],
            "before it begins",
        ),
        (["--starts", "2026-03-04", "--length", "48 hours"], "needs day and time"),
        (["--starts", "2026-03-04", "--length", "1 month", "--extended", "3 hours"], "extended by hours"),
        (["--before", "2026-03-04", "--length", "3 hours"], "not in hours"),
        (["--starts", "1066-10-14", "--length", "1 month"], "1991"),
        (["--starts", "9999-12-31T23:59:59-12:00", "--length", "1 month"], "neither a date"),
        (["--starts", "2026-03-04", "--length", "1 month", "--suspended", "2026-03-09..9999-12-31"], "1991"),
        (["--fixed", "2026-02-30"], "is not a date"),
    ],
)
def test_what_cannot_be_computed_is_said_in_a_sentence(options: list[str], said: str) -> None:
    result = CliRunner().invoke(app, [*BASE, *options])
    assert result.exit_code == 2
    assert said in result.stderr


@pytest.mark.parametrize(
    ("received", "first"), [("2026-08-31T23:59:59", "2026-08-01"), ("2026-08-31T22:00:00+00:00", "2026-09-01")]
)
def test_the_last_second_of_a_month_decides_from_when_housing_benefit_is_paid(received: str, first: str) -> None:
    result = CliRunner().invoke(app, ["benefit", "--received", received, "--json"])
    assert json.loads(result.stdout)["date"] == first
    assert "§ 25 Abs. 2 Satz 1 WoGG" in " ".join(json.loads(result.stdout)["derivation"])
    assert CliRunner().invoke(app, ["benefit", "--received", received]).stdout.startswith(first)


def test_a_receipt_that_is_no_moment_is_refused() -> None:
    result = CliRunner().invoke(app, ["benefit", "--received", "lately"])
    assert result.exit_code == 2
    assert "neither a date" in result.stderr
