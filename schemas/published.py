"""Published: what stored records and running cases rely on, entry by entry: ``published.txt`` beside a Kochbuch.

A fixed type has the id of its schema, a version of a recipe its fingerprint. The list only grows. Whoever changes the
shape of a fixed type keeps the former one in ``events/earlier/<Name>.<id>.avsc``; whoever changes a recipe raises its
version and keeps the former file in ``kochbuch/earlier``. ``laufzettel recipe publish`` adds what is new.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from schemas.errors import Problem, raise_if_any
from schemas.events import earlier_schemas, event_schemas
from schemas.fingerprint import fingerprint
from schemas.recipe import Recipe

_TYPES = "laufzettel.events."


class Entry(NamedTuple):
    """One thing that must stay as it was: a fixed type, or a version of a recipe such as ``kita-aufnahme.v1``."""

    name: str
    mark: str


def list_of(kochbuch: Path) -> Path:
    """Where the list of a Kochbuch stands."""
    return kochbuch.with_name("published.txt")


def entry_of(recipe: Recipe) -> Entry:
    """The entry of one version of a recipe; its name is also that of its file in ``kochbuch/earlier``."""
    return Entry(f"{recipe.recipe}.v{recipe.version}", fingerprint(recipe))


def present(recipes: Iterable[Recipe]) -> frozenset[Entry]:
    """The entries of these recipes and of the fixed types as they are written today."""
    types = (Entry(schema.name, str(schema.id)) for schema in event_schemas())
    return frozenset((*types, *map(entry_of, recipes)))


def read_list(path: Path) -> dict[Entry, int]:
    """The entries and their lines; none where there is no list. Raises Misconfigured for a line that is no entry."""
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else ()
    rows = {n: line.split() for n, line in enumerate(lines, 1)}
    raise_if_any(_no_entry(f"{path.name}:{n}") for n, row in rows.items() if len(row) != len(Entry._fields))
    return {Entry(name, mark): n for n, (mark, name) in rows.items()}


def write_list(entries: Iterable[Entry], path: Path) -> None:
    """Writes the list in a fixed order, so that a change shows as the lines that changed."""
    path.write_text("".join(f"{mark} {name}\n" for name, mark in sorted(set(entries))), encoding="utf-8")


def lost(listed: Iterable[Entry], now: frozenset[Entry]) -> list[Entry]:
    """What is listed and is no longer there as it was; former shapes of fixed types that are kept are there."""
    kept = {Entry(schema.name, str(schema.id)) for schema in earlier_schemas()}
    return [entry for entry in listed if entry not in now | kept]


def problem_of(entry: Entry, now: frozenset[Entry]) -> Problem:
    """What has become of a lost entry, and the remedy; ``where`` is the entry's name."""
    if entry.name.startswith(_TYPES):
        return _shape_lost(entry)
    return (_changed if entry.name in {name for name, _ in now} else _file_lost)(entry)


def publish(recipes: Iterable[Recipe], path: Path, *, unreleased: bool = False) -> list[Entry]:
    """Adds what is new and returns it; ``unreleased`` takes out what is lost. Raises Misconfigured with what is."""
    now, listed = present(recipes), read_list(path)
    gone = lost(listed, now)
    if not unreleased:
        raise_if_any(problem_of(entry, now) for entry in gone)
    write_list((listed.keys() - set(gone)) | now, path)
    return sorted(now - listed.keys())


def _no_entry(where: str) -> Problem:
    german = "Diese Zeile ist kein Eintrag. Bitte den früheren Stand der Datei zurückholen."
    return Problem(where, german, "this line is no entry. Bring back the file as it was")


def _changed(entry: Entry) -> Problem:
    recipe, _, version = entry.name.rpartition(".v")
    return Problem(
        entry.name,
        f"Version {version} von {recipe} ist veröffentlicht und hat sich seitdem geändert; Vorgänge, die unter ihr"
        f" begonnen haben, liefen anders weiter. Bitte die Version erhöhen und die frühere Datei als"
        f" earlier/{entry.name}.yaml aufheben; hat unter ihr noch kein Vorgang begonnen: laufzettel recipe publish"
        " --unreleased.",
        f"version {version} of {recipe} is published and has changed since; cases that began under it would go on"
        f" differently. Raise the version and keep the former file as earlier/{entry.name}.yaml; if no case has begun"
        " under it: laufzettel recipe publish --unreleased",
    )


def _file_lost(entry: Entry) -> Problem:
    return Problem(
        entry.name,
        f"{entry.name} ist veröffentlicht, aber nicht mehr im Kochbuch; laufende Vorgänge dieser Version blieben"
        f" liegen. Bitte die Datei als earlier/{entry.name}.yaml zurücklegen; hat unter ihr nie ein Vorgang begonnen:"
        " laufzettel recipe publish --unreleased.",
        f"{entry.name} is published but no longer in the Kochbuch; running cases of this version would be stuck. Put"
        f" the file back as earlier/{entry.name}.yaml; if no case has ever begun under it: laufzettel recipe publish"
        " --unreleased",
    )


def _shape_lost(entry: Entry) -> Problem:
    short = entry.name.removeprefix(_TYPES)
    keep = f"schemas/events/earlier/{short}.{entry.mark}.avsc"
    return Problem(
        entry.name,
        f"{short} wurde in einer früheren Form veröffentlicht (Nummer {entry.mark}), die hier fehlt. Bitte diese Form"
        f" als {keep} aufheben; hat kein Release sie geschrieben: laufzettel recipe publish --unreleased.",
        f"{short} has been published in a former shape (id {entry.mark}) that is not kept here. Keep that shape as"
        f" {keep}; if no release has written it: laufzettel recipe publish --unreleased",
    )
