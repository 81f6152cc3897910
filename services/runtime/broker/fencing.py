"""Fencing: after a crash the controller, alone, takes the leadership from the node's former self; then the node starts.

In its own metadata a node that was killed still leads everything. Started like that, it completes the transactions of
its former self while the controller takes that leadership away, and Kafka 4.3 drops the marker of a partition that has
no leader at this moment (KAFKA-20734): the transaction would hide whatever follows on the partition, for ever.
"""

import time

from schemas.errors import Unavailable
from services.runtime.broker.failure import explain
from services.runtime.broker.folder import Folder
from services.runtime.broker.jvm import Kafka
from services.runtime.broker.properties import controller_properties
from services.runtime.child import Child, Command
from services.runtime.ports import free_port

_ACTIVE, _FENCED = "Performing controller activation", "fenced=1"
_SETTLED_S = 2.0
"""Ten times the session: who has not been fenced by then, long after the controller took over, had no session."""
_TIMEOUT_S = 60.0
_GRACE_S = 10.0
_PAUSE_S = 0.02


def fence_former_self(kafka: Kafka, folder: Folder, lock: int) -> None:
    """Returns when the former self leads nothing; raises what explains why the controller does not run."""
    folder.fencing.unlink(missing_ok=True)
    folder.properties.write_text(controller_properties(free_port(), folder.records), encoding="utf-8")
    argv = kafka.controller(folder.properties, folder.fencing)
    child = Child.start(Command(argv, descriptors=(lock,), output=folder.console))
    try:
        _await_fenced(folder, child)
    finally:
        child.end(_GRACE_S)  # at once it would be killed before the news is on the disk


def _await_fenced(folder: Folder, child: Child) -> None:
    deadline = time.monotonic() + _TIMEOUT_S
    settled = deadline
    while time.monotonic() < settled:
        if (code := child.poll()) is not None:
            raise explain(folder, code)
        said = folder.fencing.read_text(encoding="utf-8", errors="replace") if folder.fencing.exists() else ""
        _, active, since = said.rpartition(_ACTIVE)
        if active and _FENCED in since:
            return
        if active and settled == deadline:
            settled = time.monotonic() + _SETTLED_S
        time.sleep(_PAUSE_S)
    if settled == deadline:
        raise Unavailable(f"Kafka's controller on {folder.root} has not begun to work for {_TIMEOUT_S:.0f} seconds.")
