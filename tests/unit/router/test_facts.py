from itertools import product
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.kochbuch import read_kochbuch
from schemas.recipe import Kind
from services.router.citizen_words import WORDS
from services.router.facts import DETAILS, NEXT_STEP, ZbpStatus, citizen_facts, cut
from services.router.plan import plan_of
from tests.support.casework import NOW, Office
from tests.support.procedure import DRY

_STATES: tuple[ZbpStatus, ...] = ("RECEIVED", "PROCESSING", "ACTION_REQUIRED", "COMPLETED")
_OUTCOMES = (None, "granted", "refused", "granted_in_part", "settled", "deemed", "withdrawn")


def test_every_department_of_the_network_can_be_named_within_the_limits() -> None:
    book = read_kochbuch()
    kinds = {recipe.kind: recipe for recipe in book.recipes.values()}
    for town, recipe in product(book.municipalities.values(), kinds.values()):
        plan = plan_of(recipe, town)
        for department, state, outcome in product(town.departments, _STATES, _OUTCOMES):
            facts = citizen_facts(plan, state, department, NOW, outcome)
            assert len(facts["details"]) <= DETAILS
            assert len(facts["next_step"]) <= NEXT_STEP
            assert facts["next_step"].endswith((".", "…"))


@pytest.mark.parametrize("kind", get_args(Kind))
def test_every_kind_has_words_for_every_state_and_outcome_that_need_no_cutting(kind: Kind) -> None:
    states = {*get_args(ZbpStatus)} - {"INITIATED", "SUBMITTED", "COMPLETED"}
    assert WORDS[kind].keys() == states | {outcome or "" for outcome in _OUTCOMES}
    for details, step in WORDS[kind].values():
        assert len(details) <= DETAILS
        assert len(step.format(department="X" * 20)) <= NEXT_STEP - len(" In der Regel bis 08.06.2026.")


def told(service: str, outcome: str) -> tuple[str, str]:
    book = read_kochbuch()
    plan = plan_of(book.recipes[service], book.municipalities["dueren"])
    facts = citizen_facts(plan, "COMPLETED", "poststelle", None, outcome)
    return facts["details"], facts["next_step"]


def test_nobody_grants_a_declaration_and_a_certificate_is_no_notice() -> None:
    confirmed = "Bestätigung oder Bescheid erhalten Sie von uns: Poststelle."
    for service in ("gewerbeanmeldung", "wohnsitz-anmeldung", "hundesteuer-anmeldung"):
        assert told(service, "granted") == ("Ihre Anmeldung ist bearbeitet.", confirmed)
    certificate = ("Ihre Urkunde ist ausgestellt.", "Die Urkunde erhalten Sie von uns: Poststelle.")
    assert told("geburtsurkunde", "granted") == certificate
    assert told("baugenehmigung-vereinfacht", "granted")[0] == "Ihr Antrag wurde bewilligt."


def test_an_answer_about_a_register_does_not_show_whether_it_held_anything() -> None:
    assert told("melderegisterauskunft", "granted") == told("melderegisterauskunft", "refused")


def test_only_what_ends_something_is_called_a_frist() -> None:
    book = read_kochbuch()
    town = book.municipalities["guetersloh"]
    pub, benefit = (plan_of(book.recipes[name], town) for name in ("gaststaettenerlaubnis", "wohngeld-erstantrag"))
    assert " Frist: " in citizen_facts(pub, "RECEIVED", "ordnung", NOW)["next_step"], "silence permits"
    assert " In der Regel bis " in citizen_facts(benefit, "RECEIVED", "soziales", NOW)["next_step"], "nothing ends"
    assert " Frist: " in citizen_facts(benefit, "ACTION_REQUIRED", "soziales", NOW)["next_step"], "papers are due"


def test_the_citizen_learns_who_is_on_it_until_when_and_whom_to_call(desk: Office) -> None:
    desk.submit(DRY)
    told = desk.last("CaseReceived")["citizen"]
    assert told["status"] == "RECEIVED"
    assert told["next_step"] == "Bauamt prüft Ihren Antrag. In der Regel bis 08.06.2026."
    assert told["contact"] == "Bauamt, 02421 25-1"


def test_what_the_law_grants_is_not_called_a_notice(desk: Office) -> None:
    context = plan_of(desk.book.recipes["permit"], desk.book.municipalities["town"])
    told = citizen_facts(context, "COMPLETED", "building", None, "deemed")
    assert told["details"] == "Ihr Antrag gilt als genehmigt."
    assert told["next_step"] == "Auf Verlangen bescheinigen wir Ihnen das: Bauamt."


@given(st.text(max_size=200), st.integers(1, 120))
def test_a_text_is_cut_to_the_limit(text: str, limit: int) -> None:
    assert len(cut(text, limit)) <= limit
