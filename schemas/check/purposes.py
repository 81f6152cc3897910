"""Purposes: whoever sees personal fields has a purpose and a legal basis for it."""

from collections.abc import Iterator

from schemas import fields
from schemas.errors import Problem
from schemas.fields import FormField, ListOf, Wording
from schemas.recipe import Recipe


def problems_of(recipe: Recipe) -> Iterator[Problem]:
    """Stations, and the permission on request, that show personal fields without saying what for."""
    for number, station in enumerate(recipe.route):
        yield from _missing(f"route.{number}", station.sees, station.purpose, station.basis, recipe)
    asked = recipe.on_request
    yield from _missing("on_request", asked.sees, asked.purpose, asked.basis, recipe)


def _missing(
    where: str, sees: tuple[str, ...], purpose: Wording | None, basis: str, recipe: Recipe
) -> Iterator[Problem]:
    personal = [path for path in sees if holds_personal(fields.find(recipe.form, path))]
    if personal and purpose is None:
        yield Problem(
            where,
            f"Hier werden personenbezogene Felder ohne Zweck gezeigt: {', '.join(personal)}. Bitte purpose angeben.",
            f"personal fields are shown here without a purpose: {', '.join(personal)}. Give a purpose",
        )
    if personal and not basis.strip():
        yield Problem(
            where,
            "Personenbezogene Felder werden ohne Rechtsgrundlage gezeigt. Bitte basis angeben.",
            "personal fields are shown without a legal basis. Give a basis",
        )


def holds_personal(field: FormField | None) -> bool:
    """Whether the field or any part of it is personal."""
    if field is None:
        return False
    if isinstance(field, ListOf):
        return fields.is_personal(field) or holds_personal(field.of)
    parts = fields.members(field)
    return any(map(holds_personal, parts.values())) if parts is not None else fields.is_personal(field)
