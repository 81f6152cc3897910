"""Alternatives: in an ``any``, each part can hold, and each adds something to the others; no value stands twice."""

from collections.abc import Iterator, Sequence

from schemas.check.partition import LIMIT, inputs, size
from schemas.errors import Problem
from schemas.recipe import Recipe
from schemas.rules import All, AnyOf, Condition, Not, Test, compile_condition, describe
from schemas.spelling import folded


def problems_of(recipe: Recipe) -> Iterator[Problem]:
    """Parts that contradict themselves, parts that another one covers, and repeated values."""
    for number, station in enumerate(recipe.route):
        yield from _in(recipe.conditions[station.station], f"route.{number}.when", recipe)


def _in(condition: Condition, where: str, recipe: Recipe) -> Iterator[Problem]:
    match condition:
        case Test(subject, "in" | "mentions", value, free) if len({folded(v) if free else v for v in value}) < len(
            value
        ):
            yield Problem(
                where,
                f"In der Liste zu „{subject}“ steht ein Wert zweimal.",
                f"a value stands twice in the list for “{subject}”",
            )
        case Not(part):
            yield from _in(part, where, recipe)
        case All(parts):
            for part in parts:
                yield from _in(part, where, recipe)
        case AnyOf(parts):
            for part in parts:
                yield from _in(part, where, recipe)
            if size([condition], recipe.form) <= LIMIT:
                yield from _compared(parts, where, recipe)


def _compared(parts: Sequence[Condition], where: str, recipe: Recipe) -> Iterator[Problem]:
    holds = [compile_condition(part) for part in parts]
    rows = [tuple(test(case.facts) for test in holds) for case in inputs([AnyOf(tuple(parts))], recipe.form)]
    for n, part in enumerate(parts):
        mine = [row for row in rows if row[n]]
        if not mine:
            yield Problem(
                where,
                f"Dieser Teil widerspricht sich und trifft nie zu: {describe(part)}.",
                f"this part contradicts itself and never holds: {describe(part)}",
            )
            continue
        covering = [m for m in range(len(parts)) if m != n and all(row[m] for row in mine)]
        # Of two equal parts only the second is in vain.
        if any(m < n or not all(row[n] for row in rows if row[m]) for m in covering):
            yield Problem(
                where,
                f"Dieser Teil ist überflüssig, ein anderer schließt ihn ein: {describe(part)}.",
                f"this part is superfluous, another includes it: {describe(part)}",
            )
