"""Partition: the finitely many kinds of input that the conditions of a recipe can tell apart.

Conditions compare with constants, so it is enough to try each constant, its neighbours, something else, and nothing at
all. Everything that holds for all of these holds for every form. Lists are tried empty, with one and with two elements,
because a condition asks whether *some* element fits.
"""

import datetime as dt
from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations, islice, product
from math import prod
from typing import Any

from schemas import fields
from schemas.form import day, days
from schemas.land import LAENDER
from schemas.pattern import matcher
from schemas.rules import OPINIONS, RESERVED, Condition, Facts, Test, tests
from schemas.spelling import folded

LIMIT = 200_000
"""More kinds of input than this are not tried; the recipe is then reported as too entangled to prove."""

_OTHERS = ("anderes", "Anderes", "x", "XY", *(digit * n for n in range(1, 21) for digit in "9183"))
_BETWEEN = "0"
"""Between words, so that no third one arises where two meet."""
_STRANGER = "anderswo"
_WHOLE = "…"
"""Stands for a person, an address or a group of which only its presence matters."""

Assignment = Mapping[str, Any]
"""A value for each subject; None where there is none. For subjects within lists: a tuple of the elements' values."""


@dataclass(frozen=True, slots=True)
class Input:
    """One kind of input: what is assumed, and the facts that conditions look at."""

    assumed: Assignment
    facts: Facts

    def describe(self, form: fields.Form, language: str) -> str:
        """The assumptions as a person would write them down; a counter-example."""
        shown = [f"{subject} {_words(subject, value, form, language)}" for subject, value in self.assumed.items()]
        return ", ".join(shown) or {"de": "jeder Eingabe", "en": "any input"}[language]


def _words(subject: str, value: Any, form: fields.Form, language: str) -> str:  # noqa: ANN401 - any field's value
    if value is None:
        return {"de": "fehlt", "en": "is absent"}[language]
    field = fields.find(form, subject)
    if isinstance(value, tuple):
        return f"= [{', '.join(_shown(item, field) for item in value)}]"
    return f"= {_shown(value, field)}"


def _shown(value: Any, field: fields.FormField | None) -> str:  # noqa: ANN401
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(field, fields.Date):
        return day(value).isoformat()
    return str(value)


def size(conditions: Iterable[Condition], form: fields.Form) -> int:
    """How many kinds of input these conditions can tell apart."""
    return prod(len(values) for values in _representatives(conditions, form).values())


def inputs(conditions: Iterable[Condition], form: fields.Form) -> Iterator[Input]:
    """Every kind of input that these conditions can tell apart and that a form can have."""
    chosen = _representatives(conditions, form)
    for values in product(*chosen.values()):
        assumed = dict(zip(chosen, values, strict=True))
        answers = _answers(assumed, form)
        if answers is not None:
            yield Input(assumed, _facts(assumed, answers))


def _facts(assumed: Assignment, answers: dict[str, Any]) -> Facts:
    opinions = {s.removeprefix("opinion."): v for s, v in assumed.items() if s.startswith("opinion.") and v is not None}
    return Facts(
        answers,
        str(assumed.get("municipality", "")),
        str(assumed.get("channel", "")),
        opinions,
        str(assumed.get("land", "")),
    )


def _representatives(conditions: Iterable[Condition], form: fields.Form) -> dict[str, tuple[Any, ...]]:
    grouped: dict[str, list[Test]] = {}
    for condition in conditions:
        for test in tests(condition):
            grouped.setdefault(test.subject, []).append(test)
    return {subject: _values(subject, found, form) for subject, found in grouped.items()}


def _values(subject: str, found: list[Test], form: fields.Form) -> tuple[Any, ...]:
    if subject in {"municipality", "channel"}:
        return (*_constants(found), _STRANGER)
    if subject == "land":
        named = tuple(dict.fromkeys(_constants(found)))
        return (*named, *islice((land for land in LAENDER.values() if land not in named), 1))
    if subject.startswith("opinion."):
        return (None, *OPINIONS)
    way = _way(subject, form)
    atoms = tuple(dict.fromkeys(_atoms(_leaf(way), found)))
    if any(isinstance(field, fields.ListOf) for field in way):
        several = (*((atom,) for atom in atoms), *combinations(atoms, 2))
        return (*several, None) if _deepest_optional(way) is not None else several
    return (*atoms, None) if _deepest_optional(way) is not None else atoms


def _way(subject: str, form: fields.Form) -> list[fields.FormField]:
    """The fields along a dotted path, lists included."""
    parts = subject.split(".")
    found = (fields.find(form, ".".join(parts[:n])) for n in range(1, len(parts) + 1))
    return [field for field in found if field is not None]


def _leaf(way: list[fields.FormField]) -> fields.FormField:
    return way[-1].of if isinstance(way[-1], fields.ListOf) else way[-1]


def _deepest_optional(way: list[fields.FormField]) -> int | None:
    """How many parts of the path name the innermost field that may be missing or an empty list."""
    may_lack = [
        n for n, field in enumerate(way, 1) if field.optional or (isinstance(field, fields.ListOf) and not field.min)
    ]
    return may_lack[-1] if may_lack else None


def _constants(found: Iterable[Test]) -> Iterator[Any]:
    for test in found:
        if test.operator != "exists":
            yield from test.value if isinstance(test.value, tuple) else (test.value,)


