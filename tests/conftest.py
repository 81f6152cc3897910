"""Fixtures that every kind of test may ask for; none of them costs anything to a test that does not."""

from tests.support.kafka import kafka, make_topic, own_kafka

__all__ = ["kafka", "make_topic", "own_kafka"]
