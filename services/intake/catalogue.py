"""Catalogue: what can be submitted here, as JSON Schema and with typed examples, straight from the recipes."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from schemas import fields
from schemas.fields import FormField, Wording
from schemas.kochbuch import Kochbuch
from schemas.municipality import Municipality
from schemas.recipe import Recipe

Json = dict[str, Any]
DIALECT = "https://json-schema.org/draft/2020-12/schema"


@dataclass(frozen=True, slots=True)
class Offer:
    """A service and the municipalities in which citizens can use it today."""

    recipe: Recipe
    towns: tuple[Municipality, ...]


def offers(book: Kochbuch) -> list[Offer]:
    """Every service that at least one municipality offers, by its German title."""
    found = [Offer(r, tuple(t for t in book.municipalities.values() if t.offers(r))) for r in book.recipes.values()]
    return sorted((offer for offer in found if offer.towns), key=lambda offer: offer.recipe.title.de)


def both(text: Wording) -> str:
    """German and, where it exists, English in one line."""
    return f"{text.de} / {text.en}" if text.en and text.en != text.de else text.de


def summary(offer: Offer) -> Json:
    """The offer as an entry of the list of services."""
    recipe = offer.recipe
    return {
        "service": recipe.service,
        "recipe": recipe.recipe,
        "version": recipe.version,
        "title": {"de": recipe.title.de, "en": recipe.title.en or recipe.title.de},
        "municipalities": [town.municipality for town in offer.towns],
        "form_schema": f"/api/v1/services/{recipe.service}",
    }


def form_schema(recipe: Recipe) -> Json:
    """The JSON Schema 2020-12 of the form, with the labels of the recipe."""
    schema = recipe.validator.json_schema()
    _label(schema, schema.get("$defs", {}), recipe.form, recipe.recipe.replace("-", "_"))
    return {"$schema": DIALECT, **schema, "title": both(recipe.title)}


def _label(schema: Json, parts: Mapping[str, Json], form: fields.Form, name: str) -> None:
    for key, field in form.items():
        entry = schema["properties"][key]
        entry.pop("title", None)
        entry |= _texts(field)
        inner = field.of if isinstance(field, fields.ListOf) else field
        part, members = parts.get(f"{name}_{key}"), fields.members(inner)
        if part is not None and members is not None:
            part.pop("title", None)
            _label(part, parts, members, f"{name}_{key}")


def _texts(field: FormField) -> Json:
    texts = {"title": field.label, "description": field.help}
    return {name: both(text) for name, text in texts.items() if text is not None}


def examples(offer: Offer) -> Iterator[tuple[str, Json]]:
    """Name and body of every example of the recipe that is accepted."""
    for example in offer.recipe.examples:
        if not example.rejected:
            fitting = (town for town in offer.towns if example.holds_in(town.municipality, town.land))
            town = next(fitting, offer.towns[0]).municipality
            form = typed(offer.recipe.form, example.form)
            yield example.name, {"service": offer.recipe.service, "municipality": town, "form": form}


def typed(form: fields.Form, answers: Mapping[str, Any]) -> Json:
    """Answers as a portal sends them: recipes are read with every scalar as text."""
    return {key: _typed(form[key], answer) for key, answer in answers.items()}


def _typed(field: FormField, answer: Any) -> Any:  # noqa: ANN401 - any JSON value
    if isinstance(field, fields.ListOf):
        return [_typed(field.of, element) for element in answer]
    members = fields.members(field)
    if members is not None:
        return typed(members, answer)
    if isinstance(field, fields.Integer | fields.Money):
        return int(answer)
    return answer == "true" if isinstance(field, fields.Boolean) else answer
