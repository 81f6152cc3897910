"""Readiness: the broker answers a metadata request with itself; an open port promises nothing yet."""

import socket
import time
from contextlib import closing, suppress

from schemas.errors import Unavailable
from services.runtime.child import Child

_PAUSE_S = 0.02


def await_ready(host: str, port: int, child: Child, timeout: float) -> bool:
    """False when the process ended first; raises Unavailable when it lives and stays silent for ``timeout`` seconds."""
    deadline = time.monotonic() + timeout
    while child.poll() is None:
        if is_ready(host, port):
            return True
        if time.monotonic() > deadline:
            raise Unavailable(f"Kafka on {host}:{port} runs, but has not answered for {timeout:.0f} seconds.")
        time.sleep(_PAUSE_S)
    return False


def is_ready(host: str, port: int) -> bool:
    """Whether the broker answers now."""
    return _listens(host, port) and _answers(host, port)


def _listens(host: str, port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1.0)
        return probe.connect_ex((host, port)) == 0


def _answers(host: str, port: int) -> bool:
    from kafka import KafkaAdminClient
    from kafka.errors import KafkaError

    with suppress(KafkaError), closing(KafkaAdminClient(bootstrap_servers=f"{host}:{port}")) as admin:
        return bool(admin.describe_cluster()["brokers"])
    return False
