"""Probe: asking another process of this machine whether it is ready."""

import json
from http.client import HTTPConnection, HTTPException
from typing import Any

_TIMEOUT_S = 2.0


def is_ready(host: str, port: int) -> bool:
    """Whether its /readyz says so; for a Slot."""
    return unready_checks(host, port) == {}


def unready_checks(host: str, port: int) -> dict[str, str] | None:
    """The checks that fail, by name and reason; None when nobody answers."""
    answer = _get(host, port, "/readyz")
    checks = answer.get("checks") if answer is not None else None
    return None if checks is None else {name: why for name, why in checks.items() if why != "ok"}


def _get(host: str, port: int, path: str) -> dict[str, Any] | None:
    connection = HTTPConnection(host, port, timeout=_TIMEOUT_S)
    try:
        connection.request("GET", path)
        answer = json.loads(connection.getresponse().read())
    except (OSError, HTTPException, ValueError):
        return None
    finally:
        connection.close()
    return answer if isinstance(answer, dict) else None
