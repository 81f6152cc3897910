"""Stable offsets: where to begin, once no transaction of an earlier owner is undecided."""

from collections.abc import Iterable

from aiokafka.consumer.group_coordinator import GroupCoordinator
from aiokafka.errors import KafkaError, for_code
from aiokafka.structs import OffsetAndMetadata, TopicPartition

from services.runtime.transaction.offsets import StableOffsetFetch

COORDINATOR_NOT_AVAILABLE, NOT_COORDINATOR, UNSTABLE_OFFSET_COMMIT = 15, 16, 88


class UnstableOffsets(KafkaError):
    """A transaction still holds new offsets of these partitions; aiokafka asks again after its back-off."""

    retriable = True


async def fetch_stable_offsets(
    coordinator: GroupCoordinator, partitions: Iterable[TopicPartition]
) -> dict[TopicPartition, OffsetAndMetadata]:
    """Stands in for GroupCoordinator._do_fetch_commit_offsets."""
    response = await coordinator._send_req(StableOffsetFetch(coordinator.group_id, partitions))
    codes = {response.error_code} | {part[4] for _, parts, _ in response.topics for part in parts}
    if UNSTABLE_OFFSET_COMMIT in codes:
        raise UnstableOffsets
    for code in codes - {0}:
        error = for_code(code)
        if code in (
            COORDINATOR_NOT_AVAILABLE,
            NOT_COORDINATOR,
        ):  # the coordinator moved: aiokafka looks for it when it is told so
            coordinator.coordinator_dead()
        raise error(coordinator.group_id)
    return {
        TopicPartition(topic, partition): OffsetAndMetadata(offset, metadata)
        for topic, parts, _ in response.topics
        for partition, offset, _, metadata, _, _ in parts
        if offset >= 0
    }
