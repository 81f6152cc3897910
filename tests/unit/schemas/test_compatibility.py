from typing import Any

from schemas.avro import station_schema, submission_schema
from schemas.codec import Schema, schema_of
from schemas.compatibility import check_compatible, family, unreadable
from schemas.fields import Form, Group, Integer, Text, Wording

FORM: Form = {"breed": Text(type="text"), "weight": Integer(type="integer", optional=True)}


def submitted(version: int, form: Form) -> Schema:
    return schema_of(submission_schema("dog", version, form))


def found(published: list[Schema], new: list[Schema]) -> list[str]:
    return [problem.text_en for problem in check_compatible(published, new)]


def test_what_is_published_already_and_what_is_quite_new_is_fine() -> None:
    assert found([submitted(1, FORM)], [submitted(1, FORM), schema_of(submission_schema("cat", 1, FORM))]) == []


def test_a_changed_form_needs_a_new_version() -> None:
    grown = {**FORM, "name": Text(type="text", optional=True)}
    [problem] = check_compatible([submitted(1, FORM)], [submitted(1, grown)])
    assert problem.where == "laufzettel.dog.CaseSubmitted_v1"
    assert "the form has changed but its version has not" in problem.text_en
    assert "kochbuch/earlier" in problem.text
    assert found([submitted(1, FORM)], [submitted(2, grown)]) == []


def test_other_words_are_no_other_form() -> None:
    relabelled = {**FORM, "breed": Text(type="text", label=Wording(de="Rasse", en="Breed"))}
    assert submitted(1, relabelled) != submitted(1, FORM)
    assert found([submitted(1, FORM)], [submitted(1, relabelled)]) == []


def test_a_new_required_field_breaks_the_readers_of_stored_events() -> None:
    [text] = found([submitted(1, FORM)], [submitted(2, {**FORM, "name": Text(type="text")})])
    assert "a reader of laufzettel.dog.CaseSubmitted_v2 no longer understands" in text
    assert "CaseSubmitted_v1" in text
    assert "reader field missing default value: name" in text


def test_another_kind_of_field_breaks_them_too() -> None:
    group = Group(type="group", fields={"name": Text(type="text")})
    assert "type mismatch" in found([submitted(1, FORM)], [submitted(2, {**FORM, "breed": group})])[0]


def test_every_published_version_counts_not_only_the_last() -> None:
    first: Form = {"weight": Integer(type="integer", optional=True)}
    second: Form = {**first, "breed": Text(type="text", optional=True)}
    third: Form = {**first, "breed": Text(type="text")}
    texts = found([submitted(1, first), submitted(2, second)], [submitted(3, third)])
    assert len(texts) == 2
    assert "CaseSubmitted_v1:" in texts[0]


def test_an_earlier_version_that_comes_late_need_not_read_later_ones() -> None:
    later: Form = {**FORM, "name": Text(type="text", optional=True)}
    assert found([submitted(2, later)], [submitted(1, FORM), submitted(2, later)]) == []


def test_versions_that_come_together_are_compared_too() -> None:
    [text] = found([], [submitted(1, FORM), submitted(2, {**FORM, "name": Text(type="text")})])
    assert "CaseSubmitted_v2 no longer understands stored events of laufzettel.dog.CaseSubmitted_v1" in text


def event(*fields: dict[str, Any]) -> Schema:
    kind = {"name": "kind", "type": "string"}
    return schema_of({"type": "record", "name": "Moved", "namespace": "laufzettel.events", "fields": [kind, *fields]})


WAS, IS = event(), event({"name": "why", "type": ["null", "string"], "default": None})


def test_a_former_shape_of_an_event_must_be_kept() -> None:
    for published in ([WAS], [WAS, IS]):
        [problem] = check_compatible(published, [IS], earlier=[])
        assert problem.where == "laufzettel.events.Moved"
        assert f"schemas/events/earlier/Moved.{WAS.id}.avsc" in problem.text_en
        assert f"schemas/events/earlier/Moved.{WAS.id}.avsc" in problem.text
        assert check_compatible(published, [IS], earlier=[WAS]) == []


def test_an_event_that_cannot_be_read_in_its_new_shape_is_refused_though_kept() -> None:
    [problem] = check_compatible([WAS], [event({"name": "why", "type": "string"})], earlier=[WAS])
    assert "no longer understands" in problem.text_en


def test_the_messages_of_stations_are_compared_by_station() -> None:
    was, becomes = (schema_of(station_schema("dog", n, "assess", FORM, ["breed"])) for n in (1, 2))
    other: Any = schema_of(station_schema("dog", 2, "check", {"weight": Integer(type="integer")}, ["weight"]))
    assert found([was], [becomes, other]) == []
    assert family("laufzettel.dog.StationOpened_assess_v12") == family(was.name)


def test_a_checker_keeps_nothing_from_call_to_call() -> None:
    broken = submitted(2, {**FORM, "name": Text(type="text")})
    assert unreadable(broken, submitted(1, FORM)) != ""
    assert unreadable(submitted(1, FORM), submitted(1, FORM)) == ""
    assert unreadable(broken, submitted(1, FORM)) != ""
