"""The proof of a recipe rests on this: no form behaves in a way that the enumerated kinds of input do not show."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from schemas.check.partition import inputs, size
from schemas.fields import Boolean, Choice, Date, Form, Group, Integer, ListOf, Text
from schemas.rules import OPINIONS, Condition, Facts, compile_condition, parse_condition

FORM: Form = {
    "breed": Text(type="text"),
    "code": Text(type="text", pattern="^[0-9]{3}$"),
    "weight": Integer(type="integer", min=0, max=50, optional=True),
    "born": Date(type="date", optional=True),
    "listed": Boolean(type="boolean"),
    "kind": Choice(type="choice", of=("a", "b", "c")),
    "dog": Group(
        type="group", optional=True, fields={"name": Text(type="text"), "age": Integer(type="integer", optional=True)}
    ),
    "codes": ListOf(type="list", of=Text(type="text")),
    "people": ListOf(
        type="list",
        min=1,
        of=Group(type="group", fields={"age": Integer(type="integer"), "x": Boolean(type="boolean")}),
    ),
}
_TESTS: dict[str, list[dict[str, Any]]] = {
    "breed": [
        {"equals": "Bull"},
        {"in": ["bull", "Dogge"]},
        {"prefix": "B"},
        {"prefix": "bul"},
        {"prefix": "Bul"},
        {"equals": "A-B"},
        {"prefix": "a  b"},
        {"mentions": ["bull", "dack"]},
        {"mentions": ["dog", "ulld"]},
    ],
    "code": [{"equals": "000"}, {"prefix": "1"}],
    "weight": [
        {"over": "20"},
        {"under": "5"},
        {"between": ["10", "20"]},
        {"equals": "50"},
        {"over": "50"},
        {"at_least": "20"},
        {"exists": "true"},
    ],
    "born": [
        {"between": ["2026-03-01", "2026-09-30"]},
        {"season": ["03-01", "09-30"]},
        {"season": ["11-15", "02-28"]},
        {"over": "2025-12-31"},
        {"exists": "false"},
    ],
    "listed": [{"equals": "true"}],
    "kind": [{"in": ["a", "b"]}, {"equals": "c"}],
    "dog": [{"exists": "true"}],
    "dog.name": [{"equals": "Rex"}],
    "dog.age": [{"over": "10"}, {"exists": "false"}],
    "codes": [{"equals": "x"}, {"in": ["x", "y"]}, {"exists": "true"}, {"exists": "false"}],
    "people.age": [{"over": "17"}, {"equals": "3"}],
    "people.x": [{"equals": "true"}],
    "municipality": [{"equals": "dueren"}],
    "land": [{"equals": "NW"}, {"in": ["SH", "ST"]}],
    "channel": [{"in": ["portal", "file"]}],
    "opinion.check": [{"equals": "objects"}, {"exists": "true"}],
}
_LEAVES = [{subject: test} for subject, found in _TESTS.items() for test in found]

_SPELT = ["bULL", "bulldog", "DOGGE", " x", "rex ", "a-b", "A B", "ab", "A\u2013Bc", "Bulldackel", "Fundogge"]
words = st.sampled_from(["Bull", "Bulldog", "B", "Dogge", "Dackel", "Rex", "x", "Y", "z", "Ü", *_SPELT])
numbers = st.integers(-3, 60)
forms = st.fixed_dictionaries(
    {
        "breed": words,
        "code": st.sampled_from(["000", "111", "100", "999", "052"]),
        "listed": st.booleans(),
        "kind": st.sampled_from(["a", "b", "c"]),
        "people": st.lists(st.fixed_dictionaries({"age": numbers, "x": st.booleans()}), min_size=1, max_size=3),
    },
    optional={
        "weight": st.integers(0, 50),
        "born": st.integers(20_000, 22_000),
        "dog": st.fixed_dictionaries({"name": words}, optional={"age": numbers}),
        "codes": st.lists(words, max_size=3),
    },
)
facts = st.builds(
    Facts,
    form=forms,
    municipality=st.sampled_from(["dueren", "halle"]),
    land=st.sampled_from(["NW", "SH", "ST", "BY"]),
    channel=st.sampled_from(["portal", "file", "mail"]),
    opinions=st.dictionaries(st.just("check"), st.sampled_from(OPINIONS), max_size=1),
)
conditions = st.recursive(
    st.sampled_from(_LEAVES),
    lambda parts: (
        st.fixed_dictionaries({"all": st.lists(parts, min_size=1, max_size=3)})
        | st.fixed_dictionaries({"any": st.lists(parts, min_size=1, max_size=3)})
        | st.fixed_dictionaries({"not": parts})
    ),
    max_leaves=3,
)


def parsed(content: object) -> Condition:
    problems: list[Any] = []
    condition = parse_condition(content, FORM, "when", problems)
    assert problems == []
    return condition


@given(st.lists(conditions, min_size=1, max_size=2), st.lists(facts, min_size=1, max_size=30))
def test_every_form_behaves_like_one_of_the_enumerated_kinds(contents: list[object], cases: list[Facts]) -> None:
    compiled = [parsed(content) for content in contents]
    holds = [compile_condition(condition) for condition in compiled]
    kinds = {tuple(test(kind.facts) for test in holds) for kind in inputs(compiled, FORM)}
    assert 0 < len(kinds) <= size(compiled, FORM)
    for case in cases:
        assert tuple(test(case) for test in holds) in kinds


def test_words_that_a_text_of_no_meaning_happens_to_hold_are_told_apart_too() -> None:
    compiled = [parsed({"breed": {"mentions": words}}) for words in (["der", "x"], ["9", "bull"])]
    holds = [compile_condition(condition) for condition in compiled]
    kinds = {tuple(test(kind.facts) for test in holds) for kind in inputs(compiled, FORM)}
    assert kinds == {(first, second) for first in (True, False) for second in (True, False)}


@given(conditions)
def test_every_enumerated_kind_is_a_form_that_can_be(content: object) -> None:
    for kind in inputs([parsed(content)], FORM):
        weight = kind.facts.form.get("weight")
        assert weight is None or 0 <= weight <= 50
        assert kind.facts.form.get("people") != []
        assert kind.describe(FORM, "de")
        assert kind.describe(FORM, "en")
