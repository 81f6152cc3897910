"""Machine: what else it does, which a benchmark must say."""

import os
from pathlib import Path

_PRESSURE = Path("/proc/pressure/cpu")
_BUSY = 10.0


def disturbance() -> str | None:
    """A sentence when other programs want the CPU as well; None when it is ours, or nobody can tell."""
    share = _waiting_share()
    if share is None or share < _BUSY:
        return None
    waited = f"In the last ten seconds programs waited {share:.0f} % of the time for one of {os.cpu_count()} CPUs."
    return f"{waited} Ratios of CPU time hold within a fifth or so; rates, latencies and cold starts say little."


def _waiting_share() -> float | None:
    try:
        first = _PRESSURE.read_text(encoding="ascii").splitlines()[0]
    except (OSError, IndexError):
        return None
    return float(first.partition("avg10=")[2].split()[0])
