"""Kochbuch: every recipe and every municipality, read and checked together.

``kochbuch/<recipe>.yaml`` is the version that new cases take; ``kochbuch/earlier/<recipe>.v<n>.yaml`` are versions that
running cases still have.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel

from schemas import municipality as towns
from schemas import recipe as recipes
from schemas.codec import Codec, Schema
from schemas.document import Document, KeyPath, read_document
from schemas.errors import Misconfigured, Problem, raise_if_any
from schemas.events import earlier_schemas, event_schemas
from schemas.municipality import Municipality
from schemas.recipe import Recipe

HERE = Path(__file__).parent
RECIPES = HERE / "kochbuch"
MUNICIPALITIES = HERE.parent / "deploy" / "municipalities"

Model = TypeVar("Model", bound=BaseModel)


@dataclass(frozen=True)
class Kochbuch:
    """What one installation knows: recipes in every version still in use, municipalities, and the codec for them."""

    versions: dict[tuple[str, int], Recipe]
    municipalities: dict[str, Municipality]

    @cached_property
    def recipes(self) -> dict[str, Recipe]:
        """The newest version of each recipe by its name."""
        newest: dict[str, Recipe] = {}
        for (name, version), recipe in sorted(self.versions.items()):
            newest[name] = recipe if version >= newest.get(name, recipe).version else newest[name]
        return newest

    @cached_property
    def services(self) -> dict[str, Recipe]:
        """The newest version of each recipe by its LeiKa key."""
        return {recipe.service: recipe for recipe in self.recipes.values()}

    @cached_property
    def schemas(self) -> tuple[Schema, ...]:
        """Every schema that may be written: fixed events, submissions, station messages."""
        generated = (
            schema for recipe in self.versions.values() for schema in (recipe.submission, *recipe.messages.values())
        )
        return (*event_schemas(), *generated)

    @cached_property
    def codec(self) -> Codec:
        """The codec of this installation."""
        return Codec(self.schemas, earlier_schemas())


def read_kochbuch(folder: Path = RECIPES, municipalities: Path = MUNICIPALITIES) -> Kochbuch:
    """Reads everything. Raises Misconfigured with the problems of all files together."""
    problems: list[Problem] = []
    found = [r for r in (_try(read_recipe, p, problems) for p in _files(folder)) if r]
    towns_found = [t for t in (_try(read_municipality, p, problems) for p in _files(municipalities)) if t]
    book = Kochbuch({(r.recipe, r.version): r for r in found}, {t.municipality: t for t in towns_found})
    problems += _missing(folder, "Rezept", "recipe")
    problems += _missing(municipalities, "Kommune", "municipality")
    problems += _repeated(found, book)
    raise_if_any(problems)
    raise_if_any(problem for path in _files(municipalities) for problem in _unfit(path, book))
    return book


def _unfit(path: Path, book: Kochbuch) -> list[Problem]:
    """What keeps a municipality from running its live recipes."""
    document = read_document(path)
    return _placed(document, towns.problems_of(document.into(Municipality), book.recipes))


def _files(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*.yaml"))


def _missing(folder: Path, german: str, english: str) -> Iterator[Problem]:
    if not _files(folder):
        yield Problem(str(folder), f"Hier steht keine Datei ({german}).", f"no {english} file here")


def _repeated(found: list[Recipe], book: Kochbuch) -> Iterator[Problem]:
    if len(found) != len(book.versions):
        yield Problem(
            "kochbuch",
            "Ein Rezept steht zweimal mit derselben Version da.",
            "a recipe stands twice with the same version",
        )
    keys = [recipe.service for recipe in book.recipes.values()]
    for key in sorted({key for key in keys if keys.count(key) > 1}):
        yield Problem(
            "kochbuch",
            f"Der Leistungsschlüssel {key} gehört zu zwei Rezepten.",
            f"the service key {key} belongs to two recipes",
        )


def _try(read: Callable[[Path], Model], path: Path, problems: list[Problem]) -> Model | None:
    try:
        return read(path)
    except Misconfigured as error:
        problems.extend(error.problems)
        return None


def read_recipe(path: Path) -> Recipe:
    """One recipe. Raises Misconfigured with every problem, each with file, line and key path."""
    return _read(path, Recipe, recipes.problems_of)


def read_municipality(path: Path) -> Municipality:
    """One municipality. Raises Misconfigured with every problem, each with file, line and key path."""
    return _read(path, Municipality, lambda _: ())


def _read(path: Path, model: type[Model], problems_of: Callable[[Model], Iterable[Problem]]) -> Model:
    document = read_document(path)
    value = document.into(model)
    if problems := _placed(document, problems_of(value)):
        raise Misconfigured(*problems)
    return value


def _placed(document: Document, problems: Iterable[Problem]) -> list[Problem]:
    return [Problem(document.place(_key(problem.where)), problem.text, problem.text_en) for problem in problems]


def _key(dotted: str) -> KeyPath:
    return tuple(int(part) if part.isdigit() else part for part in dotted.split("."))
