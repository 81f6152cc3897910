import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from schemas.check.book import check_book
from schemas.errors import Misconfigured, Rejected
from schemas.kochbuch import MUNICIPALITIES, RECIPES, read_recipe
from services.commands import check as checking
from services.commands import recent
from services.commands.recipe import app
from tests.support.book import DOG, write

CHECK = typer.Typer()
CHECK.command()(checking.check)
HOME = {"street": "Teststraße", "postcode": "52349", "city": "Düren"}


@pytest.fixture(autouse=True)
def _english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "C.UTF-8")


def rows(text: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in text.splitlines()]


def test_the_list_says_where_a_recipe_is_live() -> None:
    result = CliRunner().invoke(app, ["list", "--json"])
    [dog] = [row for row in rows(result.stdout) if row["recipe"] == "hundesteuer-anmeldung"]
    assert dog["service"] == "99102013104000"
    assert {"dueren", "norderstedt"} <= set(dog["live"])  # type: ignore[call-overload]  # a list of names
    assert "hundesteuer-anmeldung" in CliRunner().invoke(app, ["list"]).stdout


@pytest.mark.parametrize("path", sorted(RECIPES.glob("*.yaml")), ids=lambda path: path.stem)
def test_every_recipe_can_be_shown(path: Path) -> None:
    result = CliRunner().invoke(app, ["show", str(path), "--json"])
    assert json.loads(result.stdout)["recipe"] == path.stem
    assert "Steckbrief" in CliRunner().invoke(app, ["show", str(path)]).stdout


def test_what_is_refused_is_shown_with_its_reason() -> None:
    shown = CliRunner().invoke(app, ["show", "melderegisterauskunft"]).stdout
    assert "§ 44 (3) no. 2 BMG" in shown
    assert "“No use for advertising or trade in addresses”: no" in shown


def test_the_examples_run() -> None:
    result = CliRunner().invoke(app, ["test", "kita-aufnahme", "--json"])
    assert result.exit_code == 0
    assert [row["passed"] for row in rows(result.stdout)] == [True] * 7


def test_an_example_that_differs_is_a_finding(tmp_path: Path) -> None:
    wrong = write(tmp_path, "dog", DOG.replace("stations: [assess, dangerous-dog]", "stations: [assess]"))
    result = CliRunner().invoke(app, ["test", str(wrong)])
    assert result.exit_code == 1
    assert "expected assess; found assess, dangerous-dog" in result.stderr


def test_an_unknown_recipe_is_named_with_the_nearest() -> None:
    result = CliRunner().invoke(app, ["show", "hundesteuer"])
    assert isinstance(result.exception, Rejected)
    assert "hundesteuer-anmeldung" in str(result.exception)


def test_explain_says_which_rules_matched_and_never_what_was_written(tmp_path: Path) -> None:
    form = {
        "holder": {"family_name": "GEHEIM", "given_names": "X", "address": HOME},
        "breed": "GEHEIM",
        "weight_kg": 77,
        "kept_since": "2026-01-01",
    }
    file = tmp_path / "submission.json"
    file.write_text(json.dumps({"service": "99102013104000", "municipality": "dueren", "form": form}), encoding="utf-8")
    result = CliRunner().invoke(app, ["explain", str(file), "--json"])
    stations = {row["station"]: row for row in json.loads(result.stdout)["stations"]}
    dog = stations["dangerous-dog"]
    assert (dog["opens"], dog["department"], dog["role"]) == (True, "ordnungsamt", "public-order")
    dangerous, listed, in_the_land = dog["verdict"]["parts"]
    assert (dangerous["holds"], listed["holds"]) == (False, False)
    land, which = in_the_land["parts"]
    assert (land["rule"], land["holds"]) == ("land equals NW", True)
    assert [(part["rule"].split()[0], part["holds"]) for part in which["parts"]] == [
        ("breed", False), ("crossed_with", False), ("weight_kg", True), ("height_cm", False),
    ]  # fmt: skip
    assert stations["collect"]["opens"] is False
    assert stations["collect"]["sees"] == []
    for text in (result.stdout, CliRunner().invoke(app, ["explain", str(file)]).stdout):
        assert "GEHEIM" not in text
        assert "77" not in text


def test_explain_takes_a_form_alone_from_stdin_and_an_example() -> None:
    holder = {"family_name": "M", "given_names": "E", "address": HOME}
    form = {"holder": holder, "breed": "Dackel", "kept_since": "2026-01-01"}
    named = ["explain", "--recipe", "hundesteuer-anmeldung", "--json"]
    result = CliRunner().invoke(app, named, input=json.dumps(form))
    assert [row["opens"] for row in json.loads(result.stdout)["stations"]] == [True, False, False]
    second = json.loads(CliRunner().invoke(app, [*named, "--example", "2"]).stdout)
    assert [row["opens"] for row in second["stations"]] == [True, True, False]


