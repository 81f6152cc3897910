"""Rules: the conditions of a recipe, typed against its form and compiled to closures.

    when: {any: [{breed: {in: [Pitbull Terrier, Bullterrier]}}, {weight_kg: {over: 20}}]}

A subject is a dotted path into the form, or ``municipality``, ``land``, ``channel``, ``opinion.<station>``. A path
through a list holds when one element holds. A missing value, an empty list too, fails every test but ``exists: false``.
Free text, that is a text field without a pattern, is compared whatever its capitals, accents, signs and blanks
(schemas.spelling); everything else exactly. ``mentions`` holds when one of the words occurs anywhere in a free text,
``season`` between two days of whatever year, both included: ``[03-01, 09-30]``.
"""

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

from schemas import fields
from schemas.errors import Problem
from schemas.form import day
from schemas.land import LAENDER
from schemas.spelling import folded
from schemas.values import constant

Operator = Literal["equals", "in", "over", "at_least", "under", "between", "season", "prefix", "mentions", "exists"]
RESERVED = ("municipality", "land", "channel", "opinion")
CHANNELS = ("portal", "file")
"""How submissions come, as connectors say it."""
OPINIONS = ("consents", "objects", "conditions", "lapsed", "settled")
"""What ``opinion.<station>`` can be; ``lapsed`` when the station stayed silent, ``settled`` for a copy sent."""


@dataclass(frozen=True, slots=True)
class Facts:
    """All that a condition may look at: the validated form, where it came from, and the opinions given so far."""

    form: Mapping[str, Any]
    municipality: str = ""
    channel: str = ""
    opinions: Mapping[str, str] | None = None
    land: str = ""


Predicate = Callable[[Facts], bool]


@dataclass(frozen=True, slots=True)
class Test:
    """One comparison of one subject with one constant, the constant in the subject's inner shape."""

    subject: str
    operator: Operator
    value: Any
    free: bool = False
    """Whether the spelling of the subject is the applicant's own."""


