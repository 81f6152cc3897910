import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from schemas.errors import Misconfigured, Unavailable
from services.runtime.child import Command
from services.runtime.exit_codes import ExitCode
from services.runtime.slot import Outcome, Patience, Phase, Slot, Status
from services.runtime.supervisor import Supervisor
from tests.support.deadline import eventually, eventually_async
from tests.support.processes import is_running

HASTY = Patience(restarts=2, first_pause=0.01, longest_pause=0.01)


def sh(script: str, name: str = "it", **rest: object) -> Slot:
    return Slot(name, lambda: Command(["/bin/sh", "-c", script]), **rest)  # type: ignore[arg-type]


@asynccontextmanager
async def running(supervisor: Supervisor) -> AsyncIterator[asyncio.Task[Outcome]]:
    stop = asyncio.Event()
    task = asyncio.create_task(supervisor.run(stop))
    try:
        await asyncio.wait({task, asyncio.create_task(supervisor.all_ready.wait())}, return_when="FIRST_COMPLETED")
        yield task
    finally:
        stop.set()
        await task


def pid_of(supervisor: Supervisor, place: int = 0) -> int:
    pid = supervisor.statuses[place].pid
    assert pid is not None
    return pid


async def test_a_killed_process_is_back_in_its_slot_within_a_second() -> None:
    supervisor = Supervisor([sh("exec sleep 60")])
    async with running(supervisor):
        first = pid_of(supervisor)
        os.kill(first, signal.SIGKILL)
        await eventually_async(
            lambda: supervisor.statuses[0].phase is Phase.RUNNING and supervisor.statuses[0].pid != first, within=1.5
        )
        assert supervisor.statuses[0].last_exit == -signal.SIGKILL
        assert supervisor.statuses[0].restarts == 1


async def test_a_bug_is_restarted_up_to_the_limit_and_then_everything_stops() -> None:
    supervisor = Supervisor([sh("exec sleep 60", "well"), sh("exit 70", "ill")], patience=HASTY)
    outcome = await supervisor.run(asyncio.Event())
    assert outcome.code is ExitCode.RESTART_LIMIT
    assert [problem.where for problem in outcome.problems] == ["ill"]
    assert [status.phase for status in supervisor.statuses] == [Phase.STOPPED, Phase.STOPPED]


async def test_a_misconfigured_process_is_not_started_again() -> None:
    started: list[Status] = []
    supervisor = Supervisor([sh("exit 78")], patience=HASTY, on_change=started.append)
    outcome = await supervisor.run(asyncio.Event())
    assert outcome.code is ExitCode.MISCONFIGURED
    assert not [status for status in started if status.phase is Phase.RESTARTING]


async def test_a_process_that_needs_a_person_halts_alone() -> None:
    started: list[Status] = []
    supervisor = Supervisor(
        [sh("exit 65", "ill"), sh("exec sleep 60", "well")], patience=HASTY, on_change=started.append
    )
    async with running(supervisor) as task:
        await eventually_async(lambda: supervisor.statuses[0].phase is Phase.HALTED)
        assert supervisor.statuses[1].phase is Phase.RUNNING
        assert not task.done()
        problem = supervisor.statuses[0].problem
    assert problem is not None
    assert (problem.where, "Halted after code 65" in problem.text_en) == ("ill", True)
    assert not [status for status in started if status.phase is Phase.RESTARTING]
    assert task.result().code is ExitCode.OK
    assert {status.phase for status in supervisor.statuses} == {Phase.STOPPED}


async def test_a_slot_whose_other_side_was_never_there_is_the_reason() -> None:
    def command() -> Command:
        raise Unavailable("the cluster is away")

    outcome = await Supervisor([Slot("it", command)]).run(asyncio.Event())
    assert (outcome.code, outcome.problems[0].text_en) == (ExitCode.UNAVAILABLE, "the cluster is away")


