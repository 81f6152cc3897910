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
    "equals": Wording(de="{subject} ist {value}", en="{subject} is {value}"),
    "in": Wording(de="{subject} ist eins von: {value}", en="{subject} is one of: {value}"),
    "over": Wording(de="{subject} über {value}", en="{subject} over {value}"),
    "under": Wording(de="{subject} unter {value}", en="{subject} under {value}"),
    "between": Wording(de="{subject} von {value}", en="{subject} from {value}"),
    "prefix": Wording(de="{subject} beginnt mit {value}", en="{subject} begins with {value}"),
    "present": Wording(de="{subject} ist angegeben", en="{subject} is given"),
    "absent": Wording(de="{subject} fehlt", en="{subject} is missing"),
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
    "channel": Wording(de="Eingangsweg", en="channel"),
    "and": Wording(de="und", en="and"),
    "or": Wording(de="oder", en="or"),
    "to": Wording(de=" bis ", en=" to "),
    "not": Wording(de="nicht ({part})", en="not ({part})"),
    "always": Wording(de="immer", en="always"),
    "true": Wording(de="ja", en="yes"),
    "false": Wording(de="nein", en="no"),
}


def _in(wording: Wording, language: Language) -> str:
    return wording.de if language == "de" else wording.en or wording.de


def say(condition: Condition, recipe: Recipe, language: Language = "de") -> str:
    """The condition in words; ``immer`` for a station without one."""
    match condition:
        case Test():
            return _test(condition, recipe, language)
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


def _test(test: Test, recipe: Recipe, language: Language) -> str:
    if test.subject.startswith("opinion."):
        return _opinion(test, recipe, language)
    operator = ("present" if test.value else "absent") if test.operator == "exists" else test.operator
    joint = _in(_WORDS["to"], language) if operator == "between" else ", "
    values = test.value if isinstance(test.value, tuple) else (test.value,)
    field = fields.find(recipe.form, test.subject)
    value = joint.join(shown(value, field, language) for value in values)
    return _in(_OPERATORS[operator], language).format(subject=label(test.subject, recipe.form, language), value=value)


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
    if isinstance(field, Choice):
        return _in(field.labels.get(value, Wording(de=str(value))), language)
    if isinstance(value, bool):
        return _in(_WORDS[str(value).lower()], language)
    if isinstance(field, fields.Date):
        return f"{day(value):%d.%m.%Y}" if language == "de" else day(value).isoformat()
    return f"{value / 100:.2f} €" if isinstance(field, fields.Money) else str(value)
