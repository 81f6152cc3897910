"""Values: the constants that a recipe's conditions compare with, read from text into a field's inner shape."""

import datetime as dt
from typing import Any

from schemas import fields
from schemas.form import day, days, days_of
from schemas.spelling import folded

_ORDERED = (fields.Integer, fields.Money, fields.Date)
_TEXTUAL = (fields.Text, fields.Choice, fields.Iban, fields.Email, fields.Phone)


def constant(operator: str, operand: object, field: fields.FormField) -> Any:  # noqa: ANN401 - the field's inner shape
    """The operand as the operator needs it. Raises ValueError("German | English") with what is wrong."""
    if isinstance(field, fields.ListOf):
        return constant(operator, operand, field.of)
    if operator == "exists":
        return _truth(operand)
    if operator in {"over", "at_least", "under", "between"} and not isinstance(field, _ORDERED):
        raise ValueError(
            f"„{operator}“ geht nur bei Zahlen, Beträgen und Daten. | “{operator}” needs a number, an amount or a date"
        )
    if operator == "prefix" and not isinstance(field, _TEXTUAL):
        raise ValueError("„prefix“ geht nur bei Text. | “prefix” needs a text")
    if operator == "mentions" and not (isinstance(field, fields.Text) and field.pattern is None):
        raise ValueError("„mentions“ geht nur bei freiem Text. | “mentions” needs a free text")
    if operator == "season":
        return _season(operand, field)
    if operator in {"in", "between", "mentions"}:
        return _several(operator, operand, field)
    return _one(operand, field, whole=operator != "prefix")


def _several(operator: str, operand: object, field: fields.FormField) -> tuple[Any, ...]:
    if not isinstance(operand, list) or not operand:
        raise ValueError("Hier wird eine Liste erwartet. | a list is expected here")
    values = tuple(_one(item, field) for item in operand)
    if operator == "between" and (len(values) != 2 or values[0] > values[1]):  # noqa: PLR2004 - from, to
        raise ValueError(
            "„between“ braucht zwei Grenzen, die kleinere zuerst. | “between” needs two bounds, the lower first"
        )
    return values


def _season(operand: object, field: fields.FormField) -> tuple[tuple[int, int], ...]:
    if not isinstance(field, fields.Date):
        raise ValueError("„season“ geht nur bei Daten. | “season” needs a date")  # noqa: TRY004 - one kind of finding
    if not isinstance(operand, list) or len(operand) != 2:  # noqa: PLR2004 - from, to
        raise ValueError(
            "„season“ braucht den ersten und den letzten Tag (MM-TT). | “season” needs the first and last day (MM-DD)"
        )
    return tuple(map(_day_of_a_year, operand))


def _day_of_a_year(operand: object) -> tuple[int, int]:
    try:
        found = day(days_of(f"2025-{operand}"))
    except ValueError:
        raise ValueError(
            f"„{operand}“ ist kein Tag, den jedes Jahr hat (MM-TT). | “{operand}” is no day of every year (MM-DD)"
        ) from None
    return found.month, found.day


def _truth(operand: object) -> bool:
    if operand not in {"true", "false"}:
        raise ValueError("Erlaubt ist nur true oder false. | only true or false is allowed")
    return operand == "true"


def _one(operand: object, field: fields.FormField, *, whole: bool = True) -> Any:  # noqa: ANN401
    if not isinstance(operand, str):
        raise ValueError("Hier wird ein einzelner Wert erwartet. | a single value is expected here")  # noqa: TRY004 - one kind of finding
    match field:
        case fields.Integer() | fields.Money():
            return _whole_number(operand)
        case fields.Boolean():
            return _truth(operand)
        case fields.Date():
            return _days(operand)
        case fields.Choice() if whole and operand not in field.of:
            raise ValueError(f"„{operand}“ steht nicht zur Wahl. | “{operand}” is not one of the choices")
        case fields.Text() if not folded(operand):
            raise ValueError("Hier fehlt ein Text zum Vergleichen. | there is no text to compare with")
        case fields.Person() | fields.Address() | fields.Group() | fields.PartialDate():
            raise ValueError(
                "Dieses Feld hat Teile; bitte einen davon nennen. | this field has parts; name one of them"
            )
    return operand


def _whole_number(operand: str) -> int:
    try:
        return int(operand)
    except ValueError:
        raise ValueError(f"„{operand}“ ist keine ganze Zahl. | “{operand}” is not a whole number") from None


def _days(operand: str) -> int:
    try:
        return days(dt.date.fromisoformat(operand))
    except ValueError:
        raise ValueError(f"„{operand}“ ist kein Datum (JJJJ-MM-TT). | “{operand}” is not a date (YYYY-MM-DD)") from None
