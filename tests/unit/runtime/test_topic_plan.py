from dataclasses import replace

import pytest

from schemas.topics import Topic, catalogue
from services.runtime.topic_plan import Creation, Drift, Existing, plan_topics

TOPICS: dict[str, Topic] = {name: catalogue()[name] for name in ("case-requests", "router-state", "schemas")}


@pytest.fixture
def existing() -> dict[str, Existing]:
    return {name: Existing(topic.count(4), {**topic.config(), "flush.ms": "1"}) for name, topic in TOPICS.items()}


def test_a_cluster_that_fits_needs_nothing(existing: dict[str, Existing]) -> None:
    assert plan_topics(TOPICS, existing, 4).is_empty


def test_what_is_missing_is_created_with_its_settings(existing: dict[str, Existing]) -> None:
    del existing["router-state"]
    plan = plan_topics(TOPICS, existing, 4)
    assert plan.create == (Creation("router-state", 4, TOPICS["router-state"].config()),)
    assert not plan.drift


def test_a_setting_that_differs_is_named_with_both_values(existing: dict[str, Existing]) -> None:
    changed = {**existing["case-requests"].config, "retention.ms": "1000"}
    existing["case-requests"] = replace(existing["case-requests"], config=changed)
    desired = TOPICS["case-requests"].config()["retention.ms"]
    assert plan_topics(TOPICS, existing, 4).drift == (Drift("case-requests", "retention.ms", "1000", desired),)


def test_another_number_of_partitions_is_refused_once_for_all_topics(existing: dict[str, Existing]) -> None:
    (problem,) = plan_topics(TOPICS, existing, 8).refused
    assert problem.where == "case-requests, router-state"
    assert "LAUFZETTEL_PARTITIONS=4" in problem.text
    assert "LAUFZETTEL_PARTITIONS=4" in problem.text_en


def test_topics_of_others_are_left_alone(existing: dict[str, Existing]) -> None:
    existing["somebody-elses"] = Existing(1, {})
    assert plan_topics(TOPICS, existing, 4).is_empty