def _atoms(field: fields.FormField, found: list[Test]) -> Iterator[Any]:
    match field:
        case fields.Boolean():
            yield from (True, False)
        case fields.Choice():
            yield from field.of
        case fields.Integer() | fields.Money():
            yield from _numbers(found, field.min, field.max)
        case fields.Date():
            yield from _days(found)
        case fields.Text() | fields.Iban() | fields.Email() | fields.Phone():
            yield from _texts(field, found)
        case _:
            yield _WHOLE


_ALL_DAYS = (-719162, 2932896)
"""0001-01-01 and 9999-12-31."""


def _numbers(found: list[Test], low: int, high: int) -> Iterator[int]:
    constants = [*_constants(found)] or [min(max(0, low), high)]
    yield from sorted({n for c in constants for n in (c - 1, c, c + 1) if low <= n <= high})


def _days(found: list[Test]) -> Iterator[int]:
    """As for numbers, and around the bounds of each season in every year that a constant lies in, and the next ones."""
    bounds = [bound for test in found if test.operator == "season" for bound in test.value]
    others = [test for test in found if test.operator != "season"]
    known = [*_numbers(others, *_ALL_DAYS)]
    if not bounds:
        yield from known
        return
    years = [day(number).year for number in known]
    near = range(max(2, min(years) - 1), min(9998, max(years) + 1) + 1)
    edges = {days(dt.date(year, *bound)) + step for year in near for bound in bounds for step in (-1, 0, 1)}
    yield from sorted(edges.union(known))


def _texts(field: fields.FormField, found: list[Test]) -> Iterator[str]:
    mentions = [test for test in found if test.operator == "mentions"]
    constants = [*_constants(test for test in found if test.operator != "mentions")]
    if not isinstance(field, fields.Text):
        yield from (*constants, "anderes")
        return
    spelt = folded if field.pattern is None else str
    same = {spelt(text): text for text in constants}
    for text, written in same.items():
        yield from islice((way for way in (written, text) if _fits(field, way)), 1)
    prefixes = {spelt(test.value): test.value for test in found if test.operator == "prefix"}
    for held, said in _mentioned(mentions).items():
        for prefix, written in [*prefixes.items(), ("", "")]:
            longer = tuple(other for other in prefixes if other != prefix and other.startswith(prefix))
            begun = (written + rest + said for rest in (_OTHERS if not prefix else ("", *_OTHERS)))
            right = held | _held(mentions, written)
            yield from islice(
                (t for t in begun if _is_other(field, t, spelt, same, longer) and _held(mentions, t) == right), 1
            )


def _mentioned(found: list[Test]) -> dict[frozenset[int], str]:
    """Words for every choice of these tests that can hold together, none included; tests by their place in the list."""
    texts: dict[frozenset[int], str] = {frozenset(): ""}
    for word in dict.fromkeys(word for test in found for word in test.value):
        for known, text in [*texts.items()]:
            texts.setdefault(known | _held(found, word), f"{text}{_BETWEEN}{word}")
    return texts


def _held(found: list[Test], text: str) -> frozenset[int]:
    return frozenset(n for n, test in enumerate(found) if any(folded(word) in folded(text) for word in test.value))


def _is_other(
    field: fields.Text, text: str, spelt: Callable[[str], str], same: Container[str], prefixes: tuple[str, ...]
) -> bool:
    return _fits(field, text) and spelt(text) not in same and not spelt(text).startswith(prefixes)


def _fits(field: fields.Text, text: str) -> bool:
    return field.min <= len(text) <= field.max and (field.pattern is None or matcher(field.pattern)(text))


def _answers(assumed: Assignment, form: fields.Form) -> dict[str, Any] | None:
    """A form with these values, or None where they exclude each other: a part of a group that is itself missing."""
    of_form = {s: v for s, v in assumed.items() if s.partition(".")[0] not in RESERVED}
    missing = {_missing_root(subject, form) for subject, value in of_form.items() if value is None}
    answers: dict[str, Any] = {}
    # Lists with the most elements first, so that whatever comes later is put into each element.
    for subject, value in sorted(of_form.items(), key=lambda item: -len(item[1]) if isinstance(item[1], tuple) else 0):
        if value is None:
            continue
        if any(f"{subject}.".startswith(f"{root}.") for root in missing):
            return None
        _put(answers, subject.split("."), value, form)
    return answers


def _missing_root(subject: str, form: fields.Form) -> str:
    parts = _deepest_optional(_way(subject, form)) or 1
    return ".".join(subject.split(".")[:parts])


def _put(answers: dict[str, Any], path: list[str], value: Any, form: fields.Form) -> None:  # noqa: ANN401
    head, *rest = path
    field = form[head]
    if isinstance(field, fields.ListOf):
        _put_elements(answers, head, rest, value, field.of)
    elif rest:
        _put(answers.setdefault(head, {}), rest, value, fields.members(field) or {})
    elif fields.members(field) is not None:
        answers.setdefault(head, {})
    else:
        answers[head] = value


def _put_elements(answers: dict[str, Any], head: str, rest: list[str], values: Any, element: fields.FormField) -> None:  # noqa: ANN401
    parts = fields.members(element)
    if parts is None:
        answers[head] = list(values)
        return
    elements = answers.setdefault(head, [])
    while len(elements) < len(values):
        elements.append({})
    for number, answer in enumerate(elements):
        if rest:
            _put(answer, rest, values[min(number, len(values) - 1)], parts)
