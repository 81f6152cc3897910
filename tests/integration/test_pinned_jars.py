"""jars.txt against what Kafka declares to need; the repository's descriptions are kept beside the jars."""

import pytest
from jgo.maven import MavenContext

from services.runtime.broker.jars import pinned
from services.runtime.folders import cache_dir

KAFKA = "org.apache.kafka:kafka_2.13:4.3.1"
ONLY_COMPILERS_NEED = {"org.scala-lang:scala-reflect"}
KAFKA_LEAVES_TO_US = {"org.apache.logging.log4j:log4j-slf4j-impl"}


@pytest.mark.kafka
def test_what_is_pinned_is_what_kafka_needs_and_a_log() -> None:
    context = MavenContext(repo_cache=cache_dir() / "descriptions", timeout=30)
    kafka, others = context.resolver.resolve([context.create_dependency(KAFKA)])
    needed = {f"{found.groupId}:{found.artifactId}": found.version for found in [*kafka, *others]}
    ours = {f"{jar.group}:{jar.artifact}": jar.version for jar in pinned()}
    assert ours.keys() - needed.keys() == KAFKA_LEAVES_TO_US
    assert needed.keys() - ours.keys() == ONLY_COMPILERS_NEED
    assert {name: ours[name] for name in ours.keys() & needed.keys()} == {
        name: needed[name] for name in ours.keys() & needed.keys()
    }
    assert ours["org.apache.logging.log4j:log4j-slf4j-impl"] == ours["org.apache.logging.log4j:log4j-core"]
