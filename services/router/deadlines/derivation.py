"""Derivation: a computed deadline as plain data, words included, for the command line, the console and the file."""

import re
from typing import Any

from services.router.deadlines.computed import Computed
from services.router.deadlines.instant import from_us

_HUMP = re.compile(r"(?<!^)(?=[A-Z])")


def as_data(computed: Computed) -> dict[str, Any]:
    """``date``, the first instant that is too late, the sentences in German and English, and the steps one by one."""
    return {
        "date": computed.date.isoformat(),
        "ends_at": from_us(computed.at_us).isoformat(),
        "derivation": [step.de for step in computed.steps],
        "derivation_en": [step.en for step in computed.steps],
        "steps": [
            {"rule": _name(step), "law": step.law, "date": step.date.isoformat(), "de": step.de, "en": step.en}
            for step in computed.steps
        ],
    }


def _name(step: object) -> str:
    return _HUMP.sub("-", type(step).__name__).lower()
