import pytest
from aiokafka.producer.message_accumulator import BatchBuilder
from aiokafka.structs import TopicPartition

from schemas.errors import Reason, Rejected
from schemas.message import Message, Stored
from services.runtime.transaction.group import Group

BATCH = 2000


def new_group() -> Group:
    return Group(lambda: BatchBuilder(BATCH, 0, is_transactional=1), max_message_bytes=1500, state_topic="state")


def test_an_empty_group_is_nothing_to_commit() -> None:
    assert not new_group()


def test_consumed_offsets_make_it_something() -> None:
    group = new_group()
    records = [Stored("input", 0, offset, b"key", b"", (), 0) for offset in range(4, 9)]
    group.consumed(TopicPartition("input", 0), 7, records[:3], arrived=1.0)
    group.consumed(TopicPartition("input", 0), 9, records[3:], arrived=2.0)
    assert group
    assert group.offsets[TopicPartition("input", 0)].offset == 9
    assert (group.records_in, group.arrived) == (5, 1.0)
    assert (group.consumed_of, group.first_of) == ({0: 5}, {0: records[0]})


def test_a_full_batch_is_followed_by_another_and_no_record_is_dropped() -> None:
    group = new_group()
    for number in range(50):
        group.add(Message("out", b"key", bytes(90), [("n", b"%d" % number)]), source=0, partition=0)
    ((_, destination),) = group.batches()
    assert len(destination.builders) > 1
    assert sum(builder.record_count() for builder in destination.builders) == 50
    assert all(builder.size() <= BATCH for builder in destination.builders)


def test_states_know_where_they_stand() -> None:
    group = new_group()
    for number in range(30):
        group.add(Message("state", b"key-%d" % number, bytes(90)), source=0, partition=3)
    ((place, destination),) = group.batches()
    assert place == ("state", 3)
    assert [key for _, _, _, key in destination.states] == [b"key-%d" % number for number in range(30)]
    counts = [builder.record_count() for builder in destination.builders]
    places = [(builder, index) for _, builder, index, _ in destination.states]
    assert places == [(builder, index) for builder, count in enumerate(counts) for index in range(count)]


def test_what_the_topic_cannot_hold_is_refused_by_name() -> None:
    with pytest.raises(Rejected) as caught:
        new_group().add(Message("out", b"key", bytes(1501)), source=0, partition=0)
    assert caught.value.reason is Reason.OVERSIZE
    assert caught.value.problems[0].where == "out"


def test_it_says_where_its_input_stands_and_what_was_wrong_with_it() -> None:
    group = new_group()
    group.consumed(TopicPartition("input", 2), 9, [Stored("input", 2, 7, b"key", b"secret", (), 0)])
    group.consumed(TopicPartition("input", 1), 5, ())
    group.account.reasons.update({"invalid": 2, "unroutable": 1})
    assert str(group) == "input-2 offsets 7 to 8 (2 invalid, 1 unroutable)"
