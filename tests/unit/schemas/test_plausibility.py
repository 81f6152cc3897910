from typing import Any

import pytest
from pydantic import TypeAdapter

from schemas.errors import Reason, Rejected
from schemas.fields import Form
from schemas.form import FormValidator
from schemas.plausibility import Implausible, judge_of, problems_of

FORM: Form = TypeAdapter(Form).validate_python(
    {
        "commercial": {"type": "boolean"},
        "purpose": {"type": "text", "optional": True},
        "child": {"type": "group", "fields": {"name": {"type": "text", "optional": True}}},
    }
)
PURPOSE = {"commercial": "true", "purpose": {"exists": "false"}}


def refuse(field: str, when: dict[str, Any]) -> Implausible:
    return Implausible.model_validate({"field": field, "when": when, "because": {"de": "Geht nicht.", "en": "no"}})


def refused(answers: dict[str, Any], *entries: Implausible) -> dict[str, str]:
    with pytest.raises(Rejected) as caught:
        FormValidator("test", FORM, judge_of(entries, FORM)).validate(answers)
    assert caught.value.reason is Reason.INVALID
    return {problem.where: problem.text for problem in caught.value.problems}


def test_a_field_is_needed_when_another_says_so() -> None:
    entry = refuse("purpose", PURPOSE)
    assert refused({"commercial": True, "child": {}}, entry) == {"form.purpose": "Geht nicht."}
    for answers in ({"commercial": False, "child": {}}, {"commercial": True, "purpose": "Inkasso", "child": {}}):
        assert FormValidator("test", FORM, judge_of([entry], FORM)).validate(answers) == answers


def test_all_that_is_implausible_is_reported_at_once() -> None:
    entries = [refuse("purpose", PURPOSE), refuse("child.name", {"child.name": {"exists": "false"}})]
    assert set(refused({"commercial": True, "child": {}}, *entries)) == {"form.purpose", "form.child.name"}


def test_a_form_that_is_wrong_anyway_is_not_looked_at_further() -> None:
    assert set(refused({"commercial": "perhaps", "child": {}}, refuse("purpose", PURPOSE))) == {"form.commercial"}


@pytest.mark.parametrize(
    ("field", "when", "place"),
    [
        ("aim", PURPOSE, "refuse.0.field"),
        ("purpose", {"commercial": "perhaps"}, "refuse.0.when.commercial.equals"),
        ("purpose", {"municipality": "dueren"}, "refuse.0.when"),
        ("purpose", {"land": "NW"}, "refuse.0.when"),
        ("purpose", {"opinion.fire": "objects"}, "refuse.0.when"),
    ],
)
def test_what_cannot_be_judged_from_the_form_is_named(field: str, when: dict[str, Any], place: str) -> None:
    assert [problem.where for problem in problems_of([refuse(field, when)], FORM)] == [place]
