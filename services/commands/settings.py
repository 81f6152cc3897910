"""laufzettel settings: every setting with its value, its default and what it is for."""

import os
from typing import Any

from services.commands.installation import Installation
from services.commands.terminal import Json, emit_or_table

_COLUMNS = ("setting", "value", "default", "means")
_HIDDEN = "••••"
_OPERATOR, _API_KEY = "LAUFZETTEL_OPERATOR", "LAUFZETTEL_API_KEY"


def settings(as_json: Json = False) -> None:
    """Lists all settings: environment variables that begin with LAUFZETTEL_. Passwords are not shown."""
    from pydantic import SecretStr

    from services.runtime.settings import PREFIX

    current = Installation.from_environment().settings

    def shown(value: object) -> Any:  # noqa: ANN401 - JSON
        if isinstance(value, SecretStr):
            return _HIDDEN if value.get_secret_value() else ""
        return value if isinstance(value, bool | int | float) else "" if value is None else str(value)

    rows = [
        {
            "setting": f"{PREFIX}{name.upper()}",
            "value": shown(getattr(current, name)),
            "default": shown(field.get_default(call_default_factory=True, validated_data={})),
            "means": field.description or "",
        }
        for name, field in type(current).model_fields.items()
    ]
    emit_or_table(as_json, [*rows, *_only_here()], _COLUMNS, "")


def _only_here() -> list[dict[str, str]]:
    """What the command line alone reads."""
    who, key = os.environ.get(_OPERATOR, ""), _HIDDEN if os.environ.get(_API_KEY) else ""
    operator, portal = "who does it, for commands that keep that", "the portal's key, for laufzettel submit"
    return [
        {"setting": _OPERATOR, "value": who, "default": os.environ.get("USER", ""), "means": operator},
        {"setting": _API_KEY, "value": key, "default": "", "means": portal},
    ]
