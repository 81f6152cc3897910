"""Placeholders: what a new recipe leaves to be filled in is filled in before citizens can use it."""

from collections.abc import Iterable, Iterator

from schemas.errors import Problem
from schemas.municipality import Municipality
from schemas.recipe import Recipe

PLACEHOLDER = "bitte eintragen"
"""Stands where ``laufzettel recipe new`` cannot know the provision."""


def problems_of(recipe: Recipe, towns: Iterable[Municipality]) -> Iterator[Problem]:
    """Provisions not yet named, once the recipe is live somewhere."""
    if not any(town.offers(recipe) for town in towns):
        return
    bases = {"on_request.basis": recipe.on_request.basis, "retention.basis": recipe.retention.basis}
    bases |= {f"legal_basis.{n}": basis for n, basis in enumerate(recipe.legal_basis)}
    bases |= {f"route.{n}.basis": station.basis for n, station in enumerate(recipe.route)}
    for where, basis in bases.items():
        if basis.strip().lower() == PLACEHOLDER:
            yield Problem(
                where,
                "Das Rezept ist in Betrieb, aber hier fehlt noch die Rechtsgrundlage.",
                "the recipe is live, but its legal basis is still missing here",
            )
