"""Quality: which rules send cases to the wrong desk, counted from the events of returns and corrections; pure."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

Event = tuple[str, Mapping[str, Any]]
"""The short name of an event's type and its content."""


@dataclass(slots=True)
class Rule:
    """One rule of one recipe version: how often it brought a case somewhere, and how often that was wrong."""

    recipe: str
    version: int
    station: str
    rule: str
    opened: int = 0
    returned: int = 0
    corrected: int = 0
    belonged_to: Counter[str] = field(default_factory=Counter)

    @property
    def share(self) -> float:
        """Corrections among the cases that this rule brought here; 0 when none is known."""
        return self.corrected / self.opened if self.opened else 0.0


def quality(events: Iterable[Event]) -> list[Rule]:
    """The rules that erred, worst first; each case's ``CaseReceived`` stands before its other events."""
    recipes: dict[str, tuple[str, int]] = {}
    rules: dict[tuple[str, int, str, str], Rule] = {}
    opened: defaultdict[tuple[str, int, str, str], int] = defaultdict(int)
    last_word: dict[tuple[str, str], tuple[Rule, Mapping[str, Any]]] = {}
    for kind, content in events:
        if kind == "CaseReceived":
            recipes[content["case_id"]] = (content["recipe"], content["recipe_version"])
        elif kind == "StationsOpened" and content["case_id"] in recipes:
            for station in content["stations"]:
                opened[(*recipes[content["case_id"]], station["station"], station["rule"])] += 1
        elif kind in {"CaseReturned", "RoutingCorrected"}:
            key = (content["recipe"], content["recipe_version"], content["station"], content["rule"])
            rule = rules.setdefault(key, Rule(*key))
            if kind == "CaseReturned":
                rule.returned += 1
            else:
                last_word[content["case_id"], content["station"]] = rule, content
    for rule, correction in last_word.values():
        _count(rule, correction)
    for key, rule in rules.items():
        rule.opened = opened[key]
    return sorted(rules.values(), key=lambda rule: (-rule.corrected, -rule.returned, rule.recipe, rule.station))


def _count(rule: Rule, correction: Mapping[str, Any]) -> None:
    """Where triage gave it back to the same department in the end, the rule had been right."""
    if correction["to_department"] != correction["erred_department"]:
        rule.corrected += 1
        rule.belonged_to[correction["to_department"]] += 1


def as_data(rule: Rule) -> dict[str, Any]:
    """A row of the table."""
    return {
        "recipe": rule.recipe, "version": rule.version, "station": rule.station, "rule": rule.rule,
        "opened": rule.opened, "returned": rule.returned, "corrected": rule.corrected,
        "share": round(rule.share, 4), "belonged_to": dict(rule.belonged_to.most_common()),
    }  # fmt: skip
