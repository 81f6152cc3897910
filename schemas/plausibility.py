"""Plausibility: what a complete form must not say: a field missing that is needed sometimes, an answer without use.

refuse:
  - when: {commercial: true, commercial_purpose: {exists: false}}
    field: commercial_purpose
    because: {de: Bitte den Zweck nennen (§ 44 Abs. 1 Satz 2 BMG)., en: state the purpose (§ 44 (1) sentence 2 BMG)}
"""

from collections.abc import Iterator, Sequence
from typing import Any

from schemas import fields
from schemas.errors import Problem
from schemas.fields import Strict, Wording
from schemas.form import Judge
from schemas.rules import RESERVED, Facts, Predicate, compile_condition, parse_condition, tests


class Implausible(Strict):
    """``when`` this holds for a form, the answer at ``field`` is refused; ``because`` is what the applicant reads."""

    field: str
    when: Any
    because: Wording


def problems_of(refuse: Sequence[Implausible], form: fields.Form) -> Iterator[Problem]:
    """Conditions that are wrong or look beyond the form, and fields that it does not have."""
    for number, entry in enumerate(refuse):
        where, found = f"refuse.{number}", list[Problem]()
        condition = parse_condition(entry.when, form, f"{where}.when", found)
        yield from found
        if any(test.subject.partition(".")[0] in RESERVED for test in tests(condition)):
            yield Problem(
                f"{where}.when",
                "Ob ein Formular angenommen wird, hängt nur an seinen eigenen Feldern.",
                "whether a form is accepted depends on its own fields alone",
            )
        if fields.find(form, entry.field) is None:
            yield Problem(
                f"{where}.field",
                f"Das Formular hat kein Feld „{entry.field}“.",
                f"the form has no field “{entry.field}”",
            )


def judge_of(refuse: Sequence[Implausible], form: fields.Form) -> Judge:
    """All of them as one closure."""
    entries = [(_compiled(entry, form), _problem(entry)) for entry in refuse]
    return lambda answers: [problem for holds, problem in entries if holds(Facts(answers))]


def _compiled(entry: Implausible, form: fields.Form) -> Predicate:
    return compile_condition(parse_condition(entry.when, form, "refuse", []))


def _problem(entry: Implausible) -> Problem:
    return Problem(f"form.{entry.field}", entry.because.de, entry.because.en or entry.because.de)
