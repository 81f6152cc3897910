"""The publisher while the broker is away: nobody waits for long, nothing is promised that is not so."""

import asyncio
import time

import pytest

from schemas.errors import Unavailable
from schemas.message import Message
from services.runtime.broker.node import EmbeddedBroker
from services.runtime.kafka import Connection
from services.runtime.publisher import KafkaPublisher, PublisherLimits
from tests.support.crash import committed
from tests.support.deadline import eventually_async
from tests.support.kafka import create_topic

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(90)]

TOPIC = "case-requests"
LIMITS = PublisherLimits(deadline=1.0, in_flight_bytes=4096)


def unexpected(error: BaseException) -> None:
    raise AssertionError("the process would have ended") from error


async def test_a_broker_that_comes_and_goes(own_kafka: EmbeddedBroker) -> None:
    create_topic(own_kafka.bootstrap, TOPIC)
    publisher = KafkaPublisher(Connection(own_kafka.bootstrap).client(), LIMITS, unexpected)
    await asyncio.to_thread(own_kafka.kill)
    with pytest.raises(Unavailable) as caught:
        await publisher.publish([Message(TOPIC, b"1", b"never left")])
    assert caught.value.retry_after > 0

    await asyncio.to_thread(own_kafka.start)
    await published(publisher, Message(TOPIC, b"2", b"acknowledged"))

    await asyncio.to_thread(own_kafka.kill)
    with pytest.raises(Unavailable):
        await publisher.publish([Message(TOPIC, b"3", b"outcome unknown" + bytes(3000))])
    with pytest.raises(Unavailable) as caught:
        await publisher.publish([Message(TOPIC, b"4", bytes(2000))])
    assert caught.value.retry_after == 1.0  # too much is on its way

    await asyncio.to_thread(own_kafka.start)
    await published(publisher, Message(TOPIC, b"3", b"acknowledged"))
    await publisher.stop()
    found = [(record.key, (record.value or b"")[:15]) for record in await committed(own_kafka.bootstrap, [TOPIC])]
    assert (b"1", b"never left") not in found
    assert [value for key, value in found if key == b"3"] == [b"outcome unknown", b"acknowledged"]
    assert (b"4", bytes(15)) not in found


async def test_a_connection_that_answers_no_more_is_left_and_its_batch_stands_once(kafka: str) -> None:
    """As when the broker's machine vanishes: nothing comes back, not even the end of the connection."""
    topic, durable = f"half-open-{time.time_ns()}", list[int]()
    create_topic(kafka, topic, partitions=1)
    publisher = KafkaPublisher(
        Connection(kafka).client(),
        PublisherLimits(deadline=1.0, answer=2.0),
        unexpected,
        lambda _topic, records: durable.append(records),
    )
    await publisher.publish([Message(topic, b"1", b"")])
    for connection in publisher._producer.client._conns.values():
        connection._writer.transport.pause_reading()
    with pytest.raises(Unavailable):
        await publisher.publish([Message(topic, b"2", b"")])
    assert publisher.silence() >= 1.0
    await eventually_async(lambda: publisher.silence() == 0.0)
    assert durable == [1, 1]  # also what nobody waited for any more
    await publisher.publish([Message(topic, b"3", b"")])
    await publisher.stop()
    assert [record.key for record in await committed(kafka, [topic])] == [b"1", b"2", b"3"]


async def published(publisher: KafkaPublisher, message: Message) -> None:
    """Repeats until it is acknowledged, as a portal does."""
    acknowledged = []

    async def attempt() -> None:
        try:
            await publisher.publish([message])
        except Unavailable:
            return
        acknowledged.append(message)

    async with asyncio.timeout(30):
        while not acknowledged:
            await attempt()


async def test_what_waits_together_travels_together(kafka: str) -> None:
    topic = f"together-{time.time_ns()}"
    create_topic(kafka, topic, partitions=1)
    publisher = KafkaPublisher(Connection(kafka).client(), fatal=unexpected)
    await publisher.publish([Message(topic, b"first", b"")])
    sent: list[int] = []
    producer = publisher._producer
    send_batch = producer.send_batch

    async def counting(builder: object, *args: object, **kwargs: object) -> object:
        sent.append(builder.record_count())  # type: ignore[attr-defined]
        return await send_batch(builder, *args, **kwargs)

    producer.send_batch = counting
    await asyncio.gather(*(publisher.publish([Message(topic, b"%d" % n, b"")]) for n in range(200)))
    await eventually_async(lambda: publisher._in_flight == 0)
    assert sum(sent) == 200
    assert len(sent) < 20
    await publisher.stop()
