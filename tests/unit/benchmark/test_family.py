import os
import subprocess
import sys

from tests.benchmark.family import family


def test_a_process_and_all_that_descend_from_it() -> None:
    script = (
        "import subprocess; p = subprocess.Popen(['cat'], stdin=subprocess.PIPE); print(p.pid, flush=True); input()"
    )
    child = subprocess.Popen([sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert child.stdin
    assert child.stdout
    grandchild = int(child.stdout.readline())
    try:
        pids = {member.pid: member.parent for member in family(child.pid)}
        assert pids == {child.pid: os.getpid(), grandchild: child.pid}
    finally:
        child.communicate(b"\n")
