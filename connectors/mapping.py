"""Mapping: which column of an old file answers which question of a form; a message translator in a few declared lines.

holder.family_name: Name
kept_since: {column: Seit, as: date, format: "%d.%m.%Y"}
breed: {column: Rasse, values: {BT: Bullterrier}}
origin: {constant: Umzug}
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, model_validator

from connectors.conversion import BLANK, Conversion, converter
from schemas.errors import Problem, Reason, Rejected


class Answer(Conversion):
    """Where one answer of the form comes from; a column's name alone stands for its text."""

    column: str = Field("", description="The column that holds the answer; blank cells are answers not given")
    constant: str | None = Field(None, description="Instead of a column: the same answer for every record")

    @model_validator(mode="after")
    def _has_one_origin(self) -> "Answer":
        if bool(self.column) == (self.constant is not None):
            raise ValueError(
                "Entweder „column“ oder „constant“, eines davon. | either “column” or “constant”, one of them"
            )
        return self


def _named(value: object) -> object:
    return {"column": value} if isinstance(value, str) else value


Mapped = Annotated[Answer, BeforeValidator(_named, json_schema_input_type=str | Answer)]
FormOf = Callable[[Sequence[str]], dict[str, Any]]


def form_of(answers: Mapping[str, Answer], names: Sequence[str]) -> FormOf:
    """Compiles a mapping: from a row's cells to the form. Raises Rejected(INVALID) with every problem of a row."""
    steps = [
        (*_path(path), *_origin(answer, names), converter(answer), frozenset(answer.blank))
        for path, answer in answers.items()
    ]

    def form(cells: Sequence[str]) -> dict[str, Any]:
        answers: dict[str, Any] = {}
        problems: list[Problem] = []
        for above, name, path, index, constant, convert, blank in steps:
            text = cells[index].strip(BLANK) if constant is None else constant
            if not text or text in blank:
                continue
            try:
                value = convert(text)
            except ValueError as error:
                problems.append(_problem(path, error))
                continue
            node = answers
            for part in above:
                node = node.setdefault(part, {})
            node[name] = value
        if problems:
            raise Rejected(Reason.INVALID, *problems)
        return answers

    return form


def _path(path: str) -> tuple[tuple[str, ...], str, str]:
    *above, name = path.split(".")
    return tuple(above), name, path


def _origin(answer: Answer, names: Sequence[str]) -> tuple[int, str | None]:
    return (names.index(answer.column), None) if answer.constant is None else (-1, answer.constant)


def _problem(path: str, error: ValueError) -> Problem:
    german, _, english = str(error).partition(" | ")
    return Problem(f"form.{path}", german, english)
