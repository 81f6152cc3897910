"""Ports: told in one sentence when taken, before a stack trace says it in fifty lines."""

import os
import socket
from contextlib import suppress
from random import SystemRandom

from schemas.errors import Misconfigured, Problem


def require_free(host: str, port: int, setting: str) -> None:
    """Raises Misconfigured when ``host:port`` cannot be listened on; ``setting`` is what the remedy names."""
    listen(host, port, setting).close()


def free_port(host: str = "127.0.0.1") -> int:
    """A port that nobody listened on a moment ago, below those that systems give to outgoing connections."""
    while True:
        port = SystemRandom().randrange(10_000, 32_000)
        with suppress(OSError), socket.create_server((host, port)):
            return port


def listen(host: str, port: int, setting: str) -> socket.socket:
    """A listening socket; raises Misconfigured when it cannot be had. Port 0 takes any free one."""
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        return socket.create_server((host, port), family=family, backlog=2048)
    except OSError as error:
        raise Misconfigured(_taken(host, port, setting, _reason(error))) from error


def _reason(error: OSError) -> str:
    """The system's own words; create_server adds what the sentence says anyway."""
    number = error.errno or 0
    return os.strerror(number) if number > 0 else str(error.strerror or error)


def _taken(host: str, port: int, setting: str, why: str) -> Problem:
    return Problem(
        setting,
        f"Auf {host}:{port} kann nicht gehört werden ({why}). Abhilfe: das andere Programm beenden oder {setting} auf "
        "einen freien Port setzen.",
        f"Cannot listen on {host}:{port} ({why}). Remedy: stop the other program, or set {setting} to a free port.",
    )