async def test_a_slot_that_has_run_waits_for_the_other_side_without_using_up_its_restarts() -> None:
    refusals = iter([Unavailable("not yet", retry_after=0.01)] * (HASTY.restarts + 5))
    started: list[int] = []

    def refuse(_code: int = 0) -> None:
        if started and (refusal := next(refusals, None)):
            raise refusal

    def command() -> Command:
        refuse()
        started.append(1)
        return Command(["/bin/sh", "-c", "exec sleep 60"])

    supervisor = Supervisor([Slot("it", command, ended=refuse)], patience=HASTY)
    async with running(supervisor):
        os.kill(pid_of(supervisor), signal.SIGKILL)
        await eventually_async(lambda: len(started) > 1 and supervisor.statuses[0].phase is Phase.RUNNING)
    assert next(refusals, None) is None


async def test_what_a_slot_finds_wrong_before_it_starts_is_the_reason() -> None:
    def command() -> Command:
        raise Misconfigured("the port is taken")

    outcome = await Supervisor([Slot("it", command)]).run(asyncio.Event())
    assert outcome.code is ExitCode.MISCONFIGURED
    assert outcome.problems[0].text_en == "the port is taken"


async def test_a_missing_program_is_named() -> None:
    supervisor = Supervisor([Slot("it", lambda: Command(["/nowhere/program"]))], patience=HASTY)
    outcome = await supervisor.run(asyncio.Event())
    assert outcome.code is ExitCode.MISCONFIGURED
    assert "/nowhere/program cannot be started" in outcome.problems[0].text_en


async def test_a_process_that_never_gets_ready_is_stopped_with_a_reason() -> None:
    patience = Patience(ready_seconds=0.1)
    supervisor = Supervisor([sh("exec sleep 60", ready=lambda: False)], patience=patience)
    outcome = await supervisor.run(asyncio.Event())
    assert "not ready" in outcome.problems[0].text_en


async def test_processes_stop_in_reverse_order(tmp_path: Path) -> None:
    log = tmp_path / "log"
    note = "trap 'echo {0} >>{1}; exit 0' TERM; touch {1}.{0}; while :; do sleep 0.01; done"

    def slot(name: str) -> Slot:
        return sh(note.format(name, log), name, ready=(tmp_path / f"log.{name}").exists)

    async with running(Supervisor([slot("first"), slot("second")])):
        pass
    assert log.read_text(encoding="ascii").split() == ["second", "first"]


async def test_a_process_that_does_not_stop_is_killed() -> None:
    deaf = sh("trap '' TERM; while :; do sleep 0.01; done", drain_seconds=0.1)
    supervisor = Supervisor([deaf])
    async with running(supervisor):
        pid = pid_of(supervisor)
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


async def test_the_exit_code_reaches_the_slot_which_may_stop_everything() -> None:
    def ended(code: int) -> None:
        raise Misconfigured(f"disk full, code {code}")

    outcome = await Supervisor([sh("exit 1", ended=ended)], patience=HASTY).run(asyncio.Event())
    assert outcome.problems[0].text_en == "disk full, code 1"


async def test_a_process_that_ran_for_long_has_a_fresh_count() -> None:
    patience = Patience(restarts=1, first_pause=0.0, calm_seconds=0.0)
    supervisor = Supervisor([sh("exit 70")], patience=patience)
    restarts: Callable[[], int | None] = lambda: supervisor.statuses[0].last_exit  # noqa: E731
    async with running(supervisor) as task:
        await eventually_async(lambda: restarts() == ExitCode.INTERNAL)
        assert not task.done()


_PARENT = """
import asyncio
from services.runtime.child import Command
from services.runtime.slot import Slot
from services.runtime.supervisor import Supervisor
show = lambda status: print(status.pid or 0, flush=True)
asyncio.run(Supervisor([Slot("it", lambda: Command(["sleep", "60"]))], on_change=show).run(asyncio.Event()))
"""


def test_no_process_outlives_a_killed_supervisor() -> None:
    with subprocess.Popen([sys.executable, "-c", _PARENT], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        pid = next(int(line) for line in parent.stdout if int(line))
        parent.kill()
    eventually(lambda: not is_running(pid))


def test_pauses_grow_up_to_a_limit() -> None:
    patience = Patience()
    assert [patience.pause(n) for n in range(1, 8)] == pytest.approx([0.1, 0.3, 0.9, 2.7, 8.1, 10.0, 10.0])
