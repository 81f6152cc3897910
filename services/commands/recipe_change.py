"""laufzettel recipe simulate and quality: what a changed recipe would do, and which rules ask to be changed."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from services.commands.chosen import recipe_named
from services.commands.installation import Installation
from services.commands.terminal import Json, emit, emit_or_table, say, table

if TYPE_CHECKING:
    from services.commands.simulation import Simulation


def simulate(
    name: Annotated[str, typer.Argument(metavar="NEW", help="Path of the changed recipe.")],
    *,
    last: Annotated[int, typer.Option("--last", min=1, help="How many recent cases.")] = 1000,
    picture: Annotated[Path | None, typer.Option("--picture", dir_okay=False, help="Write the SVG here.")] = None,
    as_json: Json = False,
) -> None:
    """Runs a changed recipe against recent real cases and shows what would go elsewhere; forms are never shown."""
    from services.commands.recent import submissions
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
    lands = {name: town.land for name, town in installation.book.municipalities.items()}
    outcome = simulated(current, changed, submissions(installation, current.recipe, last), versions, lands)
    if picture:
        picture.write_text(drawn(outcome), encoding="utf-8")
    _print_simulation(outcome, as_json=as_json)


def _print_simulation(outcome: "Simulation", *, as_json: bool) -> None:
    from dataclasses import asdict

    if as_json:
        emit(asdict(outcome))
        return
    table(
        ("station", "role", "before", "after", "lost", "gained"),
        [(c.station, c.role, c.before, c.after, c.lost, c.gained) for c in outcome.changes],
    )
    rows = [{**asdict(case), "lost": ", ".join(case.lost), "gained": ", ".join(case.gained)} for case in outcome.moved]
    emit_or_table(False, rows, ("reference", "municipality", "lost", "gained"), "No case would go elsewhere.")
    for seen in outcome.seen:
        more, less = ", ".join(seen.added) or "-", ", ".join(seen.removed) or "-"
        say(f"{seen.station} would see more: {more}; no longer: {less}")
    for reference in outcome.without_lead:
        say(f"Nobody would decide {reference}.")
    if outcome.ignored:
        say(f"Answers of another kind than before, taken as missing: {', '.join(outcome.ignored)}")
    if outcome.skipped:
        say(f"{outcome.skipped} cases came under a version that is no longer in the Kochbuch; they were left out.")
    say(f"{len(outcome.moved)} of {outcome.cases} cases would go elsewhere.")


def quality(as_json: Json = False) -> None:
    """Lists the rules that sent cases to the wrong desk, by returns ("not ours") and corrections."""
    from services.commands.quality import as_data
    from services.commands.quality import quality as counted
    from services.commands.recent import events

    rows = [as_data(rule) for rule in counted(events(Installation.from_environment()))]
    columns = ("recipe", "version", "station", "rule", "opened", "returned", "corrected", "share", "belonged_to")
    emit_or_table(as_json, rows, columns, "No case was returned or corrected.")
