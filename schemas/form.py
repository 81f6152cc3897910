"""Form: a recipe's fields compiled into one validator, JSON Schema included.

Validated values are what Avro writes without its logical types: dates are days since 1970-01-01, money is cents,
text is NFC.
"""

import datetime as dt
import re
import unicodedata
from collections.abc import Callable, Mapping
from typing import Annotated, Any, Literal, NotRequired

from pydantic import (
    AfterValidator,
    BeforeValidator,
    ConfigDict,
    Field,
    TypeAdapter,
    ValidationError,
    WithJsonSchema,
    with_config,
)
from typing_extensions import TypedDict

from schemas import fields
from schemas.errors import Problem, Reason, Rejected
from schemas.iban import compact_iban
from schemas.wording import sentence

_EPOCH = dt.date(1970, 1, 1).toordinal()
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_CONTROL_IN_LINES = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
_PARTIAL = re.compile(r"^(\d{4})(?:-(\d{2}))?(?:-(\d{2}))?$", re.ASCII)
_DAY = re.compile(r"^\d{4}-\d{2}-\d{2}$", re.ASCII)
_PHONE = r"^\+?[0-9 ()/-]{3,30}$"
_EMAIL = r"^[^@\s]{1,64}@[^@\s.]+(\.[^@\s.]+)+$"


Judge = Callable[[Mapping[str, Any]], list[Problem]]
"""Finds what is implausible in a validated form."""


def _plausible(_: Mapping[str, Any]) -> list[Problem]:
    return []


class FormValidator:
    """Checks the answers of one form and turns them into their inner shape; ``judge`` finds what is implausible."""

    def __init__(self, name: str, form: fields.Form, judge: Judge = _plausible) -> None:
        self._adapter: TypeAdapter[dict[str, Any]] = TypeAdapter(_record(name, form))
        self._judge = judge

    def validate(self, answers: object) -> dict[str, Any]:
        """The answers in their inner shape. Raises Rejected(INVALID) with every problem and its path below ``form``."""
        try:
            form = self._adapter.validate_python(answers)
        except ValidationError as error:
            raise Rejected(Reason.INVALID, *map(_problem, error.errors(include_input=False))) from None
        if implausible := self._judge(form):
            raise Rejected(Reason.INVALID, *implausible)
        return form

    def json_schema(self) -> dict[str, Any]:
        """The JSON Schema 2020-12 of the answers."""
        return self._adapter.json_schema()


def _problem(finding: Any) -> Problem:  # noqa: ANN401 - pydantic's ErrorDetails
    german, english = sentence(finding["type"], finding.get("ctx", {}), finding["msg"])
    return Problem(".".join(str(part) for part in ("form", *finding["loc"])), german, english)


def days(day: dt.date) -> int:
    """Days since 1970-01-01, Avro's inner shape of a date."""
    return day.toordinal() - _EPOCH


def days_of(text: str) -> int:
    """Days since 1970-01-01 of a day as YYYY-MM-DD. Raises ValueError; ``fromisoformat`` alone takes 20260301 too."""
    if not _DAY.match(text):
        raise ValueError("not YYYY-MM-DD")
    return days(dt.date.fromisoformat(text))


def day(number: int) -> dt.date:
    """The inverse of :func:`days`."""
    return dt.date.fromordinal(number + _EPOCH)


def _clean(forbidden: re.Pattern[str]) -> BeforeValidator:
    def clean(value: object) -> object:
        if not isinstance(value, str):
            return value
        if forbidden.search(value):
            raise ValueError("Enthält unzulässige Steuerzeichen. | contains control characters that are not allowed")
        return unicodedata.normalize("NFC", value)

    return BeforeValidator(clean)


def _not_a_truth_value(value: object) -> object:
    if isinstance(value, bool | float):
        raise ValueError("Hier wird eine ganze Zahl erwartet. | a whole number is expected here")  # noqa: TRY004 - pydantic's protocol
    return value


def _date_text(value: object) -> object:
    if not isinstance(value, str) or not _DAY.match(value):  # pydantic takes "86400" for seconds since 1970
        raise ValueError("Kein gültiges Datum (JJJJ-MM-TT). | not a valid date (YYYY-MM-DD)")
    return value


def _iban(value: str) -> str:
    number = compact_iban(value)
    if number is None:
        raise ValueError("Die IBAN stimmt nicht; bitte prüfen. | not a valid IBAN")
    return number


def partial_date(value: object) -> dict[str, int | None]:
    """``1961``, ``1961-05`` or ``1961-05-17`` as year, month and day, where 00 and 0000 mean unknown."""
    match = _PARTIAL.match(value) if isinstance(value, str) else None
    year, month, number = (int(part or 0) or None for part in match.groups()) if match else (None, None, None)
    if not match or not _exists(year, month, number):
        raise ValueError(
            "Kein Geburtsdatum (JJJJ, JJJJ-MM oder JJJJ-MM-TT). | not a date (YYYY, YYYY-MM or YYYY-MM-DD)"
        )
    return {"year": year, "month": month, "day": number}


def _exists(year: int | None, month: int | None, number: int | None) -> bool:
    try:
        dt.date(year or 2000, month or 1, number or 1)  # 2000: a leap year, so that 29 February may stand alone
    except ValueError:
        return False
    return number is None or month is not None


def _string(low: int, high: int, pattern: str | None = None, *, lines: bool = False) -> Any:  # noqa: ANN401 - a type
    limits = Field(min_length=low, max_length=high, pattern=pattern)
    return Annotated[str, limits, _clean(_CONTROL_IN_LINES if lines else _CONTROL)]


def _number(low: int, high: int) -> Any:  # noqa: ANN401 - a type
    return Annotated[int, Field(ge=low, le=high), BeforeValidator(_not_a_truth_value)]


_PARTIAL_SCHEMA = WithJsonSchema({"type": "string", "pattern": _PARTIAL.pattern, "examples": ["1961", "1961-05-17"]})


def _type(name: str, field: fields.FormField) -> Any:  # noqa: ANN401, C901, PLR0911 - the one table from field to type
    match field:
        case fields.Text():
            return _string(field.min, field.max, field.pattern, lines=field.lines)
        case fields.Choice():
            return Literal[field.of]
        case fields.Integer() | fields.Money():
            return _number(field.min, field.max)
        case fields.Boolean():
            return bool
        case fields.Date():
            return Annotated[dt.date, BeforeValidator(_date_text), AfterValidator(days)]
        case fields.PartialDate():
            return Annotated[dict[str, int | None], BeforeValidator(partial_date), _PARTIAL_SCHEMA]
        case fields.Iban():
            return Annotated[_string(5, 42), AfterValidator(_iban)]
        case fields.Email():
            return _string(3, 254, _EMAIL)
        case fields.Phone():
            return _string(3, 30, _PHONE)
        case fields.ListOf():
            return Annotated[list[_type(name, field.of)], Field(min_length=field.min, max_length=field.max)]  # type: ignore[misc]
        case fields.Person() | fields.Address() | fields.Group():
            return _record(name, fields.members(field) or {})


def _record(name: str, form: fields.Form) -> Any:  # noqa: ANN401 - a type made at run time
    def entry(key: str, field: fields.FormField) -> Any:  # noqa: ANN401
        kind = _type(f"{name}__{key}", field)
        return NotRequired[kind | None] if field.optional else kind

    members: Mapping[str, Any] = {key: entry(key, field) for key, field in form.items()}
    record = TypedDict(name, members)  # type: ignore[misc]  # mypy knows literal names only
    return with_config(ConfigDict(extra="forbid"))(record)
