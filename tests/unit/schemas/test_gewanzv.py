"""§ 3 GewAnzV, cell by cell: who may see which of the 33 boxes of form GewA 1.

The table is typed from the regulation, by box number and recipient; the recipe is not looked at for it.
"""

import re

import pytest

from schemas.avro import project
from schemas.fields import Choice, Date, FormField, Group, Integer, ListOf, Text, members
from schemas.kochbuch import RECIPES, read_recipe
from schemas.rules import Facts
from schemas.slip import slip

RECIPE = read_recipe(RECIPES / "gewerbeanmeldung.yaml")
ALL = frozenset(range(1, 34))


def boxes(text: str) -> frozenset[int]:
    """``1, 3-5`` as numbers."""
    found: set[int] = set()
    for part in text.split(","):
        first, _, last = part.strip().partition("-")
        found |= set(range(int(first), int(last or first) + 1))
    return frozenset(found)


ALLOWED = {
    "ihk": ALL - boxes("13, 27, 29-31, 33"),
    "hwk": ALL - boxes("13, 27, 30, 31, 33"),
    "immission-control": ALL - boxes("10, 12, 13, 27-31, 33"),
    "labour-protection": ALL - boxes("10, 12, 13, 27-31, 33"),
    "weights-and-measures": boxes("1, 3-5, 11, 14, 15, 18, 20"),
    "employment-agency": ALL - boxes("13, 27, 33"),
    "accident-insurance": ALL - boxes("12, 28, 30, 31, 33"),
    "food-control": ALL - boxes("10, 12, 13, 27-31, 33"),
    "minijob-centre": ALL - boxes("12, 13, 17, 19, 21-31, 33"),
    "foreigners-office": ALL - boxes("12-14, 17, 19, 22-29, 33"),
    "finance-office": ALL - boxes("6, 12, 13, 19, 21, 22, 27-31, 33"),
    "permit-office": ALL - boxes("33"),
    "statistics": boxes("1-5, 12, 15-17") | boxes("6, 10, 18-25, 29, 32"),
    "customs": ALL - boxes("13, 27, 33"),
    "former-authority": ALL - boxes("33"),
}
"""§ 3 Abs. 1 to 3, and § 14 Abs. 1 Satz 3 GewO; the register court (Nr. 8) receives de-registrations only."""

INSIDE = {"register", "screening", "trade-tax"}
"""Stations within the municipality itself, to which § 3 does not apply."""


def number(field: FormField) -> int:
    assert field.help is not None
    found = re.match(r"Feld (\d+)\b", field.help.de)
    assert found, field.help.de
    return int(found[1])


NUMBERS = {name: number(field) for name, field in RECIPE.form.items()}
NAMES = {number: name for name, number in NUMBERS.items()}


def test_the_form_has_the_33_boxes_in_their_order() -> None:
    assert list(NUMBERS.values()) == sorted(ALL)
    for name, field in RECIPE.form.items():
        assert field.help is not None
        assert f"Box {NUMBERS[name]}" in field.help.en


def test_the_recipients_are_those_of_the_regulation() -> None:
    assert RECIPE.station.keys() - INSIDE == ALLOWED.keys()


@pytest.mark.parametrize("recipient", ALLOWED)
@pytest.mark.parametrize("box", sorted(ALL))
def test_cell(recipient: str, box: int) -> None:
    sees = NAMES[box] in RECIPE.station[recipient].sees
    assert sees == (box in ALLOWED[recipient]), f"box {box} ({NAMES[box]}) for {recipient}"


@pytest.mark.parametrize("recipient", ALLOWED)
def test_what_is_sent_holds_exactly_the_allowed_boxes(recipient: str) -> None:
    full = {name: sample(field) for name, field in RECIPE.form.items()}
    sent = project(full, RECIPE.trees[recipient])
    assert {NUMBERS[name] for name in sent} == ALLOWED[recipient]
    schema = RECIPE.messages[recipient].definition
    [form] = [field["type"] for field in schema["fields"] if field["name"] == "form"]
    assert {NUMBERS[field["name"]] for field in form["fields"]} == ALLOWED[recipient]


def sample(field: FormField) -> object:
    match field:
        case Integer() | Date():
            return 1
        case Choice(of=options):
            return options[0]
        case ListOf(of=element):
            return [sample(element)]
        case Group():
            return {name: sample(part) for name, part in (members(field) or {}).items()}
        case _:
            return {} if not isinstance(field, Text) else "x"


@pytest.mark.parametrize(
    ("opinion", "told"),
    [(None, False), ("consents", False), ("conditions", False), ("lapsed", False), ("objects", True)],
)
def test_customs_is_told_only_of_indications(opinion: str | None, *, told: bool) -> None:
    form = RECIPE.validator.validate(RECIPE.examples[0].form)
    opinions = {"screening": opinion} if opinion else {}
    assert ("customs" in slip(RECIPE, Facts(form, opinions=opinions))) is told


def test_statistics_has_until_the_first_working_day_of_the_next_month() -> None:
    due = RECIPE.station["statistics"].due
    assert due is not None
    assert due.by == "first working day of next month"
    assert RECIPE.deadline is not None
    assert (str(RECIPE.deadline.within), RECIPE.deadline.basis) == ("3 days", "§ 15 Abs. 1 GewO")


def test_every_recipient_names_its_number_in_the_law() -> None:
    for recipient in ALLOWED.keys() - {"former-authority"}:
        station = RECIPE.station[recipient]
        assert "§ 14 Abs. 8 Satz 1 Nr." in station.basis, recipient
        assert "§ 3 Abs." in station.basis, recipient
        assert station.purpose is not None


def test_the_authority_of_the_former_premises_is_told_of_a_move() -> None:
    moved = next(example for example in RECIPE.examples if example.form["reason"] == "moved-here")
    assert "former-authority" in slip(RECIPE, Facts(RECIPE.validator.validate(moved.form)))
    assert RECIPE.station["former-authority"].basis == "§ 14 Abs. 1 Satz 3 GewO"
