from hypothesis import given
from hypothesis import strategies as st

from schemas.kochbuch import read_kochbuch
from services.router.facts import DETAILS, NEXT_STEP, ZbpStatus, citizen_facts, cut
from services.router.plan import plan_of
from tests.support.casework import NOW, Office
from tests.support.procedure import DRY

_STATES: tuple[ZbpStatus, ...] = ("RECEIVED", "PROCESSING", "ACTION_REQUIRED", "COMPLETED")
_OUTCOMES = (None, "granted", "refused", "granted_in_part", "settled", "deemed", "withdrawn")


def test_every_department_of_the_network_can_be_named_within_the_limits() -> None:
    book = read_kochbuch()
    recipe = next(iter(book.recipes.values()))
    for town in book.municipalities.values():
        plan = plan_of(recipe, town)
        for department in town.departments:
            for state in _STATES:
                for outcome in _OUTCOMES:
                    facts = citizen_facts(plan, state, department, NOW, outcome)
                    assert len(facts["details"]) <= DETAILS
                    assert len(facts["next_step"]) <= NEXT_STEP


def test_the_citizen_learns_who_is_on_it_until_when_and_whom_to_call(desk: Office) -> None:
    desk.submit(DRY)
    told = desk.last("CaseReceived")["citizen"]
    assert told["status"] == "RECEIVED"
    assert told["next_step"] == "Bauamt prüft Ihren Antrag. Frist: 08.06.2026."
    assert told["contact"] == "Bauamt, 02421 25-1"


def test_what_the_law_grants_is_not_called_a_notice(desk: Office) -> None:
    context = plan_of(desk.book.recipes["permit"], desk.book.municipalities["town"])
    told = citizen_facts(context, "COMPLETED", "building", None, "deemed")
    assert told["details"] == "Ihr Antrag gilt als genehmigt."
    assert told["next_step"] == "Auf Verlangen bescheinigen wir Ihnen das: Bauamt."


@given(st.text(max_size=200), st.integers(1, 120))
def test_a_text_is_cut_to_the_limit(text: str, limit: int) -> None:
    assert len(cut(text, limit)) <= limit
