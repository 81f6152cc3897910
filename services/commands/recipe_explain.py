"""laufzettel recipe explain: for one submission, which rules matched, which did not, and why."""

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from services.commands.chosen import recipe_named
from services.commands.installation import Installation
from services.commands.terminal import Json, emit, out

if TYPE_CHECKING:
    from schemas.municipality import Municipality
    from schemas.recipe import Recipe
    from schemas.rules import Facts
    from services.commands.explanation import Explained


def explain(
    file: Annotated[
        str, typer.Argument(metavar="[FILE|-]", help="JSON as handed in at the portal, or its form alone.")
    ] = "-",
    *,
    recipe: Annotated[str, typer.Option("--recipe", help="Recipe; needed when the file holds the form alone.")] = "",
    municipality: Annotated[str, typer.Option("--municipality", help="Whose departments to name.")] = "",
    channel: Annotated[str, typer.Option("--channel", help="Over which channel it came.")] = "portal",
    example: Annotated[
        int | None, typer.Option("--example", min=1, help="The recipe's n-th example instead of a file.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Says for a submission which rules matched, which did not, and why; never what the applicant wrote.

    Example: laufzettel recipe explain --recipe hundesteuer-anmeldung --example 2 --municipality dueren
    """
    from services.commands.explanation import as_data
    from services.commands.explanation import explain as explained

    content = {} if example else _json(file)
    chosen = _addressed(recipe, content)
    facts, named = _facts(chosen, content, example, municipality or str(content.get("municipality", "")), channel)
    stations = list(explained(chosen, facts, named))
    if as_json:
        emit({"recipe": chosen.recipe, "version": chosen.version, "stations": [as_data(s) for s in stations]})
        return
    _print_explained(stations)


def _print_explained(stations: "Iterable[Explained]") -> None:
    from services.commands.explanation import verdict_lines

    for station in stations:
        where = f"{station.department or '?'} ({station.role})"
        state = "opens" if station.opens else f"waits for {', '.join(station.waits_for)}" if station.waits_for else "no"
        out().print(f"{station.station}: {state}: {where}, {station.task}")
        for line in verdict_lines(station.verdict, 1):
            out().print(line)
        if station.opens:
            out().print(f"  sees {', '.join(station.sees)}")
            out().print(f"  for  {station.purpose} ({station.basis})")


def _json(file: str) -> dict[str, Any]:
    import orjson

    try:
        content = orjson.loads(sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes())
    except (orjson.JSONDecodeError, OSError) as error:
        raise typer.BadParameter(f"no readable JSON: {error}", param_hint="FILE") from None
    if not isinstance(content, dict):
        raise typer.BadParameter("a JSON object is expected", param_hint="FILE")
    return content


def _addressed(name: str, content: dict[str, Any]) -> "Recipe":
    if name:
        return recipe_named(name)
    book = Installation.from_environment().book
    service = str(content.get("service", ""))
    if service not in book.services:
        raise typer.BadParameter("the file names no known service; give --recipe", param_hint="--recipe")
    return book.services[service]


def _facts(
    recipe: "Recipe", content: dict[str, Any], example: int | None, municipality: str, channel: str
) -> "tuple[Facts, Municipality | None]":
    from schemas.rules import Facts

    opinions: dict[str, str] = {}
    land = ""
    form: object = content.get("form", content)
    if example is not None:
        if example > len(recipe.examples):
            raise typer.BadParameter(f"the recipe has {len(recipe.examples)} examples", param_hint="--example")
        chosen = recipe.examples[example - 1]
        form, opinions, municipality = chosen.form, chosen.opinions, municipality or chosen.municipality
        land = chosen.land
    towns = Installation.from_environment().book.municipalities
    if municipality and municipality not in towns:
        raise typer.BadParameter(f"known: {', '.join(towns)}", param_hint="--municipality")
    town = towns.get(municipality)
    land = town.land if town else land
    return Facts(recipe.validator.validate(form), municipality, channel, opinions, land), town
