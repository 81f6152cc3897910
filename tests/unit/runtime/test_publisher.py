"""The publisher beside a broker that is played: what it does before and after, not how records travel."""

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest
from aiokafka.errors import ClusterAuthorizationFailedError, UnknownTopicOrPartitionError
from structlog.testing import capture_logs

from schemas.errors import Unavailable
from schemas.message import Message
from services.runtime import publisher
from services.runtime.publisher import KafkaPublisher

MESSAGE = Message("topic", b"key", b"value")


class Batch:
    """Takes everything."""

    def append(self, **_: object) -> object:
        return self

    def record_count(self) -> int:
        return 1


class Broker:
    """What the publisher sees of aiokafka; ``refusals`` and ``failures`` are what comes before all goes well."""

    def __init__(self, *refusals: Exception, failures: tuple[Exception, ...] = ()) -> None:
        self.refusals, self.failures = list(refusals), list(failures)
        self.client = SimpleNamespace(cluster=SimpleNamespace(partitions_for_topic=lambda _topic: {0}))
        self._message_accumulator = SimpleNamespace()

    def __call__(self, **_: object) -> "Broker":
        return self

    async def start(self) -> None:
        if self.refusals:
            raise self.refusals.pop(0)

    async def stop(self) -> None:
        pass

    def create_batch(self) -> Batch:
        return Batch()

    async def send_batch(self, *_: object, **__: object) -> Any:  # noqa: ANN401 - as aiokafka has it
        if self.failures:
            raise self.failures.pop(0)
        return asyncio.sleep(0)


def connected_to(broker: Broker, monkeypatch: pytest.MonkeyPatch) -> KafkaPublisher:
    monkeypatch.setattr(publisher, "AIOKafkaProducer", broker)
    monkeypatch.setattr(publisher, "_PAUSE", 0.0)
    return KafkaPublisher({}, fatal=lambda error: pytest.fail(repr(error)))


async def test_what_the_broker_refuses_is_tried_again_and_told_once(monkeypatch: pytest.MonkeyPatch) -> None:
    found = connected_to(Broker(*(ClusterAuthorizationFailedError() for _ in range(3))), monkeypatch)
    with capture_logs() as lines:
        await found.publish([MESSAGE])
    assert [line["reason"] for line in lines] == ["ClusterAuthorizationFailedError"]
    assert found.silence() == 0.0


async def test_a_topic_that_is_unknown_for_a_while_ends_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    found = connected_to(Broker(failures=(UnknownTopicOrPartitionError(),)), monkeypatch)
    with pytest.raises(Unavailable):
        await found.publish([MESSAGE])
    await found.publish([MESSAGE])
