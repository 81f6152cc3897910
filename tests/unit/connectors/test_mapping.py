"""From the cells of a row to a form, by declaration."""

from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from connectors.fit import misfits
from connectors.mapping import Answer, Mapped, form_of
from schemas import fields
from schemas.errors import Reason, Rejected

FORM: fields.Form = TypeAdapter(fields.Form).validate_python(
    {
        "holder": {"type": "person"},
        "breed": {"type": "choice", "of": ["Dackel", "Dogge"]},
        "kept_since": {"type": "date"},
        "weight_kg": {"type": "integer", "optional": True},
        "fee": {"type": "money", "optional": True},
        "tags": {"type": "list", "of": {"type": "text"}, "optional": True},
    }
)
NAMES = ("Name", "Vorname", "Rasse", "Seit", "Gewicht", "PLZ")
GOOD: dict[str, Any] = {
    "holder.family_name": "Name",
    "holder.given_names": "Vorname",
    "breed": {"column": "Rasse", "values": {"DA": "Dackel"}},
    "kept_since": {"column": "Seit", "as": "date"},
}


def answers(declared: dict[str, Any]) -> dict[str, Answer]:
    return TypeAdapter(dict[str, Mapped]).validate_python(declared)


def form(cells: list[str], **more: Any) -> dict[str, Any]:  # noqa: ANN401 - what YAML holds
    return form_of(answers(GOOD | more), NAMES)(cells)


def test_dotted_paths_make_groups() -> None:
    assert form([" Muster ", "Erika", "DA", "01.03.2026", "", ""]) == {
        "holder": {"family_name": "Muster", "given_names": "Erika"},
        "breed": "Dackel",
        "kept_since": "2026-03-01",
    }


def test_a_blank_cell_is_an_answer_not_given_and_makes_no_group() -> None:
    made = form(["", "\xa0 ", "DA", "00.00.0000", "", ""], kept_since={"column": "Seit", "blank": ["00.00.0000"]})
    assert made == {"breed": "Dackel"}


def test_control_characters_reach_the_form_which_refuses_them() -> None:
    assert form(["Mus\x85ter\x1c", "E", "DA", "01.03.2026", "", ""])["holder"]["family_name"] == "Mus\x85ter\x1c"


def test_a_constant_answers_for_every_record() -> None:
    assert form(["", "", "", "", "", ""], weight_kg={"constant": "7", "as": "integer"}) == {"weight_kg": 7}


def test_every_problem_of_a_row_is_named_by_its_place_in_the_form() -> None:
    with pytest.raises(Rejected) as caught:
        form(["Muster", "E", "XX", "gestern", "", ""])
    assert caught.value.reason is Reason.INVALID
    assert [problem.where for problem in caught.value.problems] == ["form.breed", "form.kept_since"]
    assert "gestern" not in str(caught.value)


@pytest.mark.parametrize("declared", [{}, {"column": "Name", "constant": "x"}, {"column": ""}])
def test_an_answer_has_one_origin(declared: dict[str, str]) -> None:
    with pytest.raises(ValidationError, match="column"):
        answers({"breed": declared})


def test_a_good_mapping_fits() -> None:
    assert list(misfits(answers(GOOD), NAMES, FORM)) == []


@pytest.mark.parametrize(
    ("more", "where"),
    [
        ({"breed": "Race"}, "map.breed"),
        ({"breed": {"column": "Rasse", "values": {"DA": "Dachshund"}}}, "map.breed.values"),
        ({"kept_since": "Seit"}, "map.kept_since"),
        ({"kept_since": {"column": "Seit", "as": "integer"}}, "map.kept_since"),
        ({"weight": "Gewicht"}, "map.weight"),
        ({"holder": "Name"}, "map.holder"),
        ({"tags": "Rasse"}, "map.tags"),
        ({"weight_kg": {"column": "Gewicht", "as": "integer", "separator": ","}}, "map.weight_kg"),
        ({"holder.address.postcode": "PLZ"}, "map"),
    ],
)
def test_what_does_not_fit_is_found_before_the_first_file(more: dict[str, Any], where: str) -> None:
    assert where in [problem.where for problem in misfits(answers(GOOD | more), NAMES, FORM)]


def test_required_answers_that_no_column_gives_are_found() -> None:
    found = list(misfits(answers({"weight_kg": {"column": "Gewicht", "as": "integer"}}), NAMES, FORM))
    named = " ".join(problem.text_en for problem in found)
    assert all(name in named for name in ("holder.family_name", "holder.given_names", "breed", "kept_since"))


def test_money_takes_cents_or_whole_cents() -> None:
    for kind in ("cents", "integer"):
        assert not list(misfits(answers(GOOD | {"fee": {"column": "Gewicht", "as": kind}}), NAMES, FORM))
