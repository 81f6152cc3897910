"""The OpenAPI document is valid, complete, and says what the interface does."""

import re
from collections.abc import Iterator
from typing import Any

import orjson
import pytest
from jsonschema import Draft202012Validator, FormatChecker
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from schemas.kochbuch import Kochbuch, read_kochbuch
from schemas.submission import Acceptance, Submission
from services.intake.catalogue import examples, offers
from services.intake.endpoint import SUBMISSIONS
from services.intake.kinds import KINDS, Kind
from services.intake.openapi import document
from services.intake.problems import Refused, problem_answer

BOOK = read_kochbuch()
DOCUMENT = document(BOOK, version="1.2.3")
STATUSES = {"400", "401", "404", "405", "408", "413", "415", "422", "429", "500", "503"}
BODIES = [
    pytest.param(body, id=f"{offer.recipe.recipe}: {name}") for offer in offers(BOOK) for name, body in examples(offer)
]

# What OpenAPI 3.1 itself demands of the objects that this document uses, by its specification.
_REF = {"type": "object", "required": ["$ref"]}
_CONTENT = {"type": "object", "additionalProperties": {"type": "object", "required": ["schema"]}, "minProperties": 1}
_RESPONSE = {"anyOf": [_REF, {"type": "object", "required": ["description"], "properties": {"content": _CONTENT}}]}
_PARAMETER = {
    "type": "object",
    "required": ["name", "in", "schema"],
    "properties": {"in": {"enum": ["query", "header", "path", "cookie"]}, "required": {"type": "boolean"}},
    "if": {"properties": {"in": {"const": "path"}}},
    "then": {"required": ["required"], "properties": {"required": {"const": True}}},
}
_OPERATION = {
    "type": "object",
    "required": ["operationId", "summary", "responses"],
    "properties": {
        "parameters": {"type": "array", "items": _PARAMETER},
        "requestBody": {"type": "object", "required": ["content"], "properties": {"content": _CONTENT}},
        "responses": {
            "type": "object",
            "minProperties": 1,
            "propertyNames": {"pattern": "^([1-5]\\d\\d|default)$"},
            "additionalProperties": _RESPONSE,
        },
    },
}
OPENAPI = {
    "type": "object",
    "required": ["openapi", "info", "paths", "components"],
    "properties": {
        "openapi": {"pattern": "^3\\.1\\.\\d+$"},
        "info": {"type": "object", "required": ["title", "version"]},
        "servers": {"type": "array", "items": {"type": "object", "required": ["url"]}},
        "paths": {
            "type": "object",
            "propertyNames": {"pattern": "^/"},
            "additionalProperties": {
                "type": "object",
                "propertyNames": {"enum": ["get", "put", "post", "delete", "options", "head", "patch", "trace"]},
                "additionalProperties": _OPERATION,
            },
        },
        "components": {
            "type": "object",
            "additionalProperties": {"type": "object", "propertyNames": {"pattern": "^[a-zA-Z0-9._-]+$"}},
            "properties": {"responses": {"additionalProperties": _RESPONSE}},
        },
    },
}


def validator(name: str) -> Draft202012Validator:
    registry: Registry[Any] = Registry().with_resource("urn:openapi", DRAFT202012.create_resource(DOCUMENT))
    schema = {"$ref": f"urn:openapi#/components/schemas/{name}"}
    return Draft202012Validator(schema, registry=registry, format_checker=FormatChecker())


def references(node: object) -> Iterator[str]:
    if isinstance(node, dict):
        for key, value in node.items():
            if key == "$ref" or (key == "mapping" and isinstance(value, dict)):
                yield from [value] if key == "$ref" else value.values()
            else:
                yield from references(value)
    elif isinstance(node, list):
        for part in node:
            yield from references(part)


def test_the_document_has_the_shape_that_openapi_3_1_demands() -> None:
    Draft202012Validator(OPENAPI).validate(DOCUMENT)
    operations = [op["operationId"] for path in DOCUMENT["paths"].values() for op in path.values()]
    assert len(operations) == len(set(operations))


def test_path_parameters_and_templates_agree() -> None:
    for path, operations in DOCUMENT["paths"].items():
        for operation in operations.values():
            named = {each["name"] for each in operation["parameters"] if each["in"] == "path"}
            assert named == set(re.findall(r"{(\w+)}", path))


def test_every_reference_leads_somewhere() -> None:
    found = set(references(DOCUMENT))
    assert len(found) > 20
    for reference in found:
        node = DOCUMENT
        for part in reference.removeprefix("#/").split("/"):
            node = node[part]


def test_every_security_scheme_is_declared() -> None:
    declared = DOCUMENT["components"]["securitySchemes"]
    assert {name for each in DOCUMENT["security"] for name in each} == set(declared)


@pytest.mark.parametrize("name", DOCUMENT["components"]["schemas"])
def test_every_schema_is_a_json_schema(name: str) -> None:
    Draft202012Validator.check_schema(DOCUMENT["components"]["schemas"][name])


def test_every_status_of_every_problem_appears() -> None:
    assert {str(kind.status) for kind in KINDS} == STATUSES
    assert set(DOCUMENT["paths"][SUBMISSIONS]["post"]["responses"]) == STATUSES | {"202"}
    shown = [
        slug
        for response in DOCUMENT["components"]["responses"].values()
        for slug in response["content"]["application/problem+json"]["examples"]
    ]
    assert sorted(shown) == sorted(kind.slug for kind in KINDS)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.slug)
def test_every_problem_is_what_the_document_says(kind: Kind) -> None:
    validator("Problem").validate(orjson.loads(problem_answer(Refused(kind), "de").body))


def test_retry_after_is_announced_where_it_is_sent() -> None:
    for status in (429, 503):
        assert "Retry-After" in DOCUMENT["components"]["responses"][f"Problem{status}"]["headers"]


def test_every_offered_service_is_one_of_the_submissions() -> None:
    submission = DOCUMENT["components"]["schemas"]["Submission"]
    assert submission["discriminator"]["propertyName"] == "service"
    assert set(submission["discriminator"]["mapping"]) == {offer.recipe.service for offer in offers(BOOK)}
    assert {each["$ref"] for each in submission["oneOf"]} == set(submission["discriminator"]["mapping"].values())


@pytest.mark.parametrize("body", BODIES)
def test_every_example_fits_its_schema_and_is_accepted(body: dict[str, Any]) -> None:
    validator("Submission").validate(body)
    Acceptance(BOOK).accept(Submission(**body, channel="portal", source="portal", origin="1", received_at=0))


def test_every_example_of_the_recipes_is_shown() -> None:
    content = DOCUMENT["paths"][SUBMISSIONS]["post"]["requestBody"]["content"]["application/json"]
    assert len(content["examples"]) == len(BODIES)


def test_what_a_schema_forbids_is_refused() -> None:
    body = BODIES[0].values[0]
    assert isinstance(body, dict)
    for wrong in ({**body, "admin": True}, {**body, "service": "99000000000000"}, {**body, "municipality": "atlantis"}):
        assert not validator("Submission").is_valid(wrong)


def test_an_installation_without_services_has_a_document_too() -> None:
    empty = document(Kochbuch({}, {}), version="1", server="https://antrag.example")
    assert empty["servers"] == [{"url": "https://antrag.example"}]
    Draft202012Validator(OPENAPI).validate(empty)
    Draft202012Validator.check_schema(empty["components"]["schemas"]["Submission"])
