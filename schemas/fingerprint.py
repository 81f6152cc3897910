"""Fingerprint: a number for all of a recipe that its running cases depend on, from the fields asked to the deadlines.

Words that only people read are no part of it, so that a label can be put right at any time.
"""

import hashlib
from collections.abc import Mapping
from typing import Any

import orjson
from pydantic import BaseModel

from schemas.recipe import Recipe

_WORDS = frozenset(
    (
        "title",
        "label",
        "labels",
        "help",
        "fim",
        "personal",
        "purpose",
        "basis",
        "legal_basis",
        "book",
        "examples",
        "because",
    )
)
_LENGTH = 16


def fingerprint(recipe: Recipe) -> str:
    """Sixteen hexadecimal digits; the schemas are part of it, because they also follow from the program."""
    schemas = sorted(schema.id for schema in (recipe.submission, *recipe.messages.values()))
    content = orjson.dumps([schemas, _lasting(recipe)], option=orjson.OPT_SORT_KEYS)
    return hashlib.sha256(content).hexdigest()[:_LENGTH]


def _lasting(value: Any) -> Any:  # noqa: ANN401 - any part of a recipe
    """What was said, without words and defaults: a key that a later release adds changes no fingerprint."""
    if isinstance(value, BaseModel):
        said = {
            name: getattr(value, name)
            for name, field in type(value).model_fields.items()
            if name not in _WORDS and getattr(value, name) != field.get_default(call_default_factory=True)
        }
        return _lasting(said)
    if isinstance(value, Mapping):
        return {str(name): _lasting(part) for name, part in value.items()}
    return list(map(_lasting, value)) if isinstance(value, list | tuple) else str(value)
