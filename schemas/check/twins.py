"""Twins: no two municipalities share a name, a regional key or the head of their references."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from schemas.check.files import placed
from schemas.errors import Problem
from schemas.municipality import Municipality

_KEYS = ("municipality", "ars", "code")


def problems_of(towns: Mapping[Path, Municipality]) -> Iterator[Problem]:
    """For each value that stands in two files, the second one."""
    for key in _KEYS:
        first: dict[str, Path] = {}
        for path, town in towns.items():
            owner = first.setdefault(getattr(town, key), path)
            if owner != path:
                yield from placed(path, [_shared(key, owner.name)])


def _shared(key: str, other: str) -> Problem:
    return Problem(
        key,
        f"„{key}“ steht genauso in {other}; jede Kommune hat ihren eigenen Wert.",
        f"“{key}” is the same in {other}; each municipality has its own",
    )
