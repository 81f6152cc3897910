"""Producer: aiokafka's transactional producer, with membership in the offset commit (KIP-447)."""

from collections import defaultdict
from typing import Any

from aiokafka import AIOKafkaProducer
from aiokafka.client import CoordinationType
from aiokafka.errors import GroupAuthorizationFailedError, for_code
from aiokafka.producer.sender import (
    AddPartitionsToTxnHandler,
    Sender,
    TxnOffsetCommitHandler,
)

from services.runtime.transaction.membership import Membership
from services.runtime.transaction.offsets import TxnOffsetCommit

ILLEGAL_GENERATION, UNKNOWN_MEMBER, FENCED_INSTANCE = 22, 25, 82
CONCURRENT_TRANSACTIONS = 51
_FENCED = (ILLEGAL_GENERATION, UNKNOWN_MEMBER, FENCED_INSTANCE)

MARKER_WAIT = 0.002
"""Seconds until a transaction asks again whether the previous one's markers are written; aiokafka waits 20 ms."""


class GenerationFenced(Exception):
    """The group has moved on: these partitions belong to somebody else, the open transaction must be aborted."""

    def __init__(self, code: int) -> None:
        super().__init__(f"{for_code(code).__name__} ({code})")
        self.code = code


class _AddPartitions(AddPartitionsToTxnHandler):
    def handle_response(self, resp: Any) -> float | None:
        """Waits less than aiokafka for the markers of the transaction before."""
        codes = {code for _, partitions in resp.errors for _, code in partitions}
        backoff: float | None = super().handle_response(resp)
        return MARKER_WAIT if CONCURRENT_TRANSACTIONS in codes else backoff


class _OffsetCommit(TxnOffsetCommitHandler):
    def create_request(self) -> TxnOffsetCommit:
        """Version 3, which carries the membership."""
        manager = self._sender._txn_manager
        membership: Membership = self._group_id
        return TxnOffsetCommit(
            manager.transactional_id,
            (manager.producer_id, manager.producer_epoch),
            membership,
            self._offsets,
        )

    def handle_response(self, resp: Any) -> float | None:
        """Fails only the offsets when the generation is over.

        aiokafka's own way, error_transaction(), forgets which partitions were written: the abort would look
        empty, send nothing, and the outputs could be committed with the next transaction.
        """
        errors: dict[str, list[tuple[int, int]]] = defaultdict(list)
        for topic, partitions, _ in resp.errors:
            errors[topic] = [(partition, code) for partition, code, _ in partitions]
        fenced = {code for partitions in errors.values() for _, code in partitions} & set(_FENCED)
        if fenced:
            _, _, waiting = self._sender._txn_manager._pending_txn_offsets.popleft()
            waiting.set_exception(GenerationFenced(max(fenced)))
            return None
        resp.errors = list(errors.items())
        backoff: float | None = super().handle_response(resp)
        return backoff


class _TransactionSender(Sender):
    async def _do_add_partitions_to_txn(self, tps: Any) -> None:
        node_id = await self._find_coordinator(CoordinationType.TRANSACTION, self._txn_manager.transactional_id)
        await _AddPartitions(self, tps).do(node_id)

    async def _do_txn_offset_commit(self, offsets: Any, group_id: Membership) -> None:
        try:
            node_id = await self._find_coordinator(CoordinationType.GROUP, group_id)
        except GroupAuthorizationFailedError as error:
            self._txn_manager.error_transaction(error)
            return
        await _OffsetCommit(self, offsets, group_id).do(node_id)


def transactional_producer(
    client: dict[str, Any], transactional_id: str, timeout_ms: int, max_batch_size: int = 512 << 10
) -> Any:
    """A producer that is not started yet; starting it fences every earlier one of the same id."""
    producer = AIOKafkaProducer(
        **client,
        transactional_id=transactional_id,
        transaction_timeout_ms=timeout_ms,
        acks="all",
        linger_ms=0,
        max_batch_size=max_batch_size,
        # A batch without a leader for this long would be failed after its sequence numbers are used up, and the
        # producer with it. The transaction's timeout and the watchdog decide long before.
        request_timeout_ms=600_000,
        retry_backoff_ms=100,
    )
    producer._sender = _TransactionSender(
        producer.client,
        acks=-1,
        txn_manager=producer._txn_manager,
        message_accumulator=producer._message_accumulator,
        retry_backoff_ms=100,
        request_timeout_ms=600_000,
    )
    return producer
