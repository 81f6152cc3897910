"""The private API of Faust and aiokafka on which services/runtime/transaction stands.

A failure here means: read the new version's source before changing the pin.
"""

import inspect
from importlib.metadata import version
from io import BytesIO

import aiokafka
import faust
import faust.app.base
import faust.streams
import faust.tables
import pytest
from aiokafka.consumer.fetcher import Fetcher
from aiokafka.consumer.group_coordinator import GroupCoordinator
from aiokafka.producer import sender
from aiokafka.producer.message_accumulator import BatchBuilder, MessageAccumulator
from aiokafka.producer.transaction_manager import TransactionManager
from aiokafka.structs import OffsetAndMetadata, TopicPartition
from faust.transport.consumer import Consumer as FaustConsumer

from services.runtime.transaction.membership import Membership
from services.runtime.transaction.offsets import LeaveGroup, StableOffsetFetch, TxnOffsetCommit
from services.runtime.transaction.transport import Consumer

PINS = {"faust-streaming": "0.15.3", "aiokafka": "0.14.0", "mode-streaming": "0.7.1"}
MEMBER = Membership("group", 7, "member", "slot-0")


@pytest.mark.parametrize(("package", "pin"), PINS.items())
def test_the_versions_whose_insides_we_know(package: str, pin: str) -> None:
    assert version(package) == pin


def test_the_compiled_iterator_is_there() -> None:
    """The pure Python one acknowledges events of a generation that is over."""
    assert vars(faust.streams)["_CStreamIterator"] is not None


@pytest.mark.parametrize(
    ("owner", "names"),
    [
        (
            sender.Sender,
            "_do_add_partitions_to_txn _do_add_offsets_to_txn _do_txn_offset_commit _find_coordinator",
        ),
        (sender, "AddPartitionsToTxnHandler TxnOffsetCommitHandler"),
        (TransactionManager, "error_transaction offset_committed consumer_group_to_add offsets_to_commit"),
        (MessageAccumulator, "create_builder add_batch"),
        (
            GroupCoordinator,
            "_do_fetch_commit_offsets _send_req reset_generation coordinator_dead _stop_heartbeat_task",
        ),
        (Fetcher, "seek_to fetched_records"),
        (FaustConsumer, "_drain_messages perform_seek wait_empty commit on_partitions_assigned"),
        (faust.App, "_create_directories _fetcher on_rebalance_start"),
        (faust.tables.TableManager, "_update_channels recovery on_start"),
    ],
)
def test_the_names_that_are_used_or_replaced(owner: object, names: str) -> None:
    assert [name for name in names.split() if not hasattr(owner, name)] == []


def test_the_calls_that_stand_in_for_private_ones_take_what_they_are_given() -> None:
    assert list(inspect.signature(GroupCoordinator._do_fetch_commit_offsets).parameters) == ["self", "partitions"]
    assert list(inspect.signature(FaustConsumer._drain_messages).parameters) == ["self", "fetcher"]
    parameters = inspect.signature(sender.Sender.__init__).parameters
    assert {"acks", "txn_manager", "message_accumulator", "retry_backoff_ms", "request_timeout_ms"} < set(parameters)


async def test_what_says_when_a_batch_expires() -> None:
    producer = aiokafka.AIOKafkaProducer(request_timeout_ms=7000)
    assert producer._message_accumulator._batch_ttl == 7.0
    await producer.stop()


async def test_aiokafka_keeps_what_our_sender_reads() -> None:
    manager = TransactionManager("id", 1000)
    assert {"_pending_txn_offsets", "_txn_partitions", "_txn_consumer_group"} <= set(vars(manager))


def test_our_consumer_is_complete() -> None:
    assert not Consumer.__abstractmethods__


def test_a_full_batch_answers_none_and_takes_its_first_record_whatever_its_size() -> None:
    batch = BatchBuilder(100, 0, is_transactional=1)
    assert batch.append(timestamp=None, key=b"k", value=bytes(500), headers=[]) is not None
    assert batch.append(timestamp=None, key=b"k", value=b"", headers=[]) is None


def test_a_membership_passes_for_the_name_of_its_group() -> None:
    assert isinstance(MEMBER, str)
    assert MEMBER == "group"
    assert (MEMBER.generation, MEMBER.member_id, MEMBER.instance_id) == (7, "member", "slot-0")


def test_the_offset_commit_carries_the_membership() -> None:
    offsets = {TopicPartition("topic", 3): OffsetAndMetadata(42, "")}
    request = TxnOffsetCommit("transaction", (1, 2), MEMBER, offsets).prepare({28: (0, 5)})
    assert request.API_VERSION == 3
    encoded = request.encode()
    assert type(request).decode(BytesIO(encoded)).encode() == encoded
    for part in (b"\x0ctransaction", b"\x06group", b"\x07member", b"\x07slot-0", (42).to_bytes(8, "big")):
        assert part in encoded


def test_the_offset_fetch_asks_for_stable_offsets() -> None:
    request = StableOffsetFetch("group", [TopicPartition("topic", 3)]).prepare({9: (1, 9)})
    assert request.API_VERSION == 7
    assert request.encode() == b"\x06group\x02\x06topic\x02\x00\x00\x00\x03\x00\x01\x00"


def test_leaving_names_the_instance() -> None:
    request = LeaveGroup(MEMBER).prepare({13: (0, 5)})
    assert request.API_VERSION == 3
    assert request.encode() == b"\x00\x05group\x00\x00\x00\x01\x00\x06member\x00\x06slot-0"


def test_aiokafka_sends_nothing_newer_that_would_carry_a_generation_by_itself() -> None:
    """When this fails, aiokafka may have learned KIP-447, and our requests can go."""
    request = aiokafka.protocol.transaction.TxnOffsetCommitRequest("t", "g", 1, 2, [])
    assert request.prepare({28: (0, 5)}).API_VERSION == 0
