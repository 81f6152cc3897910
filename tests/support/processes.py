"""Processes, seen from outside."""

import subprocess
from pathlib import Path


def is_running(pid: int) -> bool:
    """A zombie, which its new parent has yet to reap, does not run."""
    state = _from_proc(pid) if Path("/proc/self/stat").exists() else _from_ps(pid)
    return bool(state) and not state.startswith("Z")


def _from_proc(pid: int) -> str:
    """Slim images have no ps."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace").rpartition(") ")[2]
    except (FileNotFoundError, ProcessLookupError):
        return ""


def _from_ps(pid: int) -> str:
    return subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False).stdout
