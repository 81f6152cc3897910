"""Names: every role is filled somewhere and used somewhere, and conditions name municipalities that exist."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from difflib import get_close_matches

from schemas.errors import Problem
from schemas.municipality import TRIAGE, Municipality
from schemas.recipe import Recipe
from schemas.rules import tests


def recipe_problems(recipe: Recipe, towns: Mapping[str, Municipality]) -> Iterator[Problem]:
    """Roles that no department of any municipality fills, and municipalities and stations that do not exist."""
    filled = {role for town in towns.values() for department in town.departments.values() for role in department.roles}
    if recipe.deadline is not None and recipe.deadline.escalate_to not in {"", *filled}:
        yield _unknown("deadline.escalate_to", "Rolle", "role", recipe.deadline.escalate_to, filled)
    for number, station in enumerate(recipe.route):
        if station.role not in filled:
            yield _unknown(f"route.{number}.role", "Rolle", "role", station.role, filled)
        if station.due is not None and station.due.escalate_to not in {"", *filled}:
            yield _unknown(f"route.{number}.due.escalate_to", "Rolle", "role", station.due.escalate_to, filled)
        for test in tests(recipe.conditions[station.station]):
            values = test.value if isinstance(test.value, tuple) else (test.value,)
            if test.subject == "municipality" and test.operator in {"equals", "in"}:
                yield from (
                    _unknown(f"route.{number}.when", "Kommune", "municipality", value, towns)
                    for value in values
                    if value not in towns
                )
            elif test.subject.startswith("opinion.") and test.subject.removeprefix("opinion.") not in recipe.station:
                name = test.subject.removeprefix("opinion.")
                yield _unknown(f"route.{number}.when", "Station", "station", name, recipe.station)


def town_problems(town: Municipality, recipes: Collection[Recipe]) -> Iterator[Problem]:
    """Roles that no recipe uses, for a misspelt one stays without work; recipes that name other towns to decide."""
    for recipe in recipes:
        if town.offers(recipe) and town.municipality not in (named := _deciding_towns(recipe)) and named:
            yield Problem(
                f"recipes.{recipe.recipe}",
                f"Wer entscheidet, macht dieses Rezept an der Kommune fest, nennt diese aber nicht"
                f" ({', '.join(sorted(named))}); bitte in der Bedingung ergänzen.",
                f"who decides depends on the municipality in this recipe, which does not name this one"
                f" ({', '.join(sorted(named))}); add it to the condition",
            )
    used = {role for recipe in recipes for role in recipe.roles} | {TRIAGE}
    for name, department in town.departments.items():
        for role in department.roles:
            if role not in used:
                yield _unknown(f"departments.{name}.roles", "Rolle", "role", role, used)


def _deciding_towns(recipe: Recipe) -> set[str]:
    deciding = (recipe.conditions[station.station] for station in recipe.route if station.task == "decide")
    found = (test.value for condition in deciding for test in tests(condition) if test.subject == "municipality")
    return {town for value in found for town in (value if isinstance(value, tuple) else (value,))}


def _unknown(where: str, german: str, english: str, name: str, known: Iterable[str]) -> Problem:
    near = get_close_matches(name, list(known), n=1)
    meant = f" Gemeint ist vielleicht „{near[0]}“." if near else ""
    meant_en = f"; perhaps “{near[0]}” is meant" if near else ""
    return Problem(where, f"Die {german} „{name}“ gibt es nicht.{meant}", f"there is no {english} “{name}”{meant_en}")
