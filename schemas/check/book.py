"""Book: the whole proof of a Kochbuch before it runs; goes on with what could be read when some could not."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from schemas import municipality as towns
from schemas.check import files, keys, names, placeholders, twins, versions
from schemas.check import recipe as recipes
from schemas.codec import Schema
from schemas.compatibility import check_compatible, missing
from schemas.errors import Misconfigured, Problem
from schemas.events import event_schemas
from schemas.kochbuch import MUNICIPALITIES, RECIPES, read_kochbuch, read_municipality, read_recipe
from schemas.municipality import Municipality
from schemas.recipe import Recipe

Read = TypeVar("Read")


@dataclass(frozen=True, slots=True)
class Report:
    """What was read, and what is wrong with it; ``where`` of a problem is file, line and key path."""

    recipes: tuple[Recipe, ...]
    municipalities: tuple[Municipality, ...]
    problems: tuple[Problem, ...]


def check_book(
    kochbuch: Path = RECIPES, municipalities: Path = MUNICIPALITIES, published: Iterable[Schema] = ()
) -> Report:
    """Proves all files together. What stands in them is reported, never raised."""
    problems: list[Problem] = []
    written = files.yaml_in(kochbuch)
    found = _read(written, read_recipe, problems)
    local = _read(files.yaml_in(municipalities), read_municipality, problems)
    former = {path: recipe for path, recipe in found.items() if files.is_earlier(path)}
    current = {path: recipe for path, recipe in found.items() if path not in former}
    town_of = {town.municipality: town for town in local.values()}
    for path, recipe in current.items():
        problems += files.placed(path, [*files.name_problems(path, recipe), *_recipe_problems(recipe, town_of)])
    for path, recipe in former.items():
        problems += files.placed(path, files.name_problems(path, recipe))
    newest = {recipe.recipe: recipe for recipe in current.values()}
    for path, town in local.items():
        problems += files.placed(path, _town_problems(path, town, newest))
    problems += twins.problems_of(local)
    problems += versions.problems_of(kochbuch, found, set(written) - found.keys())
    problems += _compatible(found.values(), list(published))
    problems += [] if problems else _together(kochbuch, municipalities)
    return Report(tuple(found.values()), tuple(local.values()), tuple(dict.fromkeys(problems)))


def _read(paths: Iterable[Path], read: Callable[[Path], Read], problems: list[Problem]) -> dict[Path, Read]:
    found: dict[Path, Read] = {}
    for path in paths:
        try:
            found[path] = read(path)
        except Misconfigured as error:
            problems += [*error.problems, *files.placed(path, files.key_hints(path))]
    return found


def _recipe_problems(recipe: Recipe, local: Mapping[str, Municipality]) -> Iterator[Problem]:
    yield from recipes.problems_of(recipe)
    yield from names.recipe_problems(recipe, local)
    yield from placeholders.problems_of(recipe, local.values())


def _town_problems(path: Path, town: Municipality, newest: dict[str, Recipe]) -> Iterator[Problem]:
    yield from files.town_name_problems(path, town)
    yield from keys.ars_problems(town.ars)
    yield from (problem for problem in towns.problems_of(town, newest) if problem.where != "ars")
    yield from names.town_problems(town, newest.values())


def _compatible(recipes: Iterable[Recipe], published: list[Schema]) -> list[Problem]:
    ours = [*event_schemas(), *(schema for recipe in recipes for schema in _schemas(recipe))]
    return [*check_compatible(published, ours), *missing(published, ours)]


def _schemas(recipe: Recipe) -> tuple[Schema, ...]:
    return (recipe.submission, *recipe.messages.values())


def _together(kochbuch: Path, municipalities: Path) -> tuple[Problem, ...]:
    """What only shows when everything is together: the same key twice, two schemas with one id."""
    try:
        _ = read_kochbuch(kochbuch, municipalities).codec
    except Misconfigured as error:
        return error.problems
    return ()
