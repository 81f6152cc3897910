import fcntl
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from services.runtime.child import Child, Command
from services.runtime.leash import FIRST_FREE_DESCRIPTOR
from tests.support.deadline import eventually
from tests.support.processes import is_running


def test_a_child_has_its_own_process_id_and_no_input(tmp_path: Path) -> None:
    output = tmp_path / "output"
    child = Child.start(Command(["/bin/sh", "-c", "read -r line; echo $$ $?"], output=output))
    assert child.wait(10) == 0
    assert output.read_text(encoding="ascii").split() == [str(child.pid), "1"]


def test_the_environment_is_added_to_and_descriptors_are_handed_down(tmp_path: Path) -> None:
    output, handed = tmp_path / "output", tmp_path / "handed"
    handed.write_bytes(b"down")
    with handed.open("rb") as file:
        descriptor = fcntl.fcntl(file, fcntl.F_DUPFD_CLOEXEC, FIRST_FREE_DESCRIPTOR)
    script = f"import os; print(os.environ['WHO'], os.read({descriptor}, 9))"
    child = Child.start(Command([sys.executable, "-c", script], {"WHO": "me"}, (descriptor,), output))
    os.close(descriptor)
    assert child.wait(10) == 0
    assert output.read_text(encoding="ascii") == "me b'down'\n"


def test_ending_asks_first() -> None:
    assert Child.start(Command(["sleep", "60"])).end(10) == -signal.SIGTERM


def test_ending_insists_later(tmp_path: Path) -> None:
    output = tmp_path / "output"
    deaf = Child.start(Command(["/bin/sh", "-c", "trap '' TERM; echo deaf; exec sleep 60"], output=output))
    eventually(output.read_bytes)
    assert deaf.end(0.05) == -signal.SIGKILL


def test_a_child_that_has_ended_can_be_asked_to_end() -> None:
    child = Child.start(Command(["true"]))
    child.wait(10)
    child.send(signal.SIGTERM)
    assert child.poll() == 0


def test_a_missing_program_is_an_error_of_the_parent() -> None:
    with pytest.raises(FileNotFoundError):
        Child.start(Command(["/nowhere/program"]))


_PARENT = """
import time
from services.runtime.child import Child, Command
child = Child.start(Command(["/bin/sh", "-c", "echo $$; exec sleep 60"]))
time.sleep(60)
"""


@pytest.mark.parametrize("number", [signal.SIGCONT, signal.SIGSTOP])
def test_no_child_running_or_frozen_outlives_a_killed_parent(number: signal.Signals) -> None:
    with subprocess.Popen([sys.executable, "-c", _PARENT], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        os.kill(pid, number)
        assert is_running(pid)
        parent.kill()
    eventually(lambda: not is_running(pid))
