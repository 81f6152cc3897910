"""Recipe difference: what a changed recipe changes for every case: who sees what, until when, who countersigns."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from schemas.deadline import Before, Deadline
from schemas.recipe import Recipe

_NONE = "-"


@dataclass(frozen=True, slots=True)
class Seen:
    """Fields that a station of both recipes would see more or no longer."""

    station: str
    added: tuple[str, ...]
    removed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Term:
    """Something else that both recipes say of a station, or of the whole case where it names none, but differently."""

    station: str
    key: str
    before: str
    after: str

    def __str__(self) -> str:
        where = f"{self.station}: " if self.station else ""
        return f"{where}{self.key}: {self.before} → {self.after}"


def seen(old: Recipe, new: Recipe) -> Iterator[Seen]:
    """Content filters that differ, the one on request included."""
    for name in old.sees:
        if name in new.sees and (was := set(old.sees[name])) != (becomes := set(new.sees[name])):
            yield Seen(name, tuple(sorted(becomes - was)), tuple(sorted(was - becomes)))


def terms(old: Recipe, new: Recipe) -> Iterator[Term]:
    """Deadlines, tasks and signatures that differ; stations of one recipe only are changes of the route."""
    yield from _compared("", old, new, ("deadline", "objection"))
    yield from _compared("", old.retention, new.retention, ("years",))
    for name, station in old.station.items():
        if name in new.station:
            yield from _compared(name, station, new.station[name], ("role", "task", "four_eyes", "after", "due"))


def _compared(where: str, old: object, new: object, keys: tuple[str, ...]) -> Iterator[Term]:
    for key in keys:
        was, becomes = _said(getattr(old, key)), _said(getattr(new, key))
        if was != becomes:
            yield Term(where, key if key != "years" else "retention", was, becomes)


def _said(value: Any) -> str:  # noqa: ANN401 - whatever a recipe says of a station
    """In the recipe's words, defaults left out; the basis of a deadline changes nothing."""
    if isinstance(value, Deadline | Before):
        said = {name: getattr(value, name) for name, field in type(value).model_fields.items()
                if name != "basis" and getattr(value, name) != field.default}  # fmt: skip
        return ", ".join(f"{name} {_said(part)}" for name, part in said.items())
    if isinstance(value, bool):
        return "yes" if value else "no"
    return " ".join(value) if isinstance(value, tuple) and value else str(value or _NONE)
