"""Transport: Faust's consumer for a transactional stage.

Faust's own consumer delivers record by record from a second thread and commits offsets by itself. This one
delivers one event per partition and fetch, lives in the app's own event loop (a second thread costs a hand-over of
the interpreter lock per fetch), reads committed records only, and commits nothing: offsets travel in transactions.
"""

from collections.abc import Awaitable, Iterable, Mapping
from typing import Any

import aiokafka
import aiokafka.abc
import structlog
from aiokafka.consumer.group_coordinator import GroupCoordinator
from aiokafka.coordinator.assignors.roundrobin import RoundRobinPartitionAssignor
from aiokafka.errors import ConsumerStoppedError
from aiokafka.structs import OffsetAndMetadata, TopicPartition
from faust.transport import consumer as faust_consumer
from faust.transport.drivers import aiokafka as driver
from faust.types import TP, ConsumerMessage

from services.runtime.transaction.batch import Batch
from services.runtime.transaction.fetching import Fetching
from services.runtime.transaction.membership import Membership
from services.runtime.transaction.offsets import LeaveGroup
from services.runtime.transaction.stable_offsets import Hidden, UnstableOffsets, fetch_stable_offsets
from services.runtime.transaction.wiring import Wiring

_log = structlog.get_logger(__name__)


class Transport(driver.Transport):
    """Faust's aiokafka transport with our consumer."""

    def __init__(self, app: Any, wiring: Wiring) -> None:
        super().__init__(app.conf.broker_consumer, app)
        self._wiring = wiring

    def create_consumer(self, callback: Any, **kwargs: Any) -> Any:
        """Called by Faust when the app starts."""
        return Consumer(self, self._wiring, callback=callback, loop=self.loop, **kwargs)


class _RebalanceListener(aiokafka.abc.ConsumerRebalanceListener):
    """aiokafka only logs what a listener raises; here it ends the process."""

    def __init__(self, consumer: "Consumer") -> None:
        self._consumer = consumer

    def on_partitions_revoked(self, revoked: Iterable[Any]) -> Awaitable[None]:
        self._consumer.app.on_rebalance_start()
        return self._consumer.give_back(faust_consumer.ensure_TPset(revoked))

    async def on_partitions_assigned(self, assigned: Iterable[Any]) -> None:
        await self._consumer.take_over(faust_consumer.ensure_TPset(assigned))


