import datetime as dt
from pathlib import Path

import pytest

from schemas.rules import Facts
from services.router.deadlines import from_us, to_us
from services.router.plan import plan_of
from tests.support.procedure import TOWN, procedure_book

EICHSFELD = TOWN.replace('"053580008008"', '"160610045045"')


@pytest.mark.parametrize(
    ("local", "last_day"),
    [
        ("", "2026-06-04"),
        ("    local_holidays: []\n", "2026-06-04"),
        ("    local_holidays: [Fronleichnam]\n", "2026-06-05"),
    ],
)
def test_a_holiday_of_this_town_alone_moves_the_deadlines_of_its_cases(
    tmp_path: Path, local: str, last_day: str
) -> None:
    book = procedure_book(tmp_path, town=EICHSFELD + local)
    plan = plan_of(book.recipes["permit"], book.municipalities["town"])
    received = to_us(dt.datetime.fromisoformat("2026-03-04T09:00:00+01:00"))
    assert from_us(plan.term.starting(received).at - 1).date().isoformat() == last_day


def test_a_station_waits_for_those_before_it_and_those_whose_opinion_it_looks_at(tmp_path: Path) -> None:
    book = procedure_book(tmp_path)
    plan = plan_of(book.recipes["permit"], book.municipalities["town"])
    assert {stop.name: set(stop.needs) for stop in plan.stops if stop.needs} == {
        "council": {"water"},
        "cashier": {"assess"},
    }


def test_a_station_whose_department_has_waived_is_told_nothing_and_needs_nobody(tmp_path: Path) -> None:
    book = procedure_book(tmp_path, town=TOWN + "    waives: {permit: [cashier]}\n")
    plan = plan_of(book.recipes["permit"], book.municipalities["town"])
    assert not plan.stop["cashier"].holds(Facts({}))
    without = plan.town.model_copy(
        update={
            "departments": {
                name: office for name, office in plan.town.departments.items() if "cashier" not in office.roles
            }
        }
    )
    assert plan_of(plan.recipe, without).missing == ()
    assert plan_of(plan.recipe, without.model_copy(update={"waives": {}})).missing != ()
