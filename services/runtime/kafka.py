"""Kafka: what every client needs to know of the cluster, and the bus on it."""

import ssl
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

from aiokafka.errors import KafkaError

from schemas.errors import Misconfigured, Problem, Unavailable
from schemas.message import Stored
from services.runtime.bus import Acknowledged, unheeded
from services.runtime.header_names import tolerate_any_name
from services.runtime.log_reader import committed_records
from services.runtime.publisher import KafkaPublisher
from services.runtime.source import KafkaSource


@dataclass(frozen=True, slots=True)
class Connection:
    """Where the cluster is and how to prove who asks; the same for consumers and producers."""

    bootstrap: str
    security_protocol: str = "PLAINTEXT"
    sasl_mechanism: str = "PLAIN"
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    ca_file: str | None = None
    cert_file: str | None = None
    key_file: str | None = None

    def client(self) -> dict[str, Any]:
        """The arguments that every aiokafka client shares, which from here on reads whatever other clients wrote."""
        tolerate_any_name()
        arguments: dict[str, Any] = {
            "bootstrap_servers": self.bootstrap,
            "security_protocol": self.security_protocol,
            "ssl_context": self._ssl_context(),
        }
        if self.security_protocol.startswith("SASL"):
            arguments |= {
                "sasl_mechanism": self.sasl_mechanism,
                "sasl_plain_username": self.username,
                "sasl_plain_password": self.password,
            }
        return arguments

    def _ssl_context(self) -> ssl.SSLContext | None:
        if not self.security_protocol.endswith("SSL"):
            return None
        file, setting = self.ca_file, "LAUFZETTEL_KAFKA_CA_FILE"
        try:
            context = ssl.create_default_context(cafile=file)
            if self.cert_file:
                file, setting = self.cert_file, "LAUFZETTEL_KAFKA_CERT_FILE"
                # Without an answer at hand, OpenSSL would ask the terminal for the passphrase.
                context.load_cert_chain(self.cert_file, self.key_file, password="")
        except OSError as error:
            raise Misconfigured(_unusable(setting, str(file), error)) from error
        return context


def _unusable(setting: str, file: str, error: OSError) -> Problem:
    why = getattr(error, "reason", None) or error.strerror
    return Problem(
        setting,
        f"{file} ist so nicht brauchbar ({why}). Erwartet wird PEM, ein Schlüssel ohne Passwort.",
        f"{file} cannot be used ({why}). PEM is expected, a key without passphrase.",
    )


class KafkaBus:
    """The bus on a Kafka cluster; leaving the context closes every client it handed out."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._clients = AsyncExitStack()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._clients.aclose()

    def publisher(self, acknowledged: Acknowledged = unheeded) -> KafkaPublisher:
        """A publisher with a connection of its own, made with the first message."""
        publisher = KafkaPublisher(self._connection.client(), acknowledged=acknowledged)
        self._clients.push_async_callback(publisher.stop)
        return publisher

    def source(self, name: str) -> KafkaSource:
        """The exactly-once writer called ``name``; it connects, and fences, when its position is asked."""
        source = KafkaSource(self._connection.client(), name)
        self._clients.push_async_callback(source.stop)
        return source

    def read(self, topic: str) -> AsyncIterator[Stored]:
        """Every committed record of ``topic``, from the beginning to the end as it was when reading began."""
        return committed_records(self._connection.client(), topic)


@asynccontextmanager
async def open_bus(connection: Connection) -> AsyncIterator[KafkaBus]:
    """The bus; what the cluster does not do is Unavailable, with its address in words."""
    try:
        async with KafkaBus(connection) as bus:
            yield bus
    except KafkaError as error:
        from services.runtime.admin import away  # a second client library, which takes its time to load

        raise Unavailable(away(connection.bootstrap, error)) from error
