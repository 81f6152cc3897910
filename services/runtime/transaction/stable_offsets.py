"""Stable offsets: where to begin, once no transaction of an earlier owner is undecided."""

from collections.abc import Callable, Iterable
from time import monotonic

import structlog
from aiokafka.consumer.group_coordinator import GroupCoordinator
from aiokafka.errors import KafkaError, for_code
from aiokafka.structs import OffsetAndMetadata, TopicPartition

from services.runtime.transaction.offsets import StableOffsetFetch

_log = structlog.get_logger(__name__)

HIDDEN = 30.0
COORDINATOR_NOT_AVAILABLE, NOT_COORDINATOR, UNSTABLE_OFFSET_COMMIT = 15, 16, 88


class UnstableOffsets(KafkaError):
    """A transaction still holds new offsets of these partitions; aiokafka asks again after its back-off."""

    retriable = True


class Hidden:
    """Says what the worker waits for; for ever, where a broker has lost the end of a transaction."""

    def __init__(self, group: str, now: Callable[[], float] = monotonic) -> None:
        self._group, self._now = group, now
        self._since: float | None = None

    def still(self) -> None:
        """The offsets are hidden: said when it lasts longer than a transaction of ours can, and then again."""
        if self._since is None:
            self._since = self._now()
        elif self._now() - self._since > HIDDEN:
            _log.warning("an open transaction hides the committed offsets", group=self._group, seconds=HIDDEN)
            self._since = None

    def over(self) -> None:
        """The offsets are there."""
        self._since = None


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
