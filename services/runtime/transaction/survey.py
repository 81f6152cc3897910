"""Survey: what waits behind a group's committed offsets, read by a client that is no member of the group.

A consumer whose flow has stopped reports that nothing is left to read; only somebody else can tell.
"""

from collections.abc import Collection, Mapping
from functools import partial
from typing import Any

from aiokafka import AIOKafkaConsumer
from aiokafka.structs import TopicPartition

from services.runtime.log_reader import stored
from services.runtime.transaction.lag import received_us
from services.runtime.transaction.stable_offsets import fetch_stable_offsets
from services.runtime.transaction.waiting import Waiting

_POLL_MS = 50


async def survey(
    client: Mapping[str, Any], group: str, topic: str, partitions: Collection[int] | None
) -> dict[int, Waiting]:
    """The first record that waits in each of ``partitions``, or in all of the topic's.

    Records, not offsets: the marker of a transaction waits for nobody. Ends only with an answer, or a KafkaError: where
    an open transaction hides the committed offsets, nobody can tell what waits, and no worker can mend it.
    """
    consumer = AIOKafkaConsumer(
        **client,
        group_id=group,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        isolation_level="read_committed",
        fetch_max_wait_ms=_POLL_MS,
    )
    await consumer.start()
    coordinator = consumer._coordinator
    coordinator._do_fetch_commit_offsets = partial(fetch_stable_offsets, coordinator)
    try:
        if partitions is None:
            await consumer._client.add_topic(topic)
            partitions = consumer.partitions_for_topic(topic) or set()
        return await _first_of(consumer, [TopicPartition(topic, partition) for partition in partitions])
    finally:
        await consumer.stop()


async def _first_of(consumer: Any, places: list[TopicPartition]) -> dict[int, Waiting]:
    if not places:
        return {}
    consumer.assign(places)  # without joining: reading begins at what the group has committed
    starts = {place: await consumer.position(place) for place in places}
    ends = await consumer.end_offsets(places)
    found: dict[int, Waiting] = {}
    pending = {place for place in places if starts[place] < ends[place]}
    while pending:
        for place, records in (await consumer.getmany(*pending, timeout_ms=_POLL_MS)).items():
            pending.discard(place)
            if records[0].offset < ends[place]:
                since = received_us(stored(records[0]))
                found[place.partition] = Waiting(starts[place], records[0].offset, ends[place], since)
        pending -= {place for place in pending if await consumer.position(place) >= ends[place]}
    return found
