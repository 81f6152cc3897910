"""One real broker for the whole test session, and topics that nobody shares.

LAUFZETTEL_TEST_KAFKA=host:port uses a broker that runs already; LAUFZETTEL_CACHE_DIR says where the jars are kept.
"""

import os
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from pathlib import Path

import pytest
from kafka import KafkaAdminClient
from kafka.admin import NewTopic

from services.runtime.broker.node import EmbeddedBroker, embedded_broker
from services.runtime.folders import cache_dir

MakeTopic = Callable[..., str]


@pytest.fixture(scope="session")
def kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """``host:port`` of the session's broker."""
    if running := os.environ.get("LAUFZETTEL_TEST_KAFKA"):
        yield running
        return
    with embedded_broker(tmp_path_factory.mktemp("kafka"), cache_dir()) as broker:
        yield broker.bootstrap


@pytest.fixture
def own_kafka(tmp_path: Path) -> Iterator[EmbeddedBroker]:
    """A started broker of this test alone, to be killed and started again."""
    with embedded_broker(tmp_path / "own-kafka", cache_dir()) as broker:
        yield broker


@pytest.fixture
def make_topic(kafka: str) -> MakeTopic:
    """Creates a topic whose name begins as asked and is like no other: ``make_topic("orders", partitions=4)``."""

    def make(prefix: str = "topic", *, partitions: int = 4, config: Mapping[str, str] | None = None) -> str:
        name = f"{prefix}.{uuid.uuid4().hex[:12]}"
        create_topic(kafka, name, partitions=partitions, config=config)
        return name

    return make


def create_topic(bootstrap: str, name: str, *, partitions: int = 4, config: Mapping[str, str] | None = None) -> None:
    """Returns when the topic can be written to."""
    topic = NewTopic(name, num_partitions=partitions, replication_factor=1, topic_configs=dict(config or {}))
    with closing(KafkaAdminClient(bootstrap_servers=bootstrap)) as admin:
        admin.create_topics([topic])
        admin.wait_for_topics([name])
