"""Avro: the schemas that follow from a recipe — one for the submission, one for each station's message.

Case facts come first, so that a projection decoder can stop early; everything personal is inside the one nested
record ``form``. ``sees`` is the content filter: a station's ``form`` has exactly those fields.
"""

from collections.abc import Iterable
from typing import Any

from schemas import fields

Tree = dict[str, "Tree"]
"""A projection: the chosen names, each with the chosen names below it, or nothing for all of them."""

_SIMPLE: dict[type, Any] = {
    fields.Text: "string",
    fields.Choice: "string",
    fields.Integer: "long",
    fields.Money: "long",
    fields.Boolean: "boolean",
    fields.Date: {"type": "int", "logicalType": "date"},
    fields.Iban: "string",
    fields.Email: "string",
    fields.Phone: "string",
}
_UNITS: dict[type, str] = {fields.Money: "euro cents", fields.PartialDate: "parts may be unknown"}
_FORM = "Form"
"""The record of all answers; those within are called after their way, in two underlines, which no key has."""
_INSTANT = {"type": "long", "logicalType": "timestamp-micros"}

CASE_FACTS: tuple[dict[str, Any], ...] = (
    {"name": "case_id", "type": "string", "doc": "UUIDv5 of source and idempotency key or position; the record's key"},
    {"name": "reference", "type": "string", "doc": "What the citizen was given, with check character"},
    {"name": "service", "type": "string", "doc": "LeiKa key, 14 digits"},
    {"name": "municipality", "type": "string", "doc": "Name of the municipality's file"},
    {"name": "recipe", "type": "string", "doc": "Name of the recipe"},
    {"name": "recipe_version", "type": "int", "doc": "The version under which the case started, kept to its end"},
    {"name": "received_at", "type": _INSTANT, "doc": "Receipt: the instant that decides deadlines"},
    {
        "name": "applied_on",
        "type": ["null", {"type": "int", "logicalType": "date"}],
        "default": None,
        "doc": "Date on the application where it differs from the receipt",
    },
    {"name": "channel", "type": "string", "doc": "portal, file, …"},
    {"name": "source", "type": "string", "doc": "Which portal or which file source"},
)
_DIGEST = {
    "name": "digest",
    "type": "bytes",
    "doc": "First 16 bytes of SHA-256 of the content, to tell a retry from a conflict",
}
_STATION: tuple[dict[str, Any], ...] = (
    {"name": "case_version", "type": "int", "doc": "Version of the case at which the station opened"},
    {"name": "station", "type": "string", "doc": "Station of the routing slip"},
    {"name": "department", "type": "string", "doc": "Department that holds the station"},
    {"name": "task", "type": "string", "doc": "decide, consult or inform"},
    {
        "name": "rule",
        "type": "string",
        "doc": "The condition that brought the case here, in the recipe's words",
    },
    {"name": "due_at", "type": ["null", _INSTANT], "default": None, "doc": "End of this station's deadline"},
    {
        "name": "opened_by",
        "type": "string",
        "doc": "Event type that opened the station: CaseReceived, CaseForwarded, …",
    },
)


def submission_schema(recipe: str, version: int, form: fields.Form) -> dict[str, Any]:
    """The definition of CaseSubmitted for one recipe."""
    doc = f"A submission to the recipe {recipe}, version {version}"
    return _message(recipe, f"CaseSubmitted_v{version}", doc, (*CASE_FACTS, _DIGEST), form, None)


def station_schema(recipe: str, version: int, station: str, form: fields.Form, sees: Iterable[str]) -> dict[str, Any]:
    """The definition of the message that one station's department receives."""
    doc = f"What station {station} of the recipe {recipe}, version {version}, receives"
    name = f"StationOpened_{station.replace('-', '_')}_v{version}"
    return _message(recipe, name, doc, (*CASE_FACTS, *_STATION), form, projection(sees))


def _message(
    recipe: str, name: str, doc: str, head: Iterable[dict[str, Any]], form: fields.Form, tree: Tree | None
) -> dict[str, Any]:
    shown = form if tree is None or tree else {}  # an empty choice shows nothing, whereas no choice shows all
    body = _record(_FORM, shown, tree, "The applicant's answers; all that is personal is in here")
    return {
        "type": "record",
        "name": name,
        "namespace": f"laufzettel.{recipe.replace('-', '_')}",
        "doc": doc,
        "fields": [*head, {"name": "form", "type": body, "doc": "The answers"}],
    }


def projection(paths: Iterable[str]) -> Tree:
    """The tree of dotted paths; a path chosen whole wins over its parts."""
    tree: Tree = {}
    for path in sorted(paths, key=lambda path: -path.count(".")):
        node = tree
        *above, leaf = path.split(".")
        for part in above:
            node = node.setdefault(part, {})
        node[leaf] = {}
    return tree


def project(value: Any, tree: Tree) -> Any:  # noqa: ANN401 - a form or a part of it
    """The chosen part of a validated form, by the tree; what is not named is not there."""
    if not tree or value is None:
        return value
    if isinstance(value, list):
        return [project(element, tree) for element in value]
    return {name: project(value.get(name), below) if below else value.get(name) for name, below in tree.items()}


def _record(name: str, form: fields.Form, tree: Tree | None, doc: str) -> dict[str, Any]:
    members = [
        _field(name, key, field, (tree or {}).get(key)) for key, field in form.items() if not tree or key in tree
    ]
    return {"type": "record", "name": name, "doc": doc, "fields": members}


def _field(owner: str, key: str, field: fields.FormField, tree: Tree | None) -> dict[str, Any]:
    kind = _type(f"{owner}__{key}", field, tree)
    label = field.label.en or field.label.de if field.label else key.replace("_", " ")
    unit = _UNITS.get(type(field))
    entry: dict[str, Any] = {"name": key, "type": ["null", kind] if field.optional else kind}
    if field.optional:
        entry["default"] = None
    entry["doc"] = f"{label} ({unit})" if unit else label
    if fields.is_personal(field):
        entry["confluent:tags"] = ["PII"]
    return entry


def _type(name: str, field: fields.FormField, tree: Tree | None) -> Any:  # noqa: ANN401 - an Avro type
    if isinstance(field, fields.PartialDate):
        parts = [
            {"name": part, "type": ["null", "int"], "default": None, "doc": f"{part}, if known"}
            for part in ("year", "month", "day")
        ]
        return {
            "type": "record",
            "name": name,
            "doc": "A date of which parts may be unknown",
            "fields": parts,
        }
    if isinstance(field, fields.ListOf):
        return {"type": "array", "items": _type(name, field.of, tree)}
    parts_of = fields.members(field)
    if parts_of is not None:
        return _record(name, parts_of, tree, f"The parts of {name.removeprefix(f'{_FORM}__').replace('__', '.')}")
    return _SIMPLE[type(field)]
