"""Clients: the connections of one worker beside its consumer."""

import asyncio
from typing import Any, Self

import structlog
from aiokafka.errors import KafkaConnectionError

from services.runtime.kafka import Connection
from services.runtime.log_reader import LogReader
from services.runtime.transaction.presence import require_alike, require_topics
from services.runtime.transaction.producer import transactional_producer
from services.runtime.transaction.settings import StageSettings

_log = structlog.get_logger(__name__)

RECONNECT = 0.5
"""Seconds between two attempts to reach a cluster that is away when the process starts."""
PATIENCE = 20.0
"""How much longer than a transaction may last we wait for its marker."""


class Clients:
    """One transactional producer, and two readers of the state topic: recalls must not disturb a restore."""

    def __init__(self, connection: Connection, settings: StageSettings) -> None:
        client = connection.client()
        patience = settings.transaction_timeout + PATIENCE
        self.producer: Any = transactional_producer(
            client, settings.transactional_id, int(settings.transaction_timeout * 1000)
        )
        self.restorer = LogReader(client, patience)
        self.recaller = LogReader(client, patience)

    @classmethod
    async def connect(cls, connection: Connection, settings: StageSettings) -> Self:
        """Waits for the cluster; fences and finishes what a predecessor in this slot left open."""
        while True:
            clients = cls(connection, settings)
            try:
                await clients._start(settings)
            except KafkaConnectionError as error:
                _log.warning("broker unavailable", reason=str(error))
                await clients.stop()
                await asyncio.sleep(RECONNECT)
            except BaseException:
                await clients.stop()
                raise
            else:
                return clients

    async def stop(self) -> None:
        """Closes everything."""
        await self.producer.stop()
        await self.restorer.stop()
        await self.recaller.stop()

    async def _start(self, settings: StageSettings) -> None:
        await self.producer.start()
        state = [settings.state_topic] if settings.state_topic is not None else []
        await require_topics(self.producer.client, [settings.input_topic, settings.dead_letter_topic, *state])
        require_alike(self.producer.client, settings.input_topic, state)
        await self.restorer.start()
        await self.recaller.start()
