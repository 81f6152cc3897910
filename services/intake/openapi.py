"""OpenAPI: the interface as a document, made from the recipes and the problems, so that it cannot say anything else."""

from typing import Any

import orjson

from schemas.kochbuch import Kochbuch
from schemas.recipe import LEIKA
from services.intake.catalogue import DIALECT, Json, Offer, both, examples, form_schema, offers
from services.intake.endpoint import SUBMISSIONS
from services.intake.kinds import KINDS, Kind
from services.intake.problems import PROBLEM_JSON, Refused, problem_answer

_SCHEMAS = "#/components/schemas/"
_SUBMIT = tuple(sorted({kind.status for kind in KINDS}))
_INFO = {
    "title": "Laufzettel",
    "description": (
        "Nimmt Anträge an und bringt jeden genau einmal zu allen zuständigen Stellen. Die Antwort 202 heißt: dauerhaft "
        "angenommen.\n\nTakes submissions and brings each exactly once to every department concerned. The answer 202 "
        "means: durably accepted."
    ),
    "license": {"name": "European Union Public Licence 1.2", "identifier": "EUPL-1.2"},
}
_KEYS = {
    "bearer": {"type": "http", "scheme": "bearer", "description": "API-Schlüssel des Portals / the portal's API key"},
    "apiKey": {"type": "apiKey", "in": "header", "name": "X-API-Key", "description": "Ebenso / the same"},
}
_CASE_ID = {"type": "string", "format": "uuid"}
_REFERENCE = {
    "type": "string",
    "description": "Aktenzeichen mit Prüfzeichen, zum Vorlesen / reference with check character, to be read out",
    "examples": ["DN-7K3F-9QX2-M4T8"],
}


def document(book: Kochbuch, *, version: str, server: str = "") -> Json:
    """The OpenAPI 3.1 document of this installation."""
    offered = offers(book)
    return {
        "openapi": "3.1.0",
        "info": {**_INFO, "version": version},
        "jsonSchemaDialect": DIALECT,
        "servers": [{"url": server or "/"}],
        "security": [{name: []} for name in _KEYS],
        "paths": _paths(offered),
        "components": {
            "securitySchemes": _KEYS,
            "schemas": _schemas(offered),
            "responses": {f"Problem{status}": _problem(status) for status in _SUBMIT},
        },
    }


def _paths(offered: list[Offer]) -> Json:
    return {
        SUBMISSIONS: {"post": _submit(offered)},
        SUBMISSIONS + "/{case_id}": {"get": _status()},
        "/api/v1/services": {"get": _read("listServices", "Leistungen / services", "ServiceList", ())},
        "/api/v1/services/{service}": {
            "get": _read("getFormSchema", "Formular als JSON Schema / form as JSON Schema", "JsonSchema", ("service",))
        },
    }


def _submit(offered: list[Offer]) -> Json:
    named = {f"{_name(o)}{n}": (name, body) for o in offered for n, (name, body) in enumerate(examples(o), 1)}
    return {
        "operationId": "submit",
        "summary": "Antrag einreichen / hand in a submission",
        "parameters": [_idempotency_key(), _accept_language()],
        "requestBody": {
            "required": True,
            "content": {
                "application/json": {
                    "schema": {"$ref": _SCHEMAS + "Submission"},
                    "examples": {key: {"summary": name, "value": body} for key, (name, body) in named.items()},
                }
            },
        },
        "responses": {"202": _accepted(), **_problems(*_SUBMIT)},
    }


def _status() -> Json:
    return {
        "operationId": "getSubmission",
        "summary": "Stand eines eingereichten Antrags / state of a submission",
        "description": "24 Stunden lang, nur für das Portal, das ihn eingereicht hat / for 24 hours, and only for the "
        "portal that handed it in",
        "parameters": [_path("case_id", _CASE_ID), _accept_language()],
        "responses": {
            "200": _json("Angenommen / accepted", {"$ref": _SCHEMAS + "Status"}),
            **_problems(401, 404, 405, 429, 500, 503),
        },
    }


def _read(operation: str, text: str, schema: str, parameters: tuple[str, ...]) -> Json:
    return {
        "operationId": operation,
        "summary": text,
        "security": [],
        "parameters": [*(_path(name, {"type": "string"}) for name in parameters), _accept_language()],
        "responses": {"200": _json(text, {"$ref": _SCHEMAS + schema}), **_problems(404, 405, 500)},
    }


def _accepted() -> Json:
    location = {"description": "status_url", "schema": {"type": "string", "format": "uri-reference"}}
    text = "Dauerhaft angenommen; eine Wiederholung bekommt dieselbe Antwort / durably accepted; a repeat gets the same"
    return {**_json(text, {"$ref": _SCHEMAS + "Accepted"}), "headers": {"Location": location}}


def _json(text: str, schema: Json) -> Json:
    return {"description": text, "content": {"application/json": {"schema": schema}}}


def _problems(*statuses: int) -> Json:
    return {str(status): {"$ref": f"#/components/responses/Problem{status}"} for status in statuses}


def _problem(status: int) -> Json:
    kinds = [kind for kind in KINDS if kind.status == status]
    return {
        "description": "; ".join(" / ".join(kind.title) for kind in kinds),
        "headers": {name: {"schema": {"type": "string"}} for name in _headers(status, kinds)},
        "content": {
            PROBLEM_JSON.decode(): {
                "schema": {"$ref": _SCHEMAS + "Problem"},
                "examples": {kind.slug: {"value": _example(kind)} for kind in kinds},
            }
        },
    }


