"""Versions: what is published stays; a changed recipe is a new version, and the former one is kept for its cases."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from schemas.check.files import placed
from schemas.errors import Misconfigured, Problem
from schemas.published import entry_of, list_of, lost, present, problem_of, read_list
from schemas.recipe import Recipe


def problems_of(kochbuch: Path, found: Mapping[Path, Recipe], unread: Collection[Path]) -> Iterator[Problem]:
    """Published versions that have changed or are gone; those of unreadable files have a problem already."""
    path_of = {entry_of(recipe).name: path for path, recipe in found.items()}
    now = present(found.values())
    try:
        listed = read_list(list_of(kochbuch))
    except Misconfigured as error:
        yield from error.problems
        return
    excused = {path.stem.partition(".")[0] for path in unread}
    for entry in lost(listed, now):
        problem = problem_of(entry, now)
        if entry.name in path_of:
            yield from placed(path_of[entry.name], [replace(problem, where="version")])
        elif entry.name.partition(".")[0] not in excused:
            yield replace(problem, where=f"{list_of(kochbuch).name}:{listed[entry]}: {entry.name}")
