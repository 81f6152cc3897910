"""Files: where a Kochbuch's files lie and how they are called, and the line at which a problem stands."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from schemas.check.keys import ars_problems, leika_problems
from schemas.document import KeyPath, read_document
from schemas.errors import Misconfigured, Problem
from schemas.municipality import Municipality
from schemas.recipe import Recipe

_EARLIER = "earlier"


def yaml_in(folder: Path) -> list[Path]:
    """Every YAML file below the folder, in a fixed order."""
    return sorted(folder.rglob("*.yaml"))


def is_earlier(path: Path) -> bool:
    """Whether the file holds a version that only running cases still have."""
    return path.parent.name == _EARLIER


def placed(path: Path, problems: Iterable[Problem]) -> list[Problem]:
    """The problems with file, line and key path instead of the key path alone."""
    found = list(problems)
    if not found:
        return []
    document = read_document(path)
    return [Problem(document.place(_key(problem.where)), problem.text, problem.text_en) for problem in found]


def _key(dotted: str) -> KeyPath:
    return tuple(int(part) if part.isdigit() else part for part in dotted.split("."))


def key_hints(path: Path) -> Iterator[Problem]:
    """What the keys of a file that could not be read as a whole were perhaps meant to be."""
    try:
        content = read_document(path).content
    except Misconfigured:
        return
    if isinstance(content, dict):
        yield from leika_problems(content["service"]) if isinstance(content.get("service"), str) else ()
        yield from ars_problems(content["ars"]) if isinstance(content.get("ars"), str) else ()


def name_problems(path: Path, recipe: Recipe) -> Iterator[Problem]:
    """A recipe's file is called after it, so that people find it; an earlier one also after its version."""
    expected = f"{recipe.recipe}.v{recipe.version}" if is_earlier(path) else recipe.recipe
    yield from _misnamed(path, expected, "recipe")


def town_name_problems(path: Path, town: Municipality) -> Iterator[Problem]:
    """A municipality's file is called after it."""
    yield from _misnamed(path, town.municipality, "municipality")


def _misnamed(path: Path, expected: str, where: str) -> Iterator[Problem]:
    if path.stem != expected:
        yield Problem(where, f"Die Datei sollte {expected}.yaml heißen.", f"the file should be called {expected}.yaml")
