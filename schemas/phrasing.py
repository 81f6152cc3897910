"""Phrasing: a condition as a head of office would say it, with the form's own labels, in German or English."""

from collections.abc import Mapping
from typing import Any, Literal

from schemas import fields
from schemas.fields import Choice, Form, FormField, ListOf, Wording
from schemas.form import day
from schemas.recipe import Recipe
from schemas.rules import All, AnyOf, Condition, Not, Test

Language = Literal["de", "en"]

_OPERATORS: Mapping[str, Wording] = {
    "equals": Wording(de="„{subject}“: {value}", en="“{subject}”: {value}"),
    "in": Wording(de="„{subject}“: {value}", en="“{subject}”: {value}"),
    "over": Wording(de="„{subject}“ über {value}", en="“{subject}” over {value}"),
    "at_least": Wording(de="„{subject}“ mindestens {value}", en="“{subject}” at least {value}"),
    "under": Wording(de="„{subject}“ unter {value}", en="“{subject}” under {value}"),
    "between": Wording(de="„{subject}“ von {value}", en="“{subject}” from {value}"),
    "season": Wording(de="„{subject}“ jährlich vom {value}", en="“{subject}” yearly from {value}"),
    "prefix": Wording(de="„{subject}“ beginnt mit {value}", en="“{subject}” begins with {value}"),
    "mentions": Wording(de="„{subject}“ nennt {value}", en="“{subject}” mentions {value}"),
    "present": Wording(de="„{subject}“ ist angegeben", en="“{subject}” is given"),
    "absent": Wording(de="„{subject}“ fehlt", en="“{subject}” is missing"),
}
_OPINIONS: Mapping[str, Wording] = {
    "consents": Wording(de="stimmt zu", en="consents"),
    "objects": Wording(de="widerspricht", en="objects"),
    "conditions": Wording(de="nennt Bedingungen", en="names conditions"),
    "lapsed": Wording(de="schweigt", en="stays silent"),
    "settled": Wording(de="ist unterrichtet", en="has been informed"),
}
_WORDS: Mapping[str, Wording] = {
    "municipality": Wording(de="Kommune", en="municipality"),
    "land": Wording(de="Land", en="Land"),
    "channel": Wording(de="Eingangsweg", en="channel"),
    "and": Wording(de="und", en="and"),
    "or": Wording(de="oder", en="or"),
    "to": Wording(de=" bis ", en=" to "),
    "not": Wording(de="nicht: ({part})", en="not: ({part})"),
    "no": Wording(de="nicht {value}", en="not {value}"),
    "always": Wording(de="immer", en="always"),
    "true": Wording(de="ja", en="yes"),
    "false": Wording(de="nein", en="no"),
}


_GERMAN_POINTS = str.maketrans({",": ".", ".": ","})


def _in(wording: Wording, language: Language) -> str:
    return wording.de if language == "de" else wording.en or wording.de


def say(condition: Condition, recipe: Recipe, language: Language = "de") -> str:
    """The condition in words; ``immer`` for a station without one."""
    match condition:
        case Test():
            return _test(condition, recipe, language)
        case Not(Test(operator="equals" | "in") as part):
            return _test(part, recipe, language, denied=True)
        case Not(part):
            return _in(_WORDS["not"], language).format(part=say(part, recipe, language))
        case All(()):
            return _in(_WORDS["always"], language)
        case All() | AnyOf():
            return " ".join(clauses(condition, recipe, language))


def clauses(condition: Condition, recipe: Recipe, language: Language = "de") -> list[str]:
    """The condition in words, clause by clause; each but the first begins with its conjunction."""
    if not isinstance(condition, All | AnyOf) or not condition.parts:
        return [say(condition, recipe, language)]
    conjunction, other = ("and", AnyOf) if isinstance(condition, All) else ("or", All)
    first, *others = (_bracketed(part, other, recipe, language) for part in condition.parts)
    return [first, *(f"{_in(_WORDS[conjunction], language)} {each}" for each in others)]


def _bracketed(part: Condition, kind: type, recipe: Recipe, language: Language) -> str:
    words = say(part, recipe, language)
    return f"({words})" if isinstance(part, kind) else words


def _test(test: Test, recipe: Recipe, language: Language, *, denied: bool = False) -> str:
    if test.subject.startswith("opinion."):
        words = _opinion(test, recipe, language)
        return _in(_WORDS["not"], language).format(part=words) if denied else words
    operator = ("present" if test.value else "absent") if test.operator == "exists" else test.operator
    field = fields.find(recipe.form, test.subject)
    values = test.value if isinstance(test.value, tuple) else (test.value,)
    value = _joined([shown(value, field, language) for value in values], test.operator, language)
    if denied:
        value = _in(_WORDS["no"], language).format(value=value)
    return _in(_OPERATORS[operator], language).format(subject=label(test.subject, recipe.form, language), value=value)


def _joined(values: list[str], operator: str, language: Language) -> str:
    """The constants in a row: bounds from the first to the last, else a choice of them."""
    if operator in {"between", "season"}:
        return _in(_WORDS["to"], language).join(values)
    *others, last = values
    return f"{', '.join(others)} {_in(_WORDS['or'], language)} {last}" if others else last


def _opinion(test: Test, recipe: Recipe, language: Language) -> str:
    station = recipe.station.get(test.subject.removeprefix("opinion."))
    name = _in(station.title, language) if station and station.title else test.subject
    values = test.value if isinstance(test.value, tuple) else (test.value,)
    said = [_in(_OPINIONS[value], language) for value in values if value in _OPINIONS]
    which = f" {_in(_WORDS['or'], language)} ".join(said)
    return f"„{name}“ {which}" if language == "de" else f"“{name}” {which}"


def label(subject: str, form: Form, language: Language = "de") -> str:
    """The label of the field at a dotted path; its name where it has none."""
    if subject in _WORDS:
        return _in(_WORDS[subject], language)
    field = fields.find(form, subject)
    return _in(field.label, language) if field and field.label else subject


def shown(value: Any, field: FormField | None, language: Language = "de") -> str:  # noqa: ANN401 - any field's value
    """A constant of a condition as people write it."""
    if isinstance(field, ListOf):
        return shown(value, field.of, language)
    if isinstance(field, Choice | fields.Text):
        return _in(field.labels.get(value, Wording(de=str(value))), language)
    if isinstance(value, bool):
        return _in(_WORDS[str(value).lower()], language)
    if isinstance(field, fields.Date):
        return _date(value, language)
    return _amount(value, language) if isinstance(field, fields.Money) else str(value)


def _date(value: int | tuple[int, int], language: Language) -> str:
    """A day, or a day of every year."""
    if isinstance(value, tuple):
        month, number = value
        return f"{number:02}.{month:02}." if language == "de" else f"{month:02}-{number:02}"
    return f"{day(value):%d.%m.%Y}" if language == "de" else day(value).isoformat()


def _amount(cents: int, language: Language) -> str:
    amount = f"{cents / 100:,.2f} €"
    return amount.translate(_GERMAN_POINTS) if language == "de" else amount
