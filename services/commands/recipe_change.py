"""laufzettel recipe simulate and quality: what a changed recipe would do, and which rules ask to be changed."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from services.commands.chosen import recipe_named
from services.commands.installation import Installation
from services.commands.terminal import Json, emit, emit_or_table, say, table

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from schemas.recipe import Recipe
    from services.commands.simulation import Simulation, Visit


def simulate(
    name: Annotated[str, typer.Argument(metavar="NEW", help="Path of the changed recipe.")],
    *,
    last: Annotated[int, typer.Option("--last", min=1, help="How many recent cases.")] = 1000,
    picture: Annotated[Path | None, typer.Option("--picture", dir_okay=False, help="Write the SVG here.")] = None,
    as_json: Json = False,
) -> None:
    """Runs a changed recipe against recent real cases and shows what would go elsewhere; forms are never shown."""
    from services.commands.recent import events, submissions
    from services.commands.replay import opinions
    from services.commands.simulation import simulate as simulated
    from services.commands.simulation_picture import picture as drawn

    installation = Installation.from_environment()
    changed = recipe_named(name)
    current = installation.book.recipes.get(changed.recipe)
    if current is None:
        raise typer.BadParameter(f"the Kochbuch has no recipe {changed.recipe} to compare with", param_hint="NEW")
    versions = [
        recipe for (recipe_name, _), recipe in installation.book.versions.items() if recipe_name == changed.recipe
    ]
    cases = submissions(installation, current.recipe, last)
    said = opinions(events(installation)) if _hangs_on_opinions(current, changed) else {}
    outcome = simulated(current, changed, cases, versions, installation.book.municipalities, said)
    if picture:
        picture.write_text(drawn(outcome), encoding="utf-8")
    _print_simulation(outcome, as_json=as_json)


def _hangs_on_opinions(*recipes: "Recipe") -> bool:
    from schemas.slip import opinions_of

    return any(opinions_of(recipe, name) for recipe in recipes for name in recipe.station)


def _print_simulation(outcome: "Simulation", *, as_json: bool) -> None:
    from dataclasses import asdict

    if as_json:
        emit(asdict(outcome))
        return
    table(
        ("station", "role", "before", "after", "lost", "gained"),
        [(c.station, c.role, c.before, c.after, c.lost, c.gained) for c in outcome.changes],
    )
    rows = [
        {"reference": c.reference, "municipality": c.municipality, "lost": _listed(c.lost), "gained": _listed(c.gained)}
        for c in outcome.moved
    ]
    emit_or_table(False, rows, ("reference", "municipality", "lost", "gained"), "No case would go elsewhere.")
    for line in _remarks(outcome):
        say(line)
    say(f"{len(outcome.moved)} of {outcome.cases} cases would go elsewhere.")


def _listed(visits: "Iterable[Visit]") -> str:
    return ", ".join(map(str, visits))


def _remarks(outcome: "Simulation") -> "Iterator[str]":
    """What the tables do not show."""
    for term in outcome.terms:
        yield f"Changed for every case: {term}"
    for seen in outcome.seen:
        more, less = ", ".join(seen.added) or "-", ", ".join(seen.removed) or "-"
        yield f"{seen.station} would see more: {more}; no longer: {less}"
    for reference in outcome.without_lead:
        yield f"Nobody would decide {reference}."
    for station in outcome.unknown:
        yield f"{station.station} hangs on opinions that {station.cases} cases do not have; there it is not simulated."
    if outcome.ignored:
        yield f"Answers of another kind than before, taken as missing: {', '.join(outcome.ignored)}"
    if outcome.skipped:
        yield f"{outcome.skipped} cases came under a version that is no longer in the Kochbuch; they were left out."


def quality(as_json: Json = False) -> None:
    """Lists the rules that sent cases to the wrong desk, by returns ("not ours") and corrections."""
    from services.commands.quality import as_data
    from services.commands.quality import quality as counted
    from services.commands.recent import events

    rows = [as_data(rule) for rule in counted(events(Installation.from_environment()))]
    columns = ("recipe", "version", "station", "rule", "opened", "returned", "corrected", "share", "belonged_to")
    emit_or_table(as_json, rows, columns, "No case was returned or corrected.")