class Consumer(faust_consumer.Consumer):
    """One event per partition and fetch, in the app's loop, without commits of its own."""

    consumer_stopped_errors = (ConsumerStoppedError,)

    def __init__(self, transport: Transport, wiring: Wiring, **kwargs: Any) -> None:
        super().__init__(transport, **kwargs)
        self._wiring = wiring
        self._client: Any = None
        self._fetching: Fetching

    # -- life

    async def on_start(self) -> None:
        """Connects; the group is joined when Faust subscribes."""
        wiring = self._wiring
        self._client = aiokafka.AIOKafkaConsumer(
            **wiring.client,
            group_id=wiring.group,
            group_instance_id=wiring.instance_id,
            partition_assignment_strategy=[RoundRobinPartitionAssignor],
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            isolation_level="read_committed",
            session_timeout_ms=int(wiring.session_timeout * 1000),
            heartbeat_interval_ms=int(wiring.heartbeat * 1000),
            rebalance_timeout_ms=int(wiring.rebalance_timeout * 1000),
            max_poll_interval_ms=24 * 3600 * 1000,  # the watchdog decides what is stuck, and sooner
            max_poll_records=wiring.max_records,
            max_partition_fetch_bytes=4 << 20,
            fetch_max_wait_ms=250,
            consumer_timeout_ms=1000,
            retry_backoff_ms=50,
        )
        await self._client.start()
        self._fetching = Fetching(self._client, wiring, lambda: self.flow_active, self._hand_over)
        coordinator: GroupCoordinator = self._client._coordinator
        hidden = Hidden(wiring.group)

        async def fetch(partitions: Iterable[TopicPartition]) -> dict[TopicPartition, OffsetAndMetadata]:
            try:
                found = await fetch_stable_offsets(coordinator, partitions)
            except UnstableOffsets:
                hidden.still()
                raise
            hidden.over()
            return found

        coordinator._do_fetch_commit_offsets = fetch

    async def on_stop(self) -> None:
        """Closes the connection; the transactions are over by now."""
        if self._client is not None:
            await self._client.stop()

    def close(self) -> None:
        """Faust calls it when a rebalance meets a stopping app."""

    # -- rebalance

    async def give_back(self, revoked: set[TP]) -> None:
        """Ends the last transaction first, while the membership still holds."""
        try:
            await self._wiring.assignee.revoked()
            await self.on_partitions_revoked(revoked)
        except Exception as error:  # noqa: BLE001 - aiokafka would log it and go on
            self._wiring.assignee.crashed(error)

    async def take_over(self, assigned: set[TP]) -> None:
        """Binds the membership before Faust seeks to the committed offsets."""
        try:
            coordinator = self._client._coordinator
            self.app.consumer_generation_id = coordinator.generation
            self._fetching.begin()
            await self._wiring.assignee.assigned(self.membership(), frozenset(tp.partition for tp in assigned))
            await self.on_partitions_assigned(assigned, coordinator.generation)
        except Exception as error:  # noqa: BLE001
            self._wiring.assignee.crashed(error)

    def membership(self) -> Membership:
        """Who this worker is at this moment."""
        coordinator = self._client._coordinator
        return Membership(self._wiring.group, coordinator.generation, coordinator.member_id, self._wiring.instance_id)

    @property
    def connected(self) -> bool:
        """Whether the group's coordinator answers, as the last heartbeat saw it."""
        return self._client is not None and self._client._coordinator.coordinator_id is not None

    def rejoin(self, fenced: Membership) -> None:
        """Asks for a new generation, unless aiokafka has noticed by itself that the old one is over."""
        coordinator = self._client._coordinator
        if (coordinator.generation, coordinator.member_id) == (fenced.generation, fenced.member_id):
            coordinator.reset_generation()

    async def leave(self) -> None:
        """Gives the partitions back at once; a static member would otherwise keep them for a session timeout."""
        coordinator = self._client._coordinator
        await coordinator._stop_heartbeat_task()  # it would find itself unknown, and rejoin
        if coordinator.generation > 0 and coordinator.coordinator_id is not None:
            await coordinator._send_req(LeaveGroup(self.membership()))

    # -- fetching

    async def _drain_messages(self, fetcher: Any) -> None:
        """Runs while the app runs; Faust starts it after each rebalance that needs it."""
        try:
            positioned = -1
            while not (self.should_stop or fetcher.should_stop):
                if not self.flow_active:
                    await self.wait(self.can_resume_flow)  # type: ignore[arg-type]  # mode means its own Event, and takes any
                    continue
                assignment, wanted = self._wiring.assignee.wanted()
                if assignment != positioned:
                    positioned = await self._fetching.report_positions(assignment)
                    continue
                await self._fetching.once(assignment, wanted)
        except ConsumerStoppedError:
            return
        except Exception as error:  # noqa: BLE001 - Faust would restart the fetcher and hide it
            self._wiring.assignee.crashed(error)

    async def _hand_over(self, tp: TopicPartition, records: list[Any], assignment: int, batch: Batch) -> None:
        event = ConsumerMessage(
            tp.topic,
            tp.partition,
            records[-1].offset,
            records[-1].timestamp / 1000,
            records[-1].timestamp_type,
            [],
            None,
            (assignment, batch),  # type: ignore[arg-type]  # raw values pass through Faust as they are
            None,
            0,
            0,
            TP(tp.topic, tp.partition),
            generation_id=self.app.consumer_generation_id,
        )
        await self.callback(event)

    def handed_out(self, assignment: int) -> int:
        """See Fetching."""
        return self._fetching.handed_out(assignment)

    def unread(self, partition: int) -> int | None:
        """See Fetching."""
        return self._fetching.unread(partition)

    # -- commits: none of our own

    async def commit(self, topics: Any = None, start_new_transaction: bool = True) -> bool:  # noqa: ARG002
        """Offsets are committed by the trunk."""
        return False

    async def wait_empty(self) -> None:
        """The trunk has finished before Faust asks."""

    async def _commit(self, offsets: Mapping[TP, int]) -> bool:  # noqa: ARG002
        return True

    # -- what Faust's base class leaves to the driver

    async def subscribe(self, topics: Iterable[str]) -> None:
        """Joins the group."""
        self._client.subscribe(topics=list(topics), listener=_RebalanceListener(self))

    async def perform_seek(self) -> None:
        """Nothing: each assignment of aiokafka begins at the stable committed offsets by itself.

        Faust would seek once more, and after a second rebalance with the offsets of the first.
        """

    async def seek_to_committed(self) -> Mapping[TP, int]:
        """Unused, see perform_seek."""
        return {}

    async def _seek(self, partition: TP, offset: int) -> None:
        self._client.seek(TopicPartition(*partition), offset)

    async def position(self, tp: TP) -> int | None:
        """The next offset to fetch."""
        found: int | None = await self._client.position(TopicPartition(*tp))
        return found

    def assignment(self) -> set[TP]:
        """The partitions of the current generation."""
        return set() if self._client is None else faust_consumer.ensure_TPset(self._client.assignment())

    def highwater(self, tp: TP) -> int:
        """The end of the log as the last fetch saw it."""
        return int(self._client.highwater(TopicPartition(*tp)) or 0)

    async def seek_wait(self, partitions: Mapping[TP, int]) -> None:
        """Moves the positions; Faust itself only does so for tables."""
        for tp, offset in partitions.items():
            await self._seek(tp, offset)

    async def earliest_offsets(self, *partitions: TP) -> Mapping[TP, int]:
        """The beginnings of the logs."""
        found = await self._client.beginning_offsets([TopicPartition(*tp) for tp in partitions])
        return {TP(tp.topic, tp.partition): offset for tp, offset in found.items()}

    async def highwaters(self, *partitions: TP) -> Mapping[TP, int]:
        """The last stable offsets."""
        found = await self._client.end_offsets([TopicPartition(*tp) for tp in partitions])
        return {TP(tp.topic, tp.partition): offset for tp, offset in found.items()}

    def topic_partitions(self, topic: str) -> int | None:
        """How many partitions a topic has, if known."""
        return len(self._client.partitions_for_topic(topic) or ()) or None

    def key_partition(self, topic: str, key: bytes | None, partition: int | None = None) -> int | None:  # noqa: ARG002
        """Faust sends nothing here: the partitioner is schemas.message.partition_for."""
        return partition

    async def create_topic(self, topic: str, *args: Any, **kwargs: Any) -> None:
        """Topics are created by the administration, never by a worker."""

    def _new_topicpartition(self, topic: str, partition: int) -> TP:
        return TP(topic, partition)

    async def _getmany(self, active_partitions: Any, timeout: float) -> Any:  # noqa: ASYNC109 - Faust's signature
        raise NotImplementedError("batches come from _drain_messages")

    def _to_message(self, tp: TP, record: Any) -> Any:
        raise NotImplementedError("batches come from _drain_messages")
