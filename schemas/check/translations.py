"""Translations: every text that people see stands in German and English, and every field and choice has one."""

from collections.abc import Iterator

from schemas.errors import Problem
from schemas.fields import Choice, Form, FormField, Group, ListOf, Wording
from schemas.recipe import Recipe

SECTIONS = ("steckbrief", "nutzen", "entscheidung", "prozess", "bausteine", "einfuehrung")
"""The chapters of a page of the Kochbuch."""


def problems_of(recipe: Recipe) -> Iterator[Problem]:
    """Labels, titles, purposes and chapters that are missing, or missing in English."""
    yield from _text("title", recipe.title)
    yield from _form("form", recipe.form)
    for number, entry in enumerate(recipe.refuse):
        yield from _text(f"refuse.{number}.because", entry.because)
    for number, station in enumerate(recipe.route):
        yield from _text(f"route.{number}.title", station.title)
        if station.purpose is not None:
            yield from _text(f"route.{number}.purpose", station.purpose)
    if recipe.on_request.purpose is not None:
        yield from _text("on_request.purpose", recipe.on_request.purpose)
    for section in SECTIONS:
        yield from _text(f"book.{section}", recipe.book.get(section))


def _text(where: str, wording: Wording | None) -> Iterator[Problem]:
    if wording is None:
        yield Problem(where, "Dieser Text fehlt, deutsch und englisch.", "this text is missing, in German and English")
    elif not wording.de.strip():
        yield Problem(where, "Hier fehlt der deutsche Text (de).", "the German text (de) is missing here")
    elif not wording.en.strip():
        yield Problem(
            where, "Hier fehlt die englische Übersetzung (en).", "the English translation (en) is missing here"
        )


def _form(where: str, form: Form) -> Iterator[Problem]:
    for name, field in form.items():
        yield from _field(f"{where}.{name}", field)


def _field(where: str, field: FormField) -> Iterator[Problem]:
    yield from _text(f"{where}.label", field.label)
    if field.help is not None:
        yield from _text(f"{where}.help", field.help)
    if isinstance(field, Choice):
        for option in field.of:
            yield from _text(f"{where}.labels.{option}", field.labels.get(option))
    elif isinstance(field, Group):
        yield from _form(f"{where}.fields", field.fields)
    elif isinstance(field, ListOf):
        yield from _field(f"{where}.of", field.of)
