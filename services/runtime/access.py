"""Access: whether the cluster lets us in, asked on one connection; its clients would only say that it is out of reach.

Asked before a process begins: later on, an account that is locked is a cluster that is away.
"""

import asyncio
import ssl
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from aiokafka.conn import collect_hosts, create_conn
from aiokafka.errors import KafkaError, SaslAuthenticationFailed, UnsupportedSaslMechanismError
from aiokafka.protocol.metadata import MetadataRequest

from schemas.errors import Misconfigured, Problem, Unavailable

if TYPE_CHECKING:
    from services.runtime.kafka import Connection

_PATIENCE_S = 5.0
_NO_ENTRY = (SaslAuthenticationFailed, UnsupportedSaslMechanismError, ssl.SSLError)
_HUNG_UP = (ConnectionResetError, ConnectionAbortedError, KafkaError)


def require_access(connection: "Connection") -> None:
    """Raises Misconfigured when the cluster refuses us, Unavailable when it hangs up; of one that is away, nothing.

    Blocks; has an event loop of its own, so that it can be called beside a running one.
    """
    with ThreadPoolExecutor(1, thread_name_prefix="access") as thread:
        refusal = thread.submit(lambda: asyncio.run(_refusal(connection))).result()
    if refusal is not None:
        raise refusal


async def _refusal(connection: "Connection") -> Misconfigured | Unavailable | None:
    """What the first server says that answers at all."""
    for host, port, _ in collect_hosts(connection.bootstrap):
        try:
            async with asyncio.timeout(_PATIENCE_S):
                await _greet(connection, host, port)
        except _NO_ENTRY as error:
            return Misconfigured(_refused(f"{host}:{port}", error))
        except _HUNG_UP:
            return Unavailable(_hung_up(f"{host}:{port}"))
        except (OSError, TimeoutError):
            continue
        else:
            return None
    return None


async def _greet(connection: "Connection", host: str, port: int) -> None:
    known = connection.client()
    del known["bootstrap_servers"]
    greeted = await create_conn(host, port, **known)
    try:
        # A listener that wants a password answers the first question, and hangs up on the second.
        await greeted.send(MetadataRequest([]))
    finally:
        await greeted.close()


def _refused(where: str, error: Exception) -> Problem:
    if isinstance(error, ssl.SSLCertVerificationError):
        why = error.verify_message
        return Problem(
            where,
            f"Das Zertifikat des Brokers ist nicht vertrauenswürdig ({why}). Abhilfe: LAUFZETTEL_KAFKA_CA_FILE setzen, "
            "und die Adresse so schreiben, wie sie im Zertifikat steht.",
            f"The broker's certificate cannot be trusted ({why}). Remedy: set LAUFZETTEL_KAFKA_CA_FILE, and write the "
            "address as it stands in the certificate.",
        )
    if isinstance(error, ssl.SSLError):
        return Problem(
            where,
            f"Dort wird kein TLS gesprochen ({error.reason}). Abhilfe: LAUFZETTEL_KAFKA_SECURITY und den Port prüfen.",
            f"TLS is not spoken there ({error.reason}). Remedy: check LAUFZETTEL_KAFKA_SECURITY and the port.",
        )
    return Problem(
        where,
        f"Der Cluster lässt diesen Zugang nicht ein ({type(error).__name__}). Abhilfe: LAUFZETTEL_KAFKA_USERNAME, "
        "LAUFZETTEL_KAFKA_PASSWORD und LAUFZETTEL_KAFKA_SASL_MECHANISM prüfen.",
        f"The cluster does not let this account in ({type(error).__name__}). Remedy: check LAUFZETTEL_KAFKA_USERNAME, "
        "LAUFZETTEL_KAFKA_PASSWORD and LAUFZETTEL_KAFKA_SASL_MECHANISM.",
    )


def _hung_up(where: str) -> Problem:
    return Problem(
        where,
        "Der Broker legt auf. Abhilfe: LAUFZETTEL_KAFKA_SECURITY und den Port prüfen, und ob er ein Zertifikat "
        "verlangt (LAUFZETTEL_KAFKA_CERT_FILE).",
        "The broker hangs up. Remedy: check LAUFZETTEL_KAFKA_SECURITY and the port, and whether it asks for a "
        "certificate (LAUFZETTEL_KAFKA_CERT_FILE).",
    )