def _headers(status: int, kinds: list[Kind]) -> dict[str, None]:
    """The names in their usual spelling, each once and in order."""
    names = ["Content-Language", *(name.decode().title() for kind in kinds for name, _ in kind.headers)]
    names += {405: ["Allow"], 429: ["Retry-After"], 503: ["Retry-After"]}.get(status, [])
    return dict.fromkeys(name.replace("Www-", "WWW-") for name in names)


def _example(kind: Kind) -> Any:  # noqa: ANN401 - JSON
    return orjson.loads(problem_answer(Refused(kind), "de").body)


def _idempotency_key() -> Json:
    return {
        "name": "Idempotency-Key",
        "in": "header",
        "required": True,
        "description": "Für jeden Antrag ein neuer, bei einer Wiederholung derselbe / a new one for each submission, "
        "the same one for a repeat",
        "schema": {"type": "string", "pattern": "^[A-Za-z0-9._~:/+=-]{1,128}$"},
        "example": "0c9a3a52-6f0e-4d3c-9a57-6c1f4f0b8d11",
    }


def _accept_language() -> Json:
    return {
        "name": "Accept-Language",
        "in": "header",
        "description": "Sprache von title und detail; beide Sprachen stehen immer unter de und en / language of title "
        "and detail; both are always there, under de and en",
        "schema": {"type": "string"},
        "example": "de",
    }


def _path(name: str, schema: Json) -> Json:
    return {"name": name, "in": "path", "required": True, "schema": schema}


def _name(offer: Offer) -> str:
    return "".join(part.title() for part in offer.recipe.recipe.split("-"))


def _schemas(offered: list[Offer]) -> Json:
    found: Json = {"Submission": _submission(offered), **_FIXED}
    for offer in offered:
        schema = form_schema(offer.recipe)
        parts = {f"{_name(offer)}_{name}": part for name, part in schema.pop("$defs", {}).items()}
        del schema["$schema"]
        moved = {_name(offer): _envelope(offer), f"{_name(offer)}Form": schema, **parts}
        found |= {name: _referring(part, f"{_SCHEMAS}{_name(offer)}_") for name, part in moved.items()}
    return found


def _submission(offered: list[Offer]) -> Json:
    names = {offer.recipe.service: _SCHEMAS + _name(offer) for offer in offered}
    if not names:
        return {"not": {}}
    return {
        "oneOf": [{"$ref": name} for name in names.values()],
        "discriminator": {"propertyName": "service", "mapping": names},
    }


def _envelope(offer: Offer) -> Json:
    return {
        "title": both(offer.recipe.title),
        "type": "object",
        "additionalProperties": False,
        "required": ["service", "municipality", "form"],
        "properties": {
            "service": {"const": offer.recipe.service, "description": "LeiKa-Schlüssel / LeiKa key"},
            "municipality": {"enum": [town.municipality for town in offer.towns]},
            "applied_on": {
                "type": ["string", "null"],
                "format": "date",
                "description": "Tag des Antrags, wenn er nicht der des Eingangs ist / day of the application, where it "
                "is not the day of receipt",
            },
            "form": {"$ref": f"{_SCHEMAS}{_name(offer)}Form"},
        },
    }


def _referring(node: Any, place: str) -> Any:  # noqa: ANN401 - any part of a schema
    """The schema with its inner definitions looked up in the document's components."""
    if isinstance(node, dict):
        return {key: _referring(value, place) for key, value in node.items()}
    if isinstance(node, list):
        return [_referring(part, place) for part in node]
    return place + node.removeprefix("#/$defs/") if isinstance(node, str) and node.startswith("#/$defs/") else node


def _object(required: list[str], **properties: Json) -> Json:
    return {"type": "object", "required": required, "properties": properties}


_TEXT: Json = {"type": "string"}
_WORDING = _object(["title", "detail"], title=_TEXT, detail=_TEXT)
_FIXED: Json = {
    "Accepted": _object(
        ["case_id", "reference", "status_url"],
        case_id=_CASE_ID,
        reference=_REFERENCE,
        status_url={"type": "string", "format": "uri-reference"},
    ),
    "Status": _object(
        ["case_id", "reference", "state", "accepted_at"],
        case_id=_CASE_ID,
        reference=_REFERENCE,
        state={"const": "accepted"},
        accepted_at={"type": "string", "format": "date-time"},
    ),
    "ServiceList": {
        "type": "array",
        "items": _object(
            ["service", "recipe", "version", "title", "municipalities", "form_schema"],
            service={"type": "string", "pattern": LEIKA},
            recipe=_TEXT,
            version={"type": "integer"},
            title=_object(["de", "en"], de=_TEXT, en=_TEXT),
            municipalities={"type": "array", "items": _TEXT},
            form_schema={"type": "string", "format": "uri-reference"},
        ),
    },
    "JsonSchema": {"type": "object"},
    "Problem": _object(
        ["type", "title", "status", "detail", "de", "en"],
        type={"type": "string", "format": "uri-reference"},
        title=_TEXT,
        status={"type": "integer"},
        detail=_TEXT,
        de=_WORDING,
        en=_WORDING,
        errors={
            "type": "array",
            "description": "Bei 422 jede Stelle, die zu ändern ist / with 422 every place to mend",
            "items": _object(["path", "de", "en"], path=_TEXT, de=_TEXT, en=_TEXT),
        },
        errors_omitted={"type": "integer"},
    ),
}
