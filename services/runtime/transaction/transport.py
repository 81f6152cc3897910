"""Transport: Faust's consumer for a transactional stage.

Faust's own consumer delivers record by record from a second thread and commits offsets by itself. This one
delivers one event per partition and fetch, lives in the app's own event loop (a second thread costs a hand-over of
the interpreter lock per fetch), reads committed records only, and commits nothing: offsets travel in transactions.
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Iterable, Mapping
from time import monotonic
from typing import Any

import aiokafka
import aiokafka.abc
import structlog
from aiokafka.consumer.group_coordinator import GroupCoordinator
from aiokafka.coordinator.assignors.roundrobin import RoundRobinPartitionAssignor
from aiokafka.errors import ConsumerStoppedError, IllegalStateError, KafkaError
from aiokafka.structs import OffsetAndMetadata, TopicPartition
from faust.transport import consumer as faust_consumer
from faust.transport.drivers import aiokafka as driver
from faust.types import TP, ConsumerMessage

from services.runtime.log_reader import stored
from services.runtime.transaction.batch import Batch
from services.runtime.transaction.membership import Membership
from services.runtime.transaction.offsets import LeaveGroup
from services.runtime.transaction.stable_offsets import Hidden, UnstableOffsets, fetch_stable_offsets
from services.runtime.transaction.wiring import Wiring

_log = structlog.get_logger(__name__)

BLOCKED_POLL = 0.02
"""Seconds between looks while a partition is not wanted: its records wait, so it must not hold up the others."""
IDLE_POLL = 0.1
FETCH_PAUSE = 0.003
"""Seconds between two fetches that bring little: each costs as much as twenty records."""
LITTLE = 100


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
        self._handed_out: Counter[tuple[int, int]] = Counter()

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
            self._handed_out.clear()
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
                    positioned = await self._report_positions(assignment)
                    continue
                await self._drain_once(assignment, wanted)
        except ConsumerStoppedError:
            return
        except Exception as error:  # noqa: BLE001 - Faust would restart the fetcher and hide it
            self._wiring.assignee.crashed(error)

    async def _report_positions(self, assignment: int) -> int:
        try:
            positions = {tp.partition: await self._client.position(tp) for tp in self._client.assignment()}
        except IllegalStateError:  # revoked meanwhile
            return -1
        if self.flow_active and self._wiring.assignee.wanted()[0] == assignment:
            self._wiring.assignee.positioned(positions)
            return assignment
        return -1

    async def _drain_once(self, assignment: int, wanted: set[int]) -> None:
        assigned = self._client.assignment()
        tps = [tp for tp in assigned if tp.partition in wanted]
        timeout = IDLE_POLL if len(tps) == len(assigned) else BLOCKED_POLL
        if not tps:
            await asyncio.sleep(BLOCKED_POLL)
            return
        found = await self._client.getmany(*tps, timeout_ms=int(timeout * 1000))
        arrived = monotonic()
        if self._is_over(assignment):
            self._put_back(found)
            return
        for tp, records in found.items():
            if self._is_over(assignment):
                return  # what is left belonged to the old assignment: whoever owns it now reads it again
            self._handed_out[assignment, tp.partition] += 1
            await self.callback(self._event(assignment, tp, records, arrived))
        if 0 < sum(map(len, found.values())) < LITTLE:
            await asyncio.sleep(FETCH_PAUSE)

    def _is_over(self, assignment: int) -> bool:
        return not self.flow_active or self._wiring.assignee.wanted()[0] != assignment

    def _put_back(self, found: Mapping[TopicPartition, list[Any]]) -> None:
        """Un-reads: a fetch that outlived its assignment has taken the first records of the next one."""
        for tp, records in found.items():
            self._client.seek(tp, records[0].offset)

    def _event(self, assignment: int, tp: TopicPartition, records: list[Any], arrived: float) -> Any:
        batch = Batch(
            partition=tp.partition,
            number=self._handed_out[assignment, tp.partition],
            records=[stored(record) for record in records],
            next_offset=max(records[-1].offset + 1, self._position(tp)),
            arrived=arrived,
        )
        return ConsumerMessage(
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

    def _position(self, tp: TopicPartition) -> int:
        """Behind the markers and aborted records that followed the last record, when they came with it."""
        state = self._client._subscription.subscription.assignment.state_value(tp)
        return int(state.position) if state is not None and state.has_valid_position else 0

    def handed_out(self, assignment: int) -> int:
        """How many batches of this assignment were given to Faust."""
        return sum(count for (number, _), count in self._handed_out.items() if number == assignment)

    def unread(self, partition: int) -> int | None:
        """Offsets between what was read and the last stable one, as the last fetch saw it; None before the first.

        Markers are counted as well.
        """
        tp = TopicPartition(self._wiring.topic, partition)
        try:
            end = self._client.last_stable_offset(tp)
        except (IllegalStateError, KafkaError):
            return None
        return max(0, end - self._position(tp)) if end is not None else None

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
