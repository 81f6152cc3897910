"""Slot watch: what a supervisor tells of its slots, as metrics and as readiness."""

from collections.abc import Iterable, Mapping
from functools import partial

from services.runtime.health import Check
from services.runtime.metrics import Metrics
from services.runtime.slot import Phase, Status


class SlotWatch:
    """Told of each change; a slot that nothing was heard of waits for its turn."""

    def __init__(self, metrics: Metrics, names: Iterable[str]) -> None:
        self._statuses = {name: Status(name, Phase.WAITING, 0) for name in names}
        self._restarts = {name: metrics.restarts.labels(name) for name in self._statuses}
        self._started: set[str] = set()

    def changed(self, status: Status) -> None:
        """For a Supervisor."""
        self._statuses[status.name] = status
        if status.phase is Phase.STARTING and status.pid is not None:
            if status.name in self._started:
                self._restarts[status.name].inc()
            self._started.add(status.name)

    @property
    def checks(self) -> Mapping[str, Check]:
        """Ready is whoever runs all of its slots."""
        return {name: partial(self._why_not, name) for name in self._statuses}

    def _why_not(self, name: str) -> str | None:
        status = self._statuses[name]
        if status.phase is Phase.RUNNING:
            return None
        return status.phase if status.last_exit is None else f"{status.phase}, last exit code {status.last_exit}"