def test_explain_shows_what_a_station_waits_for() -> None:
    result = CliRunner().invoke(app, ["explain", "--recipe", "kita-aufnahme", "--example", "1", "--json"])
    [second] = [row for row in json.loads(result.stdout)["stations"] if row["station"] == "second-choice"]
    assert (second["opens"], second["waits_for"]) == (False, ["first-choice"])


@pytest.mark.parametrize(
    ("options", "stdin"),
    [
        (["--recipe", "hundesteuer-anmeldung", "--example", "99"], ""),
        (["--recipe", "hundesteuer-anmeldung", "--municipality", "koeln", "--example", "1"], ""),
        ([], "{}"),
        ([], "not json"),
        ([], "[]"),
    ],
)
def test_wrong_questions_are_usage_errors(options: list[str], stdin: str) -> None:
    assert CliRunner().invoke(app, ["explain", *options], input=stdin).exit_code == 2


def test_an_invalid_form_is_refused_with_every_problem() -> None:
    result = CliRunner().invoke(app, ["explain", "--recipe", "hundesteuer-anmeldung"], input='{"breed": 1}')
    assert isinstance(result.exception, Rejected)
    assert {problem.where for problem in result.exception.problems} == {"form.breed", "form.holder", "form.kept_since"}


def test_a_new_recipe_passes_check(tmp_path: Path) -> None:
    kochbuch = tmp_path / "kochbuch"
    shutil.copytree(RECIPES, kochbuch)
    title = ["--title", 'Fundsache: "Herausgabe"', "--title-en", "Lost property"]
    options = ["new", "fundsache", "--service", "99089017152000", "--folder", str(kochbuch), *title]
    result = CliRunner().invoke(app, options)
    assert result.exit_code == 0
    assert result.stdout.strip() == str(kochbuch / "fundsache.yaml")
    assert check_book(kochbuch, MUNICIPALITIES).problems == ()
    written = read_recipe(kochbuch / "fundsache.yaml").deadline
    assert written is not None
    assert (written.remind is not None, written.on_expiry, written.escalate_to) == (True, "escalate", "triage")
    assert CliRunner().invoke(app, ["test", str(kochbuch / "fundsache.yaml")]).exit_code == 0
    assert CliRunner().invoke(app, options).exit_code == 2, "an existing file is never overwritten"


def test_a_new_recipe_does_not_go_live_before_its_provisions_are_named(tmp_path: Path) -> None:
    shutil.copytree(RECIPES, tmp_path / "kochbuch")
    shutil.copytree(MUNICIPALITIES, tmp_path / "towns")
    options = ["new", "fundsache", "--service", "99089017152000", "--folder", str(tmp_path / "kochbuch")]
    assert CliRunner().invoke(app, options).exit_code == 0
    dueren = tmp_path / "towns" / "dueren.yaml"
    text = dueren.read_text(encoding="utf-8")
    dueren.write_text(text.replace("\nrecipes:\n", "\nrecipes:\n  fundsache: live\n"), encoding="utf-8")
    found = check_book(tmp_path / "kochbuch", tmp_path / "towns").problems
    keys = {problem.where.partition(": ")[2] for problem in found}
    assert keys == {"legal_basis.0", "route.0.basis", "route.1.basis", "on_request.basis"}
    assert all("legal basis is still missing" in problem.text_en for problem in found)


@pytest.mark.parametrize(
    "options", [["Fundsache", "--service", "99089017152000"], ["fundsache", "--service", "99089017000000"]]
)
def test_a_new_recipe_needs_a_right_name_and_key(tmp_path: Path, options: list[str]) -> None:
    assert CliRunner().invoke(app, ["new", *options, "--folder", str(tmp_path)]).exit_code == 2
    assert list(tmp_path.iterdir()) == []


def test_a_slip_is_drawn(tmp_path: Path) -> None:
    assert CliRunner().invoke(app, ["graph", "kita-aufnahme"]).stdout.startswith("<svg")
    CliRunner().invoke(app, ["graph", "kita-aufnahme", "--output", str(tmp_path / "slip.svg")])
    assert (tmp_path / "slip.svg").read_text(encoding="utf-8").endswith("</svg>\n")


def test_simulate_shows_what_would_go_elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = (RECIPES / "hundesteuer-anmeldung.yaml").read_text(encoding="utf-8")
    changed = tmp_path / "hundesteuer-anmeldung.yaml"
    changed.write_text(text.replace("{at_least: 20}", "{at_least: 10}"), encoding="utf-8")
    form = {"holder": {"family_name": "GEHEIM"}, "breed": "Dackel", "weight_kg": 15}
    case = {
        "case_id": "1", "reference": "DN-1", "municipality": "dueren", "channel": "portal", "recipe_version": 1,
        "form": form,
    }  # fmt: skip
    monkeypatch.setattr(recent, "submissions", lambda _i, _recipe, last: [case] * last)
    options = ["simulate", str(changed), "--last", "3", "--picture", str(tmp_path / "p.svg")]
    data = json.loads(CliRunner().invoke(app, [*options, "--json"]).stdout)
    visit = {"station": "dangerous-dog", "department": "ordnungsamt"}
    assert (data["cases"], len(data["moved"]), data["moved"][0]["gained"]) == (3, 3, [visit])
    spoken = CliRunner().invoke(app, options)
    assert "3 of 3 cases would go elsewhere" in spoken.stderr
    assert "GEHEIM" not in spoken.output + (tmp_path / "p.svg").read_text(encoding="utf-8")


