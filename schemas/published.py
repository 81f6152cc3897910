"""Published: every schema that a release has ever written records with, by id; ``published.txt`` only grows.

Stored events, states and requests must stay readable for ever. Whoever changes the shape of a fixed type keeps the
former one in ``events/earlier/<Name>.<id>.avsc``; whoever changes a form raises the recipe's version and keeps the
former file in ``kochbuch/earlier``. ``python -m schemas.published`` adds what is new; with ``--unreleased`` it also
takes out what no release has written yet.
"""

import sys
from collections.abc import Iterable
from pathlib import Path

from schemas.codec import Schema

LIST = Path(__file__).with_suffix(".txt")


def read_list(path: Path = LIST) -> dict[int, str]:
    """The full name of each listed schema by its id."""
    rows = (line.split() for line in path.read_text(encoding="utf-8").splitlines() if line)
    return {int(number): name for number, name in rows}


def write_list(listed: dict[int, str], path: Path = LIST) -> None:
    """Writes the list in a fixed order, so that a change shows as the lines that changed."""
    rows = sorted((name, number) for number, name in listed.items())
    path.write_text("".join(f"{number} {name}\n" for name, number in rows), encoding="utf-8")


def lost(listed: dict[int, str], readable: Iterable[Schema]) -> dict[int, str]:
    """What is listed and can no longer be read."""
    known = {schema.id for schema in readable}
    return {number: name for number, name in listed.items() if number not in known}


def remedy(lost_ones: dict[int, str]) -> str:
    """What to do about them, for the person who has just changed a schema."""
    lines = [f"These schemas are published but can no longer be read: {lost_ones}."]
    lines += [
        "A fixed type: git show HEAD:schemas/events/<Name>.avsc > schemas/events/earlier/<Name>.<id>.avsc",
        "A form: raise the recipe's version and keep the former file in schemas/kochbuch/earlier.",
        "Not part of any release yet: python -m schemas.published --unreleased",
    ]
    return "\n".join(lines)


def main(options: list[str]) -> None:
    """Brings the list up to date with the shipped Kochbuch."""
    from schemas.events import earlier_schemas
    from schemas.kochbuch import read_kochbuch

    book, listed = read_kochbuch(), read_list() if LIST.exists() else {}
    gone = lost(listed, (*book.schemas, *earlier_schemas()))
    if gone and "--unreleased" not in options:
        sys.exit(remedy(gone))
    kept = {number: name for number, name in listed.items() if number not in gone}
    write_list(kept | {schema.id: schema.name for schema in book.schemas})


if __name__ == "__main__":
    main(sys.argv[1:])
