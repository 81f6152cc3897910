"""Waiting in tests: for a condition, never for a time."""

import asyncio
import time
from collections.abc import Callable

PAUSE_S = 0.01


def eventually(condition: Callable[[], object], within: float = 60.0) -> None:
    """Returns as soon as ``condition()`` is true; fails after ``within`` seconds."""
    deadline = time.monotonic() + within
    while not condition():
        assert time.monotonic() < deadline, f"not within {within} s"
        time.sleep(PAUSE_S)


async def eventually_async(condition: Callable[[], object], within: float = 60.0) -> None:
    """The same, while the event loop goes on."""
    deadline = time.monotonic() + within
    while not condition():
        assert time.monotonic() < deadline, f"not within {within} s"
        await asyncio.sleep(PAUSE_S)
