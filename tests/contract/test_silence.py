"""Every recipe in every town that offers it, when nobody answers: reminded before, overdue after, and who is told."""

from pathlib import Path
from typing import Any

import pytest

from schemas.kochbuch import read_kochbuch
from schemas.municipality import Municipality
from schemas.recipe import Recipe
from services.router.plan import Plan, plan_of
from services.router.processor import Router
from services.router.terms import Due
from tests.support.casework import DAY, Office
from tests.support.procedure import DRY, RECIPE, building_office, procedure_book

BOOK = read_kochbuch()
OFFERS = [
    pytest.param(recipe, town, id=f"{recipe.recipe} in {name}")
    for recipe in BOOK.recipes.values()
    for name, town in BOOK.municipalities.items()
    if town.offers(recipe)
]
NEW_YEAR = 1_767_600_000_000_000
"""2026-01-05 08:00 UTC, before whatever the examples are about begins."""


class Silent:
    """A case that was submitted and of which nobody has taken notice."""

    def __init__(self, recipe: Recipe, town: Municipality) -> None:
        self.desk = Office(BOOK, recipe.service, town.municipality, now=NEW_YEAR)
        self.plan: Plan = plan_of(recipe, town)
        self.form = next(example for example in recipe.examples if not example.rejected).form
        self.case_id = self.desk.submit(self.form)
        self.lead = self.plan.stop[self.desk.last("CaseReceived")["lead"]].department

    @property
    def due(self) -> Due:
        """When the case is to be decided, and when somebody is to be reminded of it."""
        form = self.plan.recipe.validator.validate(self.form)
        return self.plan.term.starting(NEW_YEAR, self.plan.term.target(form)).after(NEW_YEAR)

    def until(self, instant: int) -> None:
        """Lets time pass to that instant."""
        self.desk.wait(instant - self.desk.now)

    def of_case(self, *kinds: str) -> list[str]:
        """The events of these kinds that are about the case as a whole."""
        return [kind for kind, body in self.desk.of(self.case_id) if kind in kinds and not body.get("station")]

    def told(self, department: str) -> list[str]:
        """The notices to a department about the end of the case's deadline."""
        bodies: list[dict[str, Any]] = [x.body for x in self.desk.inbox(department) if x.kind == "DepartmentNotice"]
        return [body["what"] for body in bodies if not body["station"] and body["what"] != "PapersFoundComplete"]


@pytest.mark.parametrize(("recipe", "town"), OFFERS)
def test_when_nobody_decides_somebody_is_reminded_before_and_the_right_ones_learn_of_it_after(
    recipe: Recipe, town: Municipality
) -> None:
    case = Silent(recipe, town)
    deadline, due = case.plan.term.deadline, case.due
    assert due.remind_at is not None
    case.until(due.remind_at - 1)
    assert case.told(case.lead) == []
    case.until(due.remind_at)
    assert case.told(case.lead) == ["ReminderDue"]
    case.until(due.at - 1)
    assert case.of_case("ReminderDue", "DeadlineMissed", "CaseDecided") == ["ReminderDue"]
    case.until(due.at)
    if deadline.on_expiry == "consent":
        decided = case.desk.last("CaseDecided")
        assert (decided["outcome"], decided["deemed"], decided["basis"]) == ("granted", True, deadline.basis)
        assert "CaseDecided" in case.told(case.lead)
        return
    above = town.department_for(deadline.escalate_to)
    assert above is not None
    assert case.of_case("DeadlineMissed", "DeadlineEscalated") == ["DeadlineMissed", "DeadlineEscalated"]
    assert case.desk.last("DeadlineMissed")["basis"] == deadline.basis
    assert case.told(case.lead)[-1] == "DeadlineMissed"
    assert case.told(above) == ["DeadlineEscalated"]


@pytest.mark.parametrize(("recipe", "town"), OFFERS)
def test_a_restart_fires_what_fell_due_meanwhile_once(recipe: Recipe, town: Municipality) -> None:
    steady, restarted = Silent(recipe, town), Silent(recipe, town)
    log, end = restarted.desk.log, steady.due.at + DAY
    restarted.desk.router = Router(BOOK)
    restarted.desk.router.restore(0, log)
    for case in (steady, restarted):
        case.until(end)
        assert case.desk.wait(0) == []
    assert restarted.desk.of(case.case_id) == steady.desk.of(case.case_id)


def test_without_a_deadline_of_its_own_a_case_is_escalated_after_three_months(tmp_path: Path) -> None:
    start = RECIPE.index("    deadline:")
    desk = building_office(procedure_book(tmp_path, RECIPE[:start] + RECIPE[RECIPE.index("    route:") :]))
    case = desk.submit(DRY)
    desk.do("GiveOpinion", case, station="fire", department="fire", opinion="consents")
    received = desk.last("CaseReceived")
    assert received["basis"] == "§ 75 Satz 2 VwGO"
    assert desk.wait(received["due_at"] - desk.now - 1) == ["ReminderDue"]
    assert desk.wait(1) == ["DeadlineMissed", "DeadlineEscalated"]
    assert desk.last("DeadlineEscalated")["to_department"] == "post", "triage, where the recipe names nobody"
