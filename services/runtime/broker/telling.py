"""Telling: how far a download is, for the person who waits for it."""

import sys
from collections.abc import Callable
from time import monotonic
from typing import TextIO

_EVERY_S = 10.0


class Telling:
    """One line that changes on a terminal; elsewhere a new one every ten seconds, and at the end."""

    def __init__(self, stream: TextIO | None = None, seconds: Callable[[], float] = monotonic) -> None:
        self._stream = stream or sys.stderr
        self._seconds = seconds
        self._next = float("-inf")

    def __call__(self, what: str, done: int, of: int) -> None:
        """See services.runtime.broker.download.Progress."""
        line = f"  {what}: {done} of {of}"
        if self._stream.isatty():
            self._stream.write(f"\r{line}" + ("\n" if done == of else ""))
        elif done == of or self._seconds() >= self._next:
            self._next = self._seconds() + _EVERY_S
            self._stream.write(f"{line}\n")
        self._stream.flush()
