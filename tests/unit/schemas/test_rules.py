from typing import Any

import pytest
from pydantic import TypeAdapter

from schemas.errors import Problem
from schemas.fields import Form
from schemas.rules import Facts, compile_condition, describe, judge, parse_condition

FORM: Form = TypeAdapter(Form).validate_python(
    {
        "breed": {"type": "text"},
        "weight": {"type": "integer", "optional": True},
        "since": {"type": "date"},
        "listed": {"type": "boolean"},
        "home": {"type": "address", "optional": True},
        "kind": {"type": "choice", "of": ["a", "b"]},
        "people": {"type": "list", "of": {"type": "group", "fields": {"age": {"type": "integer"}}}},
        "tags": {"type": "list", "of": {"type": "text"}},
    }
)
CASE = Facts(
    {
        "breed": "Bullterrier",
        "weight": 20,
        "since": 20_000,
        "listed": True,
        "kind": "a",
        "people": [{"age": 3}, {"age": 40}],
        "home": {"street": "Markt", "postcode": "52349", "city": "Düren"},
        "tags": ["x", "y"],
    },
    municipality="dueren",
    channel="file",
    opinions={"fire": "objects"},
    land="NW",
)


def holds(content: object, facts: Facts = CASE) -> bool:
    problems: list[Problem] = []
    condition = parse_condition(content, FORM, "when", problems)
    assert problems == []
    return compile_condition(condition)(facts)


@pytest.mark.parametrize(
    "written",
    [
        "pitbull terrier",
        "PITBULL TERRIER",
        "Pitbull-Terrier",
        " Pitbull  Terrier",
        "Pitbull\u00a0Terrier",
        "pitbull\u2013terrier",
    ],
)
def test_a_breed_is_on_the_list_however_it_is_spelt(written: str) -> None:
    facts = Facts({**CASE.form, "breed": written})
    assert holds({"breed": {"in": ["Dogge", "Pitbull Terrier"]}}, facts)
    assert holds({"breed": {"prefix": "Pitbull Terr"}}, facts)
    assert holds({"breed": {"in": ["Pitbullterrier"]}}, facts)
    assert not holds({"breed": {"in": ["Bullterrier"]}}, facts)
    assert holds({"breed": {"mentions": ["Dogge", "Bull-Terrier"]}}, facts)
    assert not holds({"breed": {"mentions": ["Dogge"]}}, facts)


@pytest.mark.parametrize(
    ("written", "listed"),
    [
        ("Mastino Espanol", "Mastino Español"),
        ("Mastino Espan\u0303ol", "Mastino Español"),
        ("Halle/Saale", "Halle (Saale)"),
        ("Dueren", "Düren"),
        ("STRASSE", "Straße"),
    ],
)
def test_accents_umlauts_and_signs_are_spelling(written: str, listed: str) -> None:
    assert holds({"breed": listed}, Facts({"breed": written}))


def test_a_text_of_signs_alone_equals_nothing() -> None:
    assert not holds({"breed": {"in": ["Dackel"]}}, Facts({"breed": "(-)"}))


def test_sharp_s_and_what_is_exact_by_its_pattern() -> None:
    facts = Facts({**CASE.form, "breed": "Straßenmischling"})
    assert holds({"breed": "STRASSENMISCHLING"}, facts)
    assert not holds({"home.postcode": {"prefix": "52-"}})


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ({"breed": "Bullterrier"}, True),
        ({"breed": {"equals": "Dackel"}}, False),
        ({"breed": "bullterrier"}, True),
        ({"breed": {"in": ["BULL-TERRIER", "Dackel"]}}, True),
        ({"weight": {"at_least": "20"}}, True),
        ({"weight": {"at_least": "21"}}, False),
        ({"since": {"season": ["10-04", "10-31"]}}, True),
        ({"since": {"season": ["10-05", "10-31"]}}, False),
        ({"since": {"season": ["11-15", "10-04"]}}, True),
        ({"since": {"season": ["11-15", "10-03"]}}, False),
        ({"land": "NW"}, True),
        ({"land": {"in": ["SH", "BY"]}}, False),
        ({"breed": {"prefix": "bULL"}}, True),
        ({"tags": {"equals": "X"}}, True),
        ({"kind": {"prefix": "A"}}, False),
        ({"municipality": {"equals": "Dueren"}}, False),
        ({"breed": {"in": ["Dackel", "Bullterrier"]}}, True),
        ({"weight": {"over": "20"}}, False),
        ({"weight": {"over": "19"}}, True),
        ({"weight": {"under": "20"}}, False),
        ({"weight": {"between": ["20", "30"]}}, True),
        ({"since": {"under": "2024-10-05"}}, True),
        ({"since": {"over": "2024-10-04"}}, False),
        ({"home.postcode": {"prefix": "523"}}, True),
        ({"home.postcode": {"prefix": "01"}}, False),
        ({"listed": "true"}, True),
        ({"listed": {"equals": "false"}}, False),
        ({"weight": {"exists": "true"}}, True),
        ({"weight": {"exists": "false"}}, False),
        ({"people.age": {"over": "39"}}, True),
        ({"people.age": {"over": "40"}}, False),
        ({"tags": "y"}, True),
        ({"municipality": "dueren"}, True),
        ({"channel": {"in": ["portal"]}}, False),
        ({"opinion.fire": "objects"}, True),
        ({"opinion.police": {"exists": "false"}}, True),
        ({"all": [{"breed": "Bullterrier"}, {"weight": {"over": "25"}}]}, False),
        ({"any": [{"breed": "Dackel"}, {"weight": {"over": "10"}}]}, True),
        ({"not": {"breed": "Dackel"}}, True),
        ({"breed": "Bullterrier", "weight": {"over": "10", "under": "15"}}, False),
    ],
)
def test_conditions_hold_as_written(content: object, expected: bool) -> None:
    assert holds(content) is expected


