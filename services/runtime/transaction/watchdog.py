"""Watchdog: ends the process when records wait and none of them is finished for too long.

A thread, because the usual reason is an event loop that no longer turns. Faust's own detector compares two
different clocks and never fires.
"""

import threading
from collections.abc import Callable
from time import monotonic


class Watchdog:
    """``waiting`` is asked once per ``interval``; ``progressed`` tells that something was finished."""

    def __init__(
        self, waiting: Callable[[], bool], bark: Callable[[float], None], patience: float, interval: float = 1.0
    ) -> None:
        self._waiting = waiting
        self._bark = bark
        self._patience = patience
        self._interval = interval
        self._since: float | None = None
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="watchdog", daemon=True)

    def start(self) -> None:
        """Begins to watch."""
        self._thread.start()

    def stop(self) -> None:
        """Ends the thread; it does not bark any more."""
        self._stopped.set()

    def progressed(self) -> None:
        """Something was finished just now."""
        self._since = None

    def look(self, now: float) -> None:
        """One look; barks when something has been waiting for longer than the patience."""
        if not self._waiting():
            self._since = None
        elif self._since is None:
            self._since = now
        elif now - self._since > self._patience:
            self._bark(now - self._since)

    def _watch(self) -> None:
        while not self._stopped.wait(self._interval):
            self.look(monotonic())