@dataclass(frozen=True, slots=True)
class All:
    """Holds when every part holds."""

    parts: tuple["Condition", ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """Holds when one part holds."""

    parts: tuple["Condition", ...]


@dataclass(frozen=True, slots=True)
class Not:
    """Holds when its part does not."""

    part: "Condition"


Condition = Test | All | AnyOf | Not


@dataclass(frozen=True, slots=True)
class Verdict:
    """One condition, whether it holds for a case, and the verdicts of its parts."""

    text: str
    holds: bool
    parts: tuple["Verdict", ...] = ()


def parse_condition(content: object, form: fields.Form, where: str, problems: list[Problem]) -> Condition:
    """Reads ``when``; what is wrong goes to ``problems``, each with its key path below ``where``."""
    if not isinstance(content, Mapping) or not content:
        return _wrong(problems, where, "Hier wird eine Bedingung erwartet.", "a condition is expected here")
    parts = tuple(_entry(str(key), value, form, where, problems) for key, value in content.items())
    return parts[0] if len(parts) == 1 else All(parts)


def _wrong(problems: list[Problem], where: str, german: str, english: str) -> Condition:
    problems.append(Problem(where, german, english))
    return All(())


def _entry(key: str, value: object, form: fields.Form, where: str, problems: list[Problem]) -> Condition:
    where = f"{where}.{key}"
    if key in {"all", "any"}:
        if not isinstance(value, list) or not value:
            return _wrong(
                problems,
                where,
                "Hier wird eine Liste von Bedingungen erwartet.",
                "a list of conditions is expected here",
            )
        parts = tuple(parse_condition(part, form, f"{where}.{n}", problems) for n, part in enumerate(value))
        return All(parts) if key == "all" else AnyOf(parts)
    if key == "not":
        return Not(parse_condition(value, form, where, problems))
    return _tests(key, value, form, where, problems)


def _tests(subject: str, value: object, form: fields.Form, where: str, problems: list[Problem]) -> Condition:
    field = subject_field(subject, form)
    if field is None:
        return _wrong(problems, where, f"Das Formular hat kein Feld „{subject}“.", f"the form has no field “{subject}”")
    comparisons = value.items() if isinstance(value, Mapping) else [("equals", value)]
    tests = tuple(_test(subject, str(name), operand, field, where, problems) for name, operand in comparisons)
    return tests[0] if len(tests) == 1 else All(tests)


def _test(
    subject: str, name: str, operand: object, field: fields.FormField, where: str, problems: list[Problem]
) -> Condition:
    if name not in get_args(Operator):
        known = ", ".join(get_args(Operator))
        return _wrong(
            problems,
            where,
            f"„{name}“ ist kein Vergleich; möglich: {known}.",
            f"“{name}” is no comparison; possible: {known}",
        )
    try:
        free = subject not in RESERVED and is_free_text(field) and name != "exists"
        return Test(subject, name, constant(name, operand, field), free)  # type: ignore[arg-type]  # checked above
    except ValueError as error:
        german, _, english = str(error).partition(" | ")
        return _wrong(problems, f"{where}.{name}", german, english)


def is_free_text(field: fields.FormField) -> bool:
    """Whether people write here as they like, alone or in a list."""
    inner = field.of if isinstance(field, fields.ListOf) else field
    return isinstance(inner, fields.Text) and inner.pattern is None


def subject_field(subject: str, form: fields.Form) -> fields.FormField | None:
    """What kind of value a subject has; None when there is no such subject."""
    if subject == "municipality":
        return fields.Text(type="text")
    if subject == "land":
        return fields.Choice(type="choice", of=tuple(LAENDER.values()))
    if subject == "channel":
        return fields.Choice(type="choice", of=CHANNELS)
    if subject.startswith("opinion."):
        return fields.Choice(type="choice", of=OPINIONS, optional=True)
    return fields.find(form, subject)


def tests(condition: Condition) -> Iterator[Test]:
    """Every comparison in a condition."""
    match condition:
        case Test():
            yield condition
        case Not(part):
            yield from tests(part)
        case All(parts) | AnyOf(parts):
            for part in parts:
                yield from tests(part)


def compile_condition(condition: Condition) -> Predicate:
    """The condition as one closure."""
    match condition:
        case Test():
            return _compile_test(condition)
        case Not(part):
            inner = compile_condition(part)
            return lambda facts: not inner(facts)
        case All(parts):
            every = tuple(map(compile_condition, parts))
            return lambda facts: all([holds(facts) for holds in every])  # noqa: C419 - a list is quicker here
        case AnyOf(parts):
            some = tuple(map(compile_condition, parts))
            return lambda facts: any([holds(facts) for holds in some])  # noqa: C419


def in_season(actual: dt.date, first: tuple[int, int], last: tuple[int, int]) -> bool:
    """Whether the day lies between two days of the year, month and day each; also over the turn of the year."""
    point = (actual.month, actual.day)
    return first <= point <= last if first <= last else point >= first or point <= last


_COMPARISONS: Mapping[Operator, Callable[[Any], Callable[[Any], bool]]] = {
    "equals": lambda value: lambda actual: bool(actual == value),
    "in": lambda value: frozenset(value).__contains__,
    "over": lambda value: lambda actual: bool(actual > value),
    "at_least": lambda value: lambda actual: bool(actual >= value),
    "under": lambda value: lambda actual: bool(actual < value),
    "between": lambda value: lambda actual: bool(value[0] <= actual <= value[1]),
    "season": lambda value: lambda actual: in_season(day(actual), *value),
    "prefix": lambda value: lambda actual: bool(actual.startswith(value)),
    "mentions": lambda value: lambda actual: any(word in actual for word in value),
    "exists": lambda value: lambda _: bool(value),
}
"""Each operator's comparison with a constant."""


def _free_comparison(operator: Operator, value: Any) -> Callable[[Any], bool]:  # noqa: ANN401
    compare = _COMPARISONS[operator](tuple(map(folded, value)) if isinstance(value, tuple) else folded(value))
    return lambda actual: compare(folded(actual))


def _compile_test(test: Test) -> Predicate:
    compare = _free_comparison(test.operator, test.value) if test.free else _COMPARISONS[test.operator](test.value)
    absent = test.operator == "exists" and not test.value
    if test.subject == "municipality":
        return lambda facts: compare(facts.municipality)
    if test.subject == "land":
        return lambda facts: compare(facts.land)
    if test.subject == "channel":
        return lambda facts: compare(facts.channel)
    if test.subject.startswith("opinion."):
        station = test.subject.removeprefix("opinion.")
        return lambda facts: _optional((facts.opinions or {}).get(station), compare, absent)
    head, *rest = test.subject.split(".")
    if not rest:
        return lambda facts: _optional(facts.form.get(head), compare, absent)
    return lambda facts: _any_value(facts.form.get(head), rest, compare, absent)


def _optional(value: Any, compare: Callable[[Any], bool], absent: bool) -> bool:  # noqa: ANN401
    if value is None or value == []:
        return absent
    return any(map(compare, value)) if isinstance(value, list) else compare(value)


def _any_value(value: Any, path: list[str], compare: Callable[[Any], bool], absent: bool) -> bool:  # noqa: ANN401
    if isinstance(value, list):
        return any(_any_value(element, path, compare, absent) for element in value) if value else absent
    if not path or value is None:
        return _optional(value, compare, absent)
    return _any_value(value.get(path[0]), path[1:], compare, absent)


def describe(condition: Condition) -> str:
    """The condition as a clerk would say it, in the recipe's own words."""
    match condition:
        case Test(subject, operator, value):
            return f"{subject} {operator} {_shown(value)}"
        case Not(part):
            return f"not ({describe(part)})"
        case All(parts):
            return (
                " and ".join(f"({describe(part)})" if isinstance(part, AnyOf) else describe(part) for part in parts)
                or "always"
            )
        case AnyOf(parts):
            return " or ".join(f"({describe(part)})" if isinstance(part, All) else describe(part) for part in parts)


def _shown(value: Any) -> str:  # noqa: ANN401
    return ", ".join(map(_shown_one, value)) if isinstance(value, tuple) else str(value)


def _shown_one(value: Any) -> str:  # noqa: ANN401
    return "{:02}-{:02}".format(*value) if isinstance(value, tuple) else str(value)


def judge(condition: Condition, facts: Facts) -> Verdict:
    """Why a condition holds or does not; shows the rule's own words, never the applicant's values."""
    parts: tuple[Verdict, ...] = ()
    match condition:
        case All(inner) | AnyOf(inner):
            parts = tuple(judge(part, facts) for part in inner)
        case Not(part):
            parts = (judge(part, facts),)
    return Verdict(describe(condition), compile_condition(condition)(facts), parts)
