"""Chosen: the recipe that somebody named on the command line, and texts in the person's language."""

from pathlib import Path
from typing import TYPE_CHECKING, Literal

from schemas.errors import Problem, Reason, Rejected
from services.commands.installation import Installation
from services.commands.terminal import speaks_german

if TYPE_CHECKING:
    from schemas.fields import Wording
    from schemas.recipe import Recipe


def recipe_named(name: str) -> "Recipe":
    """The recipe of that name, or in that YAML file. Raises Rejected with the nearest names, or Misconfigured."""
    from schemas.kochbuch import read_recipe

    if name.endswith((".yaml", ".yml")):
        return read_recipe(Path(name))
    recipes = Installation.from_environment().book.recipes
    if name in recipes:
        return recipes[name]
    from difflib import get_close_matches

    near = ", ".join(get_close_matches(name, recipes, n=3)) or ", ".join(recipes)
    german, english = f"Dieses Rezept gibt es nicht. Es gibt: {near}.", f"there is no such recipe; there is: {near}"
    raise Rejected(Reason.INVALID, Problem(name, german, english))


def language() -> Literal["de", "en"]:
    """German for a German terminal, else English."""
    return "de" if speaks_german() else "en"


def worded(wording: "Wording") -> str:
    """The text in the person's language."""
    return wording.de if language() == "de" else wording.en or wording.de
