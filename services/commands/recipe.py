"""laufzettel recipe: look at the recipes, try them, draw them, change them and see what would change."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from services.commands.chosen import language, recipe_named, worded
from services.commands.installation import Installation
from services.commands.recipe_change import quality, simulate
from services.commands.recipe_explain import explain
from services.commands.recipe_publish import publish
from services.commands.terminal import Json, emit, emit_or_table, found, out, report, say, table

if TYPE_CHECKING:
    from schemas.kochbuch import Kochbuch
    from schemas.recipe import Recipe, Station

app = typer.Typer(help="Recipes of the Kochbuch: look, try, draw, change.", no_args_is_help=True)
app.command()(explain)
app.command()(simulate)
app.command()(publish)
app.command()(quality)

Name = Annotated[str, typer.Argument(metavar="RECIPE", help="Name of a recipe, or path of a YAML file.")]
Output = Annotated[Path | None, typer.Option("--output", "-o", dir_okay=False, help="Write here instead of stdout.")]


@app.command("list")
def list_(as_json: Json = False) -> None:
    """Lists the recipes and where each is live."""
    rows = _listed(Installation.from_environment().book)
    columns = ("recipe", "version", "service", "title", "stations", "live")
    emit_or_table(as_json, rows if as_json else [{**row, "live": ", ".join(row["live"])} for row in rows], columns, "")


def _listed(book: "Kochbuch") -> list[dict[str, Any]]:
    return [
        {
            "recipe": recipe.recipe,
            "version": recipe.version,
            "service": recipe.service,
            "title": worded(recipe.title),
            "stations": len(recipe.route),
            "live": [town.municipality for town in book.municipalities.values() if town.offers(recipe)],
        }
        for recipe in book.recipes.values()
    ]


@app.command()
def show(name: Name, as_json: Json = False) -> None:
    """Shows one recipe as a page of the Kochbuch: form, routing slip, deadlines, who sees what and why."""
    recipe = recipe_named(name)
    if as_json:
        emit(recipe.model_dump(mode="json"))
        return
    out().print(f"{worded(recipe.title)}  ({recipe.recipe} v{recipe.version}, {recipe.service})")
    out().print(", ".join(recipe.legal_basis))
    for section, text in recipe.book.items():
        out().print(f"\n{section.capitalize()}\n  {worded(text)}")
    table(("field", "kind", "label", "optional", "personal"), _fields(recipe))
    if recipe.refuse:
        table(("refused", "when", "because"), _refused(recipe))
    table(("station", "task", "role", "when", "due", "sees", "basis"), map(_slip_row(recipe), recipe.route))


def _fields(recipe: "Recipe") -> Iterator[tuple[str, ...]]:
    from schemas.check.purposes import holds_personal

    for name, field in recipe.form.items():
        marks = ("yes" if mark else "" for mark in (field.optional, holds_personal(field)))
        yield (name, field.type, worded(field.label) if field.label else "", *marks)


def _refused(recipe: "Recipe") -> Iterator[tuple[str, ...]]:
    from schemas.phrasing import label, say
    from schemas.rules import parse_condition

    for entry in recipe.refuse:
        when = say(parse_condition(entry.when, recipe.form, "refuse", []), recipe, language())
        yield (label(entry.field, recipe.form, language()), when, worded(entry.because))


def _slip_row(recipe: "Recipe") -> "Callable[[Station], tuple[str, ...]]":
    from schemas.phrasing import label, say

    def row(station: "Station") -> tuple[str, ...]:
        when = say(recipe.conditions[station.station], recipe, language())
        sees = ", ".join(label(path, recipe.form, language()) for path in station.sees)
        return (station.station, station.task, station.role, when, _due(station), sees, station.basis)

    return row


def _due(station: "Station") -> str:
    due = station.due
    if due is None:
        return ""
    return str(due.within or due.by or due.fixed or (due.before and f"{due.before.length} before {due.before.field}"))


@app.command("test")
def examples(
    names: Annotated[list[str] | None, typer.Argument(metavar="[RECIPE]...", help="Which; nothing: all.")] = None,
    as_json: Json = False,
) -> None:
    """Runs the examples of recipes: where they go, what is refused, until when; exit 1 when one differs."""
    from services.commands.examples import run_all

    book = Installation.from_environment().book
    chosen = [recipe_named(name) for name in names] if names else list(book.versions.values())
    runs = [run for recipe in chosen for run in run_all(recipe, book.municipalities.values())]
    rows = (
        {
            "recipe": run.recipe,
            "example": run.example,
            "passed": not run.problems,
            "problems": [problem.text_en for problem in run.problems],
        }
        for run in runs
    )
    emit_or_table(as_json, rows, ("recipe", "passed", "example"), "No examples.")
    failed = [problem for run in runs for problem in run.problems]
    if not as_json:
        report(failed)
        say(f"{len(runs)} examples, {sum(1 for run in runs if run.problems)} differ.")
    found(not failed)


@app.command()
def new(
    name: Annotated[str, typer.Argument(metavar="NAME", help="small-letters-with-dashes")],
    *,
    service: Annotated[str, typer.Option("--service", help="LeiKa key, 14 digits.")],
    title: Annotated[str, typer.Option("--title", help="German title; default: the name.")] = "",
    title_en: Annotated[str, typer.Option("--title-en", help="English title; default: the name.")] = "",
    role: Annotated[str, typer.Option("--role", help="The role that decides.")] = "public-order",
    treasury: Annotated[str, typer.Option("--treasury", help="The role that collects the fee.")] = "treasury",
    folder: Annotated[Path | None, typer.Option("--folder", file_okay=False, help="Where; default: settings.")] = None,
) -> None:
    """Writes a recipe to start from; `laufzettel check` passes it as it is."""
    import re

    from schemas.check.keys import leika_problems
    from schemas.recipe import NAME
    from services.commands.recipe_template import template

    if not re.fullmatch(NAME, name):
        raise typer.BadParameter("small letters, digits and single dashes, please", param_hint="NAME")
    if problems := list(leika_problems(service)):
        report(problems)
        raise typer.Exit(2)
    path = (folder or Installation.from_environment().settings.kochbuch_dir) / f"{name}.yaml"
    if path.exists():
        raise typer.BadParameter(f"{path} exists already", param_hint="NAME")
    words = name.replace("-", " ").capitalize()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(template(name, service, (title or words, title_en or words), role, treasury), encoding="utf-8")
    out().print(str(path))
    say("Fill in fields, rules and provisions, then run: laufzettel check, laufzettel recipe test")


@app.command()
def graph(
    name: Name,
    output: Output = None,
    municipality: Annotated[str, typer.Option("--municipality", help="With the names of its departments.")] = "",
) -> None:
    """Draws the routing slip as SVG."""
    from schemas.graph import graph as drawing

    recipe = recipe_named(name)
    towns = Installation.from_environment().book.municipalities if municipality else {}
    if municipality and municipality not in towns:
        raise typer.BadParameter(f"known: {', '.join(towns)}", param_hint="--municipality")
    _write(drawing(recipe, towns[municipality].offices if municipality else {}), output)


def _write(text: str, path: Path | None) -> None:
    if path is None:
        sys.stdout.write(text)
    else:
        path.write_text(text, encoding="utf-8")
