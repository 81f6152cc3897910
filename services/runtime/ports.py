"""Ports: told in one sentence when taken, before a stack trace says it in fifty lines."""

import socket

from schemas.errors import Misconfigured, Problem


def require_free(host: str, port: int, setting: str) -> None:
    """Raises Misconfigured when ``host:port`` cannot be listened on; ``setting`` is what the remedy names."""
    try:
        _bind(host, port)
    except OSError as error:
        raise Misconfigured(_taken(host, port, setting, error.strerror or str(error))) from error


def free_port(host: str = "127.0.0.1") -> int:
    """A port that nobody listened on a moment ago."""
    return _bind(host, 0)


def _bind(host: str, port: int) -> int:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind((host, port))
        return int(probe.getsockname()[1])


def _taken(host: str, port: int, setting: str, why: str) -> Problem:
    return Problem(
        setting,
        f"Auf {host}:{port} kann nicht gehört werden ({why}). Abhilfe: das andere Programm beenden oder {setting} auf "
        "einen freien Port setzen.",
        f"Cannot listen on {host}:{port} ({why}). Remedy: stop the other program, or set {setting} to a free port.",
    )