@pytest.mark.parametrize("operator", ["over", "under", "equals"])
def test_a_missing_value_fails_every_comparison(operator: str) -> None:
    assert holds({"weight": {operator: "1"}}, Facts({"breed": "x"})) is False
    assert holds({"home.postcode": {"prefix": "5"}}, Facts({"breed": "x", "home": None})) is False
    assert holds({"home.postcode": {"exists": "false"}}, Facts({"breed": "x"})) is True


@pytest.mark.parametrize("subject", ["tags", "people", "people.age"])
def test_an_empty_list_is_no_answer(subject: str) -> None:
    forms: list[dict[str, Any]] = [{"tags": [], "people": []}, {"tags": None, "people": None}, {}]
    for form in forms:
        assert holds({subject: {"exists": "false"}}, Facts(form)) is True
        assert holds({subject: {"exists": "true"}}, Facts(form)) is False
        assert holds({"not": {subject: {"exists": "true"}}}, Facts(form)) is True


@pytest.mark.parametrize(
    ("content", "place"),
    [
        ({"bread": "x"}, "when.bread"),
        ({"breed": {"like": "x"}}, "when.breed"),
        ({"breed": {"over": "5"}}, "when.breed.over"),
        ({"kind": {"mentions": ["a"]}}, "when.kind.mentions"),
        ({"breed": {"mentions": "Bull"}}, "when.breed.mentions"),
        ({"breed": {"in": ["(-)"]}}, "when.breed.in"),
        ({"since": {"season": ["02-29", "03-01"]}}, "when.since.season"),
        ({"since": {"season": ["W01-1", "03-01"]}}, "when.since.season"),
        ({"since": {"season": ["03-01"]}}, "when.since.season"),
        ({"weight": {"season": ["03-01", "04-01"]}}, "when.weight.season"),
        ({"land": "NRW"}, "when.land.equals"),
        ({"weight": {"over": "heavy"}}, "when.weight.over"),
        ({"kind": "c"}, "when.kind.equals"),
        ({"since": {"under": "1.1.2026"}}, "when.since.under"),
        ({"weight": {"between": ["30", "20"]}}, "when.weight.between"),
        ({"home": "Markt"}, "when.home.equals"),
        ({"all": []}, "when.all"),
        ({"any": [{"breed": "x"}, {"bread": "x"}]}, "when.any.1.bread"),
        ({}, "when"),
        ("breed", "when"),
        ({"weight": {"exists": "maybe"}}, "when.weight.exists"),
        ({"weight": {"prefix": "1"}}, "when.weight.prefix"),
        ({"opinion.fire": "perhaps"}, "when.opinion.fire.equals"),
    ],
)
def test_a_wrong_condition_is_named_with_its_place(content: object, place: str) -> None:
    problems: list[Problem] = []
    parse_condition(content, FORM, "when", problems)
    assert [problem.where for problem in problems] == [place]
    assert problems[0].text
    assert problems[0].text_en


def test_all_problems_of_a_condition_are_reported_together() -> None:
    problems: list[Problem] = []
    parse_condition({"all": [{"bread": "x"}, {"weight": {"over": "y"}}]}, FORM, "when", problems)
    assert len(problems) == 2


def test_a_verdict_says_which_part_failed_without_the_applicants_values() -> None:
    condition = parse_condition({"any": [{"breed": {"in": ["Dackel"]}}, {"weight": {"over": "25"}}]}, FORM, "when", [])
    verdict = judge(condition, CASE)
    assert not verdict.holds
    assert [part.text for part in verdict.parts] == ["breed in Dackel", "weight over 25"]
    assert "Bullterrier" not in str(verdict)


def test_brackets_keep_the_meaning() -> None:
    content: Any = {"all": [{"breed": "x"}, {"any": [{"kind": "a"}, {"kind": "b"}]}]}
    assert describe(parse_condition(content, FORM, "when", [])) == "breed equals x and (kind equals a or kind equals b)"


def test_a_season_is_described_as_it_is_written() -> None:
    content = {"since": {"season": ["03-01", "09-30"]}}
    assert describe(parse_condition(content, FORM, "when", [])) == "since season 03-01, 09-30"
