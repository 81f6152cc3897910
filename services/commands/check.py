"""laufzettel check: the proof of a Kochbuch before it runs."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from services.commands.installation import Installation
from services.commands.terminal import Json, emit, found, report, say

if TYPE_CHECKING:
    from schemas.check.book import Report
    from schemas.codec import Schema
    from schemas.errors import Problem

Kochbuch = Annotated[
    Path | None, typer.Option("--kochbuch", exists=True, file_okay=False, help="Folder of recipes; default: settings.")
]
Municipalities = Annotated[
    Path | None, typer.Option("--municipalities", exists=True, file_okay=False, help="Folder of municipalities.")
]
Published = Annotated[
    Path | None,
    typer.Option("--published", exists=True, file_okay=False, help="Folder of Avro schemas (JSON) already published."),
]
Cluster = Annotated[bool, typer.Option("--cluster", help="Compare with the schemas published on the cluster.")]


def check(
    *,
    kochbuch: Kochbuch = None,
    municipalities: Municipalities = None,
    published: Published = None,
    cluster: Cluster = False,
    as_json: Json = False,
) -> None:
    """Proves recipes and municipalities, and names every problem with file, line and key; exit 1 when there is one.

    Recipes are held to what `laufzettel recipe publish` noted, so that running cases keep the version they began with.
    """
    installation = Installation.from_environment()
    known = [*_in_folder(published), *(_on_cluster(installation) if cluster else ())]
    recipes = kochbuch or installation.settings.kochbuch_dir
    outcome = _checked(recipes, municipalities or installation.settings.municipalities_dir, known)
    if as_json:
        emit(_as_data(outcome))
    else:
        report(outcome.problems)
        _say_whether_compared(recipes)
        what = f"{len(outcome.recipes)} recipes, {len(outcome.municipalities)} municipalities"
        say(f"{what}: {len(outcome.problems) or 'no'} problem{'' if len(outcome.problems) == 1 else 's'}.")
    found(not outcome.problems)


def _checked(kochbuch: Path, municipalities: Path, published: "list[Schema]") -> "Report":
    from schemas.check.book import check_book

    outcome = check_book(kochbuch, municipalities, published)
    return replace(outcome, problems=(*outcome.problems, *_source_problems(outcome, municipalities)))


def _source_problems(outcome: "Report", municipalities: Path) -> tuple["Problem", ...]:
    """What is wrong with the sources of those municipalities that could be read."""
    from connectors.sources import read_sources
    from schemas.errors import Misconfigured
    from schemas.kochbuch import Kochbuch

    recipes = {(recipe.recipe, recipe.version): recipe for recipe in outcome.recipes}
    try:
        read_sources(Kochbuch(recipes, {town.municipality: town for town in outcome.municipalities}), municipalities)
    except Misconfigured as error:
        return error.problems
    return ()


def _say_whether_compared(kochbuch: Path) -> None:
    from schemas.published import list_of

    if not list_of(kochbuch).exists():
        say(f"Not compared with running cases: no {list_of(kochbuch)}; `laufzettel recipe publish` writes it.")


def _in_folder(folder: Path | None) -> "list[Schema]":
    import orjson

    from schemas.codec import schema_of

    files = sorted(path for path in folder.rglob("*") if path.suffix in {".avsc", ".json"}) if folder else []
    return [schema_of(orjson.loads(path.read_bytes())) for path in files]


def _on_cluster(installation: Installation) -> "list[Schema]":
    import asyncio

    return asyncio.run(_read_cluster(installation))


async def _read_cluster(installation: Installation) -> "list[Schema]":
    from services.runtime.published import published_schemas

    async with installation.bus() as bus:
        return list((await published_schemas(bus)).values())


def _as_data(outcome: "Report") -> dict[str, object]:
    return {
        "recipes": [f"{recipe.recipe} v{recipe.version}" for recipe in outcome.recipes],
        "municipalities": [town.municipality for town in outcome.municipalities],
        "problems": [{"where": p.where, "de": p.text, "en": p.text_en} for p in outcome.problems],
    }