def test_quality_lists_the_rules_that_erred(monkeypatch: pytest.MonkeyPatch) -> None:
    erred = {
        "recipe": "dog",
        "recipe_version": 1,
        "station": "a",
        "rule": "always",
        "case_id": "1",
        "to_department": "x",
        "erred_department": "y",
    }
    monkeypatch.setattr(recent, "events", lambda _installation: iter([("RoutingCorrected", erred)]))
    [row] = rows(CliRunner().invoke(app, ["quality", "--json"]).stdout)
    assert (row["rule"], row["corrected"], row["belonged_to"]) == ("always", 1, {"x": 1})


def test_check_says_what_it_has_read_and_found(tmp_path: Path) -> None:
    fine = CliRunner().invoke(CHECK, ["--json"])
    assert (fine.exit_code, json.loads(fine.stdout)["problems"]) == (0, [])
    assert "12 recipes, 8 municipalities: no problems." in CliRunner().invoke(CHECK, []).stderr
    write(tmp_path, "dog", DOG)
    found = CliRunner().invoke(CHECK, ["--kochbuch", str(tmp_path), "--json"])
    assert found.exit_code == 1
    places = {problem["where"] for problem in json.loads(found.stdout)["problems"]}
    assert {"dog.yaml:15: route.0.title", "dog.yaml:8: form.holder.label"} <= places


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ("origin: Herkunft", "orign: Herkunft", "sources.hundesteuer-altsystem.map.orign"),
        ("pattern:", "patern:", "sources.hundesteuer-altsystem.patern"),
        ("hundesteuer-anmeldung: live", "hundesteuer-anmeldung: planned", "sources.hundesteuer-altsystem.service"),
    ],
)
def test_check_finds_what_would_stop_the_importer(tmp_path: Path, old: str, new: str, key: str) -> None:
    shutil.copytree(MUNICIPALITIES, tmp_path / "towns")
    dueren = tmp_path / "towns" / "dueren.yaml"
    text = dueren.read_text(encoding="utf-8")
    assert old in text
    dueren.write_text(text.replace(old, new), encoding="utf-8")
    found = CliRunner().invoke(CHECK, ["--municipalities", str(tmp_path / "towns"), "--json"])
    assert found.exit_code == 1
    assert key in {problem["where"].partition(": ")[2] for problem in json.loads(found.stdout)["problems"]}


def test_check_compares_with_published_schemas(tmp_path: Path) -> None:
    published = read_recipe(RECIPES / "kita-aufnahme.yaml").submission.definition
    published["fields"][-1]["type"]["fields"] = published["fields"][-1]["type"]["fields"][:-1]
    (tmp_path / "kita.avsc").write_text(json.dumps(published), encoding="utf-8")
    result = CliRunner().invoke(CHECK, ["--published", str(tmp_path)])
    assert result.exit_code == 1
    assert "the form has changed but its version has not" in result.stderr


def test_a_folder_without_recipes_is_said(tmp_path: Path) -> None:
    result = CliRunner().invoke(CHECK, ["--kochbuch", str(tmp_path), "--municipalities", str(tmp_path)])
    assert result.exit_code == 1
    assert not isinstance(result.exception, Misconfigured)


def test_the_commands_need_no_kafka() -> None:
    program = (
        "import sys; import services.commands.recipe, services.commands.check;"
        " heavy = {'aiokafka', 'faust', 'kafka', 'avro'};"
        " sys.exit(any(name.split('.')[0] in heavy for name in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False, cwd=Path(__file__).parents[3]).returncode == 0


def test_publish_notes_every_version_and_refuses_one_that_has_changed(tmp_path: Path) -> None:
    kochbuch = tmp_path / "kochbuch"
    recipe = write(kochbuch, "dog", DOG)
    assert CliRunner().invoke(app, ["publish", "--kochbuch", str(kochbuch)]).exit_code == 0
    assert "dog.v1\n" in (tmp_path / "published.txt").read_text(encoding="utf-8")
    recipe.write_text(recipe.read_text(encoding="utf-8").replace("max: 80", "max: 90"), encoding="utf-8")
    refused = CliRunner().invoke(app, ["publish", "--kochbuch", str(kochbuch)])
    assert isinstance(refused.exception, Misconfigured)
    assert CliRunner().invoke(app, ["publish", "--kochbuch", str(kochbuch), "--unreleased"]).exit_code == 0
