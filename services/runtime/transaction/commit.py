"""Commit: one group becomes visible, whole, or not at all."""

import asyncio
from collections.abc import Iterator
from time import monotonic

from services.runtime.transaction.group import Group
from services.runtime.transaction.membership import Membership
from services.runtime.transaction.observer import Committed
from services.runtime.transaction.presence import require_topics
from services.runtime.transaction.producer import GenerationFenced
from services.runtime.transaction.tools import Tools

Bases = dict[tuple[str, int], list[int]]
"""The offset of the first record of each batch, by destination."""


async def commit(group: Group, membership: Membership, tools: Tools) -> None:
    """Writes ``group`` in one transaction, and tells the processor where its states stand.

    Raises GenerationFenced, with the transaction aborted, when the partitions belong to somebody else by now.
    """
    started = monotonic()
    producer = tools.producer
    tools.limiter.check(group.records_in, group.messages_out[tools.topics.dead_letters], group)
    await require_topics(producer.client, {topic for topic, _ in group.destinations})
    await producer.begin_transaction()
    bases = await _deliver(group, tools)
    try:
        # Not beside the records: the broker refuses to verify one transaction twice at a time, for 100 ms.
        await producer.send_offsets_to_transaction(group.offsets, membership)
    except GenerationFenced:
        await producer.abort_transaction()
        raise
    await producer.commit_transaction()
    for partition, states, end in _state_offsets(group, bases, tools.topics.state):
        tools.ledger.ends_at(partition, end)
        tools.processor.written(partition, states)
    _report(group, started, tools)


async def _deliver(group: Group, tools: Tools) -> Bases:
    """Sends all batches and waits for every acknowledgement."""
    waiting = []
    for round_ in range(max((len(d.builders) for _, d in group.batches()), default=0)):
        # One batch per partition and round: the next one of a partition waits until this one is on its way.
        for (topic, partition), destination in group.batches():
            if round_ < len(destination.builders):
                builder = destination.builders[round_]
                future = await tools.producer.send_batch(builder, topic, partition=partition)
                waiting.append(((topic, partition), future))
    acknowledged = await asyncio.gather(*(future for _, future in waiting))
    bases: Bases = {}
    for (place, _), metadata in zip(waiting, acknowledged, strict=True):
        bases.setdefault(place, []).append(metadata.offset)
    return bases


def _state_offsets(
    group: Group, bases: Bases, state_topic: str | None
) -> Iterator[tuple[int, list[tuple[bytes, int]], int]]:
    """(partition, its states with their offsets, where the topic ends with our marker behind the last record)."""
    for (topic, partition), destination in group.batches():
        if topic == state_topic and destination.states:
            base = bases[topic, partition]
            states = [(key, base[builder] + index) for _, builder, index, key in destination.states]
            yield partition, states, base[-1] + destination.builders[-1].record_count() + 1


def _report(group: Group, started: float, tools: Tools) -> None:
    now = monotonic()
    since = started if group.arrived is None else group.arrived
    tools.progressed()
    tools.observer.committed(Committed(group.records_in, group.messages_out, now - since, now - started, group.account))
