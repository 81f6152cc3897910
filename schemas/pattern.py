r"""Pattern: a regular expression as forms understand it: pydantic's engine, linear in time, without look-around.

Digits are written ``[0-9]``: ``\d`` would take those of every script.
"""

from collections.abc import Callable
from functools import cache
from typing import Annotated

from pydantic import AfterValidator, Field, TypeAdapter
from pydantic_core import SchemaError


@cache
def matcher(pattern: str) -> Callable[[str], bool]:
    """Whether a text fits. Raises ValueError in words for what is no pattern."""
    if r"\d" in pattern:
        raise ValueError(
            "„\\d“ nimmt die Ziffern aller Schriften an; bitte [0-9] schreiben."
            " | “\\d” takes the digits of every script; write [0-9]"
        )
    try:
        adapter = TypeAdapter(Annotated[str, Field(pattern=pattern)])
    except SchemaError:
        raise ValueError(
            f"„{pattern}“ ist kein Muster, das ein Formular prüfen kann: eine Klammer ist offen, oder es blickt voraus"
            f" oder zurück. | “{pattern}” is no pattern that a form can check: a bracket is open, or it looks ahead or"
            " back"
        ) from None
    return adapter.validator.isinstance_python


def _checked(pattern: str) -> str:
    matcher(pattern)
    return pattern


Pattern = Annotated[str, AfterValidator(_checked)]
"""A pattern that has been compiled once."""
