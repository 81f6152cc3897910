"""Bases: every deadline names its rule, one that is counted back names a date of the form, and lengths are lengths."""

from collections.abc import Iterator

from schemas import fields
from schemas.deadline import Deadline
from schemas.errors import Problem
from schemas.length import Unit, parse_length
from schemas.recipe import Recipe


def problems_of(recipe: Recipe) -> Iterator[Problem]:
    """Deadlines of the case and of its stations without a legal basis, or counted back from what is no date."""
    if recipe.deadline is not None:
        yield from _of("deadline", recipe.deadline, recipe)
    for number, station in enumerate(recipe.route):
        if station.due is not None:
            yield from _of(f"route.{number}.due", station.due, recipe)
    yield from _of_objection(recipe.objection)


def _of_objection(text: str) -> Iterator[Problem]:
    try:
        length = parse_length(text)
    except ValueError as error:
        german, _, english = str(error).partition(" | ")
        yield Problem("objection", german, english)
        return
    if length.unit is Unit.HOURS:
        german = "Die Widerspruchsfrist zählt keine Stunden."
        yield Problem("objection", german, "the time for objections is not counted in hours")


def _of(where: str, deadline: Deadline, recipe: Recipe) -> Iterator[Problem]:
    if not deadline.basis.strip():
        yield Problem(
            where,
            "Diese Frist nennt keine Rechtsgrundlage. Bitte basis angeben.",
            "this deadline has no legal basis. Give a basis",
        )
    if deadline.before is not None and not _is_one_date(deadline.before.field, recipe.form):
        yield Problem(
            f"{where}.before.field",
            f"„{deadline.before.field}“ ist kein Datumsfeld des Formulars; davon lässt sich nicht zurückrechnen.",
            f"“{deadline.before.field}” is no date of the form; nothing can be counted back from it",
        )


def _is_one_date(path: str, form: fields.Form) -> bool:
    """Whether the form has one date there, and not one for each element of a list."""
    parts = path.split(".")
    way = [fields.find(form, ".".join(parts[:n])) for n in range(1, len(parts) + 1)]
    return isinstance(way[-1], fields.Date) and not any(isinstance(field, fields.ListOf) for field in way)
