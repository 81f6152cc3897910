import datetime as dt
import unicodedata
from typing import Any

import pytest
from pydantic import TypeAdapter

from schemas.errors import Reason, Rejected
from schemas.fields import Form
from schemas.form import FormValidator, day, days


def validator(**form: dict[str, Any]) -> FormValidator:
    return FormValidator("test", TypeAdapter(Form).validate_python(form))


def problems(checked: FormValidator, answers: object) -> dict[str, str]:
    with pytest.raises(Rejected) as caught:
        checked.validate(answers)
    assert caught.value.reason is Reason.INVALID
    return {problem.where: problem.text for problem in caught.value.problems}


def test_every_problem_is_reported_at_once_with_its_path() -> None:
    checked = validator(holder={"type": "person"}, weight={"type": "integer", "max": 120}, iban={"type": "iban"})
    found = problems(checked, {"holder": {"family_name": ""}, "weight": 121, "iban": "DE00", "colour": "red"})
    assert set(found) == {
        "form.holder.family_name",
        "form.holder.given_names",
        "form.weight",
        "form.iban",
        "form.colour",
    }
    assert found["form.weight"] == "Höchstens 120."


def test_a_recipe_demands_parts_of_a_person() -> None:
    checked = validator(child={"type": "person", "requires": ["birth_date", "address"]})
    name = {"family_name": "Muster", "given_names": "Mia"}
    assert set(problems(checked, {"child": name})) == {"form.child.birth_date", "form.child.address"}
    assert set(problems(checked, {"child": {**name, "birth_date": None, "address": {}}})) >= {"form.child.birth_date"}
    with pytest.raises(ValueError, match="requires"):
        validator(child={"type": "person", "requires": ["shoe_size"]})


def test_dates_become_days_and_money_stays_cents() -> None:
    checked = validator(since={"type": "date"}, fee={"type": "money"})
    assert checked.validate({"since": "1970-01-11", "fee": 1250}) == {"since": 10, "fee": 1250}
    assert day(days(dt.date(2026, 2, 28))) == dt.date(2026, 2, 28)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("1961", (1961, None, None)),
        ("1961-05", (1961, 5, None)),
        ("1961-00-00", (1961, None, None)),
        ("0000-00-00", (None, None, None)),
        ("2000-02-29", (2000, 2, 29)),
    ],
)
def test_birth_dates_may_be_partly_known(text: str, parts: tuple[int | None, ...]) -> None:
    born = validator(born={"type": "partial-date"}).validate({"born": text})["born"]
    assert (born["year"], born["month"], born["day"]) == parts


@pytest.mark.parametrize("text", ["1961-13", "1961-02-30", "61", "1961-00-17", 1961, None, "1961-5-1"])
def test_impossible_birth_dates_are_refused(text: object) -> None:
    assert "form.born" in problems(validator(born={"type": "partial-date"}), {"born": text})


def test_text_is_composed_and_control_characters_are_refused() -> None:
    checked = validator(name={"type": "text"}, note={"type": "text", "lines": True})
    decomposed = unicodedata.normalize("NFD", "Müller-Ĺukasz")
    assert checked.validate({"name": decomposed, "note": "a\nb"})["name"] == unicodedata.normalize("NFC", decomposed)
    assert set(problems(checked, {"name": "a\nb", "note": "a\x00b"})) == {"form.name", "form.note"}


@pytest.mark.parametrize("value", [True, 1.0, "1.5", 2**60, None, [], "\ud800"])
def test_what_is_not_a_whole_number_is_refused(value: object) -> None:
    assert "form.n" in problems(validator(n={"type": "integer"}), {"n": value})


@pytest.mark.parametrize(
    "value", [5, "2026-02-30", "2026-02-01T10:00:00", True, "20260201", "86400", "\u0662\u0660\u0662\u0666-02-01"]
)
def test_what_is_not_a_day_is_refused(value: object) -> None:
    assert "form.d" in problems(validator(d={"type": "date"}), {"d": value})


def test_leading_zeros_survive() -> None:
    address = {"street": "Am Markt", "postcode": "01067", "city": "Dresden"}
    assert validator(home={"type": "address"}).validate({"home": address})["home"]["postcode"] == "01067"


def test_an_iban_is_checked_and_compacted() -> None:
    checked = validator(iban={"type": "iban"})
    assert checked.validate({"iban": "DE89 3704 0044 0532 0130 00"}) == {"iban": "DE89370400440532013000"}
    assert "form.iban" in problems(checked, {"iban": "DE88370400440532013000"})


def test_lists_and_groups_name_the_element() -> None:
    people = {"type": "list", "of": {"type": "group", "fields": {"age": {"type": "integer", "min": 0}}}, "min": 1}
    found = problems(validator(people=people), {"people": [{"age": 1}, {"age": -1}]})
    assert list(found) == ["form.people.1.age"]


def test_no_answer_appears_in_a_problem() -> None:
    checked = validator(
        name={"type": "text", "max": 3}, kind={"type": "choice", "of": ["a", "b"]}, mail={"type": "email"}
    )
    with pytest.raises(Rejected) as caught:
        checked.validate({"name": "Geheimrat", "kind": "Geheimrat", "mail": "Geheimrat"})
    assert "Geheimrat" not in str(caught.value)


def test_the_json_schema_refuses_what_the_validator_refuses() -> None:
    schema = validator(holder={"type": "person"}, kind={"type": "choice", "of": ["a", "b"]}).json_schema()
    assert schema["additionalProperties"] is False
    assert schema["required"] == ["holder", "kind"]
