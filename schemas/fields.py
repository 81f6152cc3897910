"""Fields: what a form of a recipe can ask for. Declarations only; form.py validates, avro.py writes them down."""

from functools import cache
from typing import Annotated, Literal, Protocol, TypeVar

from pydantic import BaseModel, ConfigDict, Field, model_validator

from schemas.pattern import Pattern

SNAKE = r"^[a-z][a-z0-9]*(_[a-z0-9]+)*$"
"""Field names are Avro names and Python-like: small letters, digits, single underscores."""

FieldName = Annotated[str, Field(pattern=SNAKE, max_length=60)]


class Strict(BaseModel):
    """A part of a recipe or municipality file: immutable, and a misspelt key is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Wording(Strict):
    """A text that people see: German first, English beside it."""

    de: str
    en: str = ""


PersonPart = Literal["birth_name", "birth_date", "birth_place", "nationality", "address"]
"""What a recipe can demand of a person beyond the name."""


class _Field(Strict):
    label: Wording | None = None
    help: Wording | None = None
    optional: bool = False
    personal: bool | None = None
    fim: str | None = Field(None, description="FIM data field id, e.g. F60000227")


class Person(_Field):
    """A natural person: family_name, given_names and, optional unless required, what the FIM person block holds."""

    type: Literal["person"]
    requires: tuple[PersonPart, ...] = ()


class Address(_Field):
    """A German postal address: street, house_number, postcode (five digits, as text), city."""

    type: Literal["address"]


class _Limited(Protocol):
    @property
    def min(self) -> int: ...
    @property
    def max(self) -> int: ...


_L = TypeVar("_L", bound=_Limited)


def _limits_in_order(field: _L) -> _L:
    if field.min > field.max:
        raise ValueError(
            "„min“ ist größer als „max“; das erfüllt keine Antwort. | min is more than max: no answer fits"
        )
    return field


class Text(_Field):
    """Text in NFC without control characters; ``lines`` allows line breaks; ``labels`` say what a key means."""

    type: Literal["text"]
    min: int = Field(1, ge=0)
    max: int = Field(200, ge=1)
    pattern: Pattern | None = None
    lines: bool = False
    labels: dict[str, Wording] = Field(default_factory=dict)
    _possible = model_validator(mode="after")(_limits_in_order)


class Choice(_Field):
    """One of a closed list; a wish for 'something else' is a text field of its own."""

    type: Literal["choice"]
    of: tuple[str, ...] = Field(min_length=2)
    labels: dict[str, Wording] = Field(default_factory=dict)


class Integer(_Field):
    """A whole number."""

    type: Literal["integer"]
    min: int = -(2**53)
    max: int = 2**53
    _possible = model_validator(mode="after")(_limits_in_order)


class Money(_Field):
    """An amount in euro cents, as an integer: binary fractions lose cents."""

    type: Literal["money"]
    min: int = 0
    max: int = 10**13
    _possible = model_validator(mode="after")(_limits_in_order)


class Boolean(_Field):
    """Yes or no."""

    type: Literal["boolean"]


class Date(_Field):
    """A day of the calendar; days since 1970-01-01 inside."""

    type: Literal["date"]


class PartialDate(_Field):
    """A birth date whose month or day may be unknown (1961, 1961-05, 1961-05-17; 00 means unknown)."""

    type: Literal["partial-date"]


class Iban(_Field):
    """An IBAN with valid check digits (ISO 13616), kept without blanks."""

    type: Literal["iban"]


class Email(_Field):
    """An e-mail address, checked for its shape only."""

    type: Literal["email"]


class Phone(_Field):
    """A telephone number as people write it: digits, blanks, + ( ) / -."""

    type: Literal["phone"]


class ListOf(_Field):
    """Several of one kind."""

    type: Literal["list"]
    of: "FormField"
    min: int = Field(0, ge=0)
    max: int = Field(100, ge=1)
    _possible = model_validator(mode="after")(_limits_in_order)


class Group(_Field):
    """Named fields that belong together."""

    type: Literal["group"]
    fields: dict[FieldName, "FormField"] = Field(min_length=1)


FormField = Annotated[
    Person
    | Address
    | Text
    | Choice
    | Integer
    | Money
    | Boolean
    | Date
    | PartialDate
    | Iban
    | Email
    | Phone
    | ListOf
    | Group,
    Field(discriminator="type"),
]
Form = dict[FieldName, FormField]

ListOf.model_rebuild()
Group.model_rebuild()


def _text(de: str, en: str, longest: int, *, optional: bool = True, pattern: str | None = None, fim: str = "") -> Text:
    label = Wording(de=de, en=en)
    return Text(type="text", label=label, max=longest, optional=optional, pattern=pattern, fim=fim or None)


ADDRESS: Form = {
    "street": _text("Straße", "Street", 120, optional=False),
    "house_number": _text("Hausnummer", "House number", 12),
    "postcode": _text("Postleitzahl", "Postcode", 5, optional=False, pattern=r"^[0-9]{5}$"),
    "city": _text("Ort", "Town", 80, optional=False, fim="F60000247"),
    "addition": _text("Adresszusatz", "Address supplement", 80),
}
PERSON: Form = {
    "family_name": _text("Familienname", "Family name", 120, optional=False, fim="F60000227"),
    "given_names": _text("Vornamen", "Given names", 120, optional=False, fim="F60000228"),
    "doctorate": _text("Doktorgrad", "Doctorate", 120, fim="F60000229"),
    "birth_name": _text("Geburtsname", "Birth name", 120, fim="F60000230"),
    "birth_date": PartialDate(
        type="partial-date", label=Wording(de="Geburtsdatum", en="Date of birth"), optional=True, fim="G60000083"
    ),
    "birth_place": _text("Geburtsort", "Place of birth", 80, fim="F60000234"),
    "nationality": _text(
        "Staatsangehörigkeit (Schlüssel)", "Nationality (key)", 3, pattern=r"^[0-9]{3}$", fim="F60000236"
    ),
    "address": Address(type="address", label=Wording(de="Anschrift", en="Address"), optional=True),
}


@cache
def _person(requires: tuple[PersonPart, ...]) -> Form:
    demanded: Form = {name: PERSON[name].model_copy(update={"optional": False}) for name in requires}
    return {name: demanded.get(name, part) for name, part in PERSON.items()}


def members(field: FormField) -> Form | None:
    """The named parts of a compound field, or None for a simple one."""
    if isinstance(field, Person):
        return _person(field.requires)
    if isinstance(field, Address):
        return ADDRESS
    return field.fields if isinstance(field, Group) else None


def is_personal(field: FormField) -> bool:
    """Whether the field carries the PII tag: every answer of a form says something of a person, unless told otherwise.

    A yes or no may be the most personal answer of all: whether somebody has a record, a partner, an illness.
    """
    return field.personal is not False


def find(form: Form, path: str) -> FormField | None:
    """The field at a dotted path such as ``holder.address.postcode``; lists are entered at their elements."""
    head, _, rest = path.partition(".")
    field = form.get(head)
    if field is None or not rest:
        return field
    inner = field.of if isinstance(field, ListOf) else field
    parts = members(inner)
    return find(parts, rest) if parts is not None else None
