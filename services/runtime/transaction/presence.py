"""Presence: a stage's topics must exist, and be alike, before anything is written to them."""

import asyncio
from collections.abc import Collection, Iterable, Iterator

from aiokafka.client import AIOKafkaClient

from schemas.errors import Misconfigured, Problem, raise_if_any

LOOKS = 5
PAUSE = 0.2
"""A topic that was created just now is not known everywhere at once."""


async def require_topics(client: AIOKafkaClient, topics: Collection[str]) -> None:
    """Raises Misconfigured with every topic that does not exist; waits while the cluster does not answer."""
    looks = 0
    while missing := [topic for topic in topics if not client.cluster.partitions_for_topic(topic)]:
        if looks >= LOOKS:
            raise Misconfigured(*map(_missing, missing))
        for topic in missing:
            client.add_topic(topic)
        answered = await client.force_metadata_update()
        looks += bool(answered)
        await asyncio.sleep(0 if looks == 1 else PAUSE)


def require_alike(client: AIOKafkaClient, topic: str, others: Iterable[str]) -> None:
    """Raises Misconfigured unless ``others`` have as many partitions as ``topic``: what follows stays in place."""
    raise_if_any(_differences(client, topic, others))


def _differences(client: AIOKafkaClient, topic: str, others: Iterable[str]) -> Iterator[Problem]:
    count = len(client.cluster.partitions_for_topic(topic))
    for other in others:
        if (found := len(client.cluster.partitions_for_topic(other))) != count:
            text = f"hat {found} Partitionen, {topic} aber {count}; es müssen gleich viele sein."
            text_en = f"has {found} partitions, {topic} has {count}; they must have equally many."
            yield Problem(other, text, text_en)


def _missing(topic: str) -> Problem:
    text = "Dieses Topic gibt es nicht. Abhilfe: laufzettel topics apply"
    return Problem(topic, text, "This topic does not exist. Remedy: laufzettel topics apply")
