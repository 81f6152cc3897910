"""Explanation: for one submission, which rules matched, which did not, and why; never what the applicant wrote."""

from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import Any

from schemas.municipality import Municipality
from schemas.phrasing import say
from schemas.recipe import Recipe, Station
from schemas.rules import Condition, Facts, Verdict, judge
from schemas.slip import needs, slip


@dataclass(frozen=True, slots=True)
class Explained:
    """One station: whether it opens, in which department, what it waits for, and the verdict on its rule."""

    station: str
    task: str
    role: str
    department: str | None
    opens: bool
    holds: bool
    waits_for: tuple[str, ...]
    rule: str
    rule_en: str
    verdict: Verdict
    sees: tuple[str, ...]
    purpose: str
    basis: str


def explain(recipe: Recipe, facts: Facts, town: Municipality | None = None) -> Iterator[Explained]:
    """Every station of the recipe, in its order."""
    opened = set(slip(recipe, facts)) - set(town.waived(recipe) if town else ())
    answered = (facts.opinions or {}).keys()
    for name, station in recipe.station.items():
        waiting = tuple(sorted((needs(recipe, name) & opened) - answered)) if name not in opened else ()
        yield _explained(recipe, station, facts, town, opens=name in opened, waits_for=waiting)


def _explained(
    recipe: Recipe,
    station: Station,
    facts: Facts,
    town: Municipality | None,
    *,
    opens: bool,
    waits_for: tuple[str, ...],
) -> Explained:
    condition: Condition = recipe.conditions[station.station]
    verdict = judge(condition, facts)
    return Explained(
        station=station.station,
        task=station.task,
        role=station.role,
        department=town.department_for(station.role) if town else None,
        opens=opens,
        holds=verdict.holds,
        waits_for=waits_for,
        rule=say(condition, recipe),
        rule_en=say(condition, recipe, "en"),
        verdict=verdict,
        sees=station.sees if opens else (),
        purpose=station.purpose.de if station.purpose else "",
        basis=station.basis,
    )


def verdict_lines(verdict: Verdict, depth: int = 0) -> Iterator[str]:
    """The verdict and those of its parts, each on a line of its own."""
    yield f"{'  ' * depth}{'+' if verdict.holds else '-'} {verdict.text}"
    for part in verdict.parts:
        yield from verdict_lines(part, depth + 1)


def as_data(explained: Explained) -> dict[str, Any]:
    """For machines."""
    return {
        **{f.name: getattr(explained, f.name) for f in fields(explained)},
        "verdict": _tree(explained.verdict),
    }


def _tree(verdict: Verdict) -> dict[str, Any]:
    return {"rule": verdict.text, "holds": verdict.holds, "parts": [_tree(part) for part in verdict.parts]}
