from copy import deepcopy
from random import Random
from typing import Any

import pytest

from schemas.kochbuch import Kochbuch
from services.router.case import Case
from services.router.core import COMMANDS, decide
from services.router.plan import plan_of
from services.router.request import SUBMITTED, TIMER_FIRED, Context, Decision, Request
from tests.support.casework import NOW, Office
from tests.support.history import anything, fitting
from tests.support.procedure import DRY, WET


@pytest.fixture
def context(procedure: Kochbuch) -> Context:
    plan = plan_of(procedure.recipes["permit"], procedure.municipalities["town"])
    return Context(plan, lambda raw: procedure.codec.decode(raw)[1])


def received(desk: Office, context: Context, form: dict[str, Any] = DRY) -> Case:
    raw = desk.submission(form).message.value or b""
    decision = decide(None, Request(SUBMITTED, desk.book.codec.decode(raw)[1], raw), NOW, context)
    assert decision.case is not None
    return decision.case


def test_a_timer_whose_duty_is_done_passes_silently(desk: Office, context: Context) -> None:
    case = received(desk, context)
    fired = Request(TIMER_FIRED, {"kind": "papers_due", "station": "", "at": NOW})
    assert decide(case, fired, NOW, context) == Decision([], [], case)


@pytest.mark.parametrize("seed", range(20))
def test_deciding_changes_nothing_that_it_was_given(desk: Office, context: Context, seed: int) -> None:
    random, case = Random(seed), received(desk, context, WET)
    for kind in sorted(COMMANDS):
        given = anything(random, kind, NOW) | fitting(random, case, kind, NOW)
        request = Request(kind, desk.command(kind, case["case_id"], **given, expected_version=case["version"]))
        before = deepcopy((case, request))
        first = decide(case, request, NOW, context)
        assert (case, request) == before
        assert decide(case, request, NOW, context) == first, "the same question has one answer"


def test_a_submission_that_follows_another_shares_nothing_that_changes(desk: Office, context: Context) -> None:
    first, second = received(desk, context), received(desk, context)
    claim = Request("Claim", desk.command("Claim", first["case_id"], station="assess", expected_version=1))
    assert decide(first, claim, NOW, context).case != second
    assert received(desk, context) == second
