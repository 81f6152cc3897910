"""Fit: whether a mapping and a recipe's form belong together; found at ``check``, not with the first file."""

from collections.abc import Iterator, Mapping, Sequence

from connectors.mapping import Answer
from schemas import fields
from schemas.errors import Problem

_KINDS: dict[type, tuple[str, ...]] = {
    fields.Integer: ("integer",),
    fields.Money: ("cents", "integer"),
    fields.Boolean: ("boolean",),
    fields.Date: ("date",),
    fields.PartialDate: ("date", "text"),
}
_TEXTS = ("text", "lines")


def misfits(answers: Mapping[str, Answer], names: Sequence[str], form: fields.Form) -> Iterator[Problem]:
    """Everything that cannot work; ``where`` is a key path below the source."""
    for path, answer in answers.items():
        yield from _column(path, answer, names)
        yield from _target(path, answer, fields.find(form, path))
    for path in _required(form, "", set(answers)):
        german = f"Die Pflichtangabe „{path}“ des Formulars kommt aus keiner Spalte."
        yield Problem("map", german, f"no column answers the required field “{path}” of the form")


def _column(path: str, answer: Answer, names: Sequence[str]) -> Iterator[Problem]:
    if answer.column and answer.column not in names:
        german = f"Die Spalte „{answer.column}“ steht nicht unter „columns“."
        yield Problem(f"map.{path}", german, f"there is no column “{answer.column}” among “columns”")


def _target(path: str, answer: Answer, field: fields.FormField | None) -> Iterator[Problem]:
    where = f"map.{path}"
    if field is None:
        yield Problem(where, "Dieses Feld hat das Formular nicht.", "the form has no such field")
    elif isinstance(field, fields.ListOf) != (answer.separator is not None):
        german = "„separator“ gehört genau zu Feldern, die mehrere Werte fassen (type: list)."
        yield Problem(
            where, german, "“separator” belongs to fields that hold several values (type: list), and only there"
        )
    else:
        yield from _value(where, answer, field.of if isinstance(field, fields.ListOf) else field)


def _value(where: str, answer: Answer, field: fields.FormField) -> Iterator[Problem]:
    kinds = _KINDS.get(type(field), _TEXTS)
    if fields.members(field) is not None:
        yield Problem(
            where, "Dieses Feld hat Teile; bitte einen davon nennen.", "this field has parts; name one of them"
        )
    elif answer.kind not in kinds:
        names = ", ".join(kinds)
        yield Problem(where, f"Zu diesem Feld passt „as“: {names}.", f"this field needs “as”: {names}")
    elif isinstance(field, fields.Choice) and (wrong := set(answer.values.values()) - set(field.of)):
        names = ", ".join(sorted(wrong))
        yield Problem(f"{where}.values", f"Steht nicht zur Wahl: {names}.", f"not among the choices: {names}")


def _required(form: fields.Form, above: str, given: set[str]) -> Iterator[str]:
    """Required fields that nobody answers, also within an optional part as soon as one of its answers is given."""
    for name, field in form.items():
        path = above + name
        answered = path in given or any(other.startswith(f"{path}.") for other in given)
        parts = fields.members(field)
        if parts is not None and (answered or not field.optional):
            yield from _required(parts, f"{path}.", given)
        elif not answered and not field.optional:
            yield path
