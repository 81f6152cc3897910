"""Processes, seen from outside."""

import subprocess


def is_running(pid: int) -> bool:
    """A zombie, which its new parent has yet to reap, does not run."""
    state = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False).stdout
    return bool(state) and not state.startswith("Z")
