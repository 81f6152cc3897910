"""Rotation: takes a changed portals file while the process runs, so that exchanging a key interrupts nobody."""

import asyncio
from pathlib import Path

import structlog

from schemas.errors import Misconfigured
from services.intake.gate import Gate
from services.intake.keyring import read_keyring

_log = structlog.get_logger(__name__)


async def watch_keyring(path: Path, gate: Gate, every: float = 2.0) -> None:
    """Looks at the file every few seconds until cancelled; one that cannot be read leaves the keys as they are."""
    seen: tuple[int, int] | None = None
    while True:
        await asyncio.sleep(every)
        if (stamp := _stamp(path)) == seen:
            continue
        seen = stamp
        try:
            if gate.exchange(read_keyring(path)):
                _log.info("portal_keys_exchanged", file=path.name)
        except Misconfigured as error:
            _log.error("portal_keys_unreadable", file=path.name, problems=[p.text_en for p in error.problems])


def _stamp(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size
