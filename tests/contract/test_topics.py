"""Every topic of the catalogue, present or future."""

from pathlib import Path

import pytest

from schemas.kochbuch import read_kochbuch
from schemas.topics import DEPARTMENTS, Topic, catalogue, topics_for
from services.runtime.publisher import PublisherLimits
from services.runtime.source import MAX_MESSAGE_BYTES

TOPICS = catalogue()
ACTORS = {"intake", "importer", "router", "delivery", "inbox", "console", "laufzettel"}


@pytest.mark.parametrize("name", TOPICS)
def test_a_topic_says_what_it_is_for_and_who_uses_it(name: str) -> None:
    topic = TOPICS[name]
    assert topic.doc
    assert topic.carries
    assert topic.writers
    assert {reader.split(",")[0] for reader in (*topic.writers, *topic.readers)} <= ACTORS | {
        "any Confluent client through the console"
    }


@pytest.mark.parametrize("name", TOPICS)
def test_an_output_always_fits_where_its_input_came_from(name: str) -> None:
    smallest_output = min(TOPICS[output].max_bytes for output in (DEPARTMENTS, "router-state", "dead-letters"))
    assert TOPICS["case-requests"].max_bytes * 2 <= smallest_output
    assert TOPICS[name].max_bytes <= TOPICS["router-state"].max_bytes


@pytest.mark.parametrize("name", TOPICS)
def test_every_topic_takes_the_largest_batch_that_is_sent(name: str) -> None:
    """Kafka measures the batch, not the record, and a batch that it refuses ends the process."""
    limits = PublisherLimits()
    assert TOPICS[name].max_bytes > max(limits.batch_bytes, limits.message_bytes, MAX_MESSAGE_BYTES)


def test_only_compacted_topics_are_kept_for_ever() -> None:
    for topic in TOPICS.values():
        assert topic.compacted or topic.kept is not None


@pytest.mark.parametrize(
    ("topic", "policy"),
    [("case-requests", "delete"), ("router-state", "compact"), ("submission-keys", "compact,delete")],
)
def test_the_brokers_settings_follow(topic: str, policy: str) -> None:
    assert TOPICS[topic].config()["cleanup.policy"] == policy


def test_what_every_start_reads_whole_is_compacted_soon_and_holds_its_largest_record() -> None:
    small = {name: topic for name, topic in TOPICS.items() if "segment.bytes" in topic.config()}
    assert set(small) == {"dead-letter-outcomes", "schemas", "source-positions"}
    assert all(topic.max_bytes <= int(topic.config()["segment.bytes"]) <= 8 << 20 for topic in small.values())


def test_case_topics_share_one_partition_count() -> None:
    case_topics: list[Topic] = [topic for topic in TOPICS.values() if topic.key == "case id"]
    assert {topic.count(7) for topic in case_topics} == {7}


def test_every_department_of_every_municipality_has_a_topic() -> None:
    book = read_kochbuch()
    names = topics_for(book.municipalities.values())
    for town in book.municipalities.values():
        assert {f"department.{town.municipality}.{name}" for name in town.departments} <= names.keys()
    assert DEPARTMENTS not in names


def test_every_topic_named_in_the_code_is_in_the_catalogue() -> None:
    source = (Path(__file__).parents[2] / "schemas" / "topics.py").read_text(encoding="utf-8")
    for name in TOPICS:
        assert f'"{name}"' in source
