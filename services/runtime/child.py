"""Child: one process on a leash."""

import errno
import os
import shutil
import signal
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from services.runtime.leash import Leash


@dataclass(frozen=True, slots=True)
class Command:
    """What to run; ``environ`` adds to the parent's, ``descriptors`` are handed down, ``output`` takes both streams."""

    argv: Sequence[str]
    environ: Mapping[str, str] = field(default_factory=dict)
    descriptors: Sequence[int] = ()
    output: Path | None = None


class Child:
    """A running process that dies with this one; it has a session of its own, so Ctrl-C reaches the parent only."""

    def __init__(self, process: subprocess.Popen[bytes], leash: Leash) -> None:
        self._process = process
        self._leash = leash

    @classmethod
    def start(cls, command: Command) -> "Child":
        """Starts ``command``; raises OSError when there is no such program."""
        if shutil.which(command.argv[0]) is None:  # the shell of the leash would only say 127
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), command.argv[0])
        leash = Leash()
        output = os.open(command.output, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600) if command.output else None
        try:
            process = subprocess.Popen(  # noqa: S603 - argv comes from this package alone
                leash.argv(command.argv),
                stdin=leash.stdin,
                stdout=output,
                stderr=output,
                env={**os.environ, **command.environ},
                pass_fds=command.descriptors,
                start_new_session=True,
            )
        except BaseException:
            leash.release()
            raise
        finally:
            if output is not None:
                os.close(output)
        leash.started()
        return cls(process, leash)

    @property
    def pid(self) -> int:
        """The program's own process id; the leash keeps it."""
        return self._process.pid

    def poll(self) -> int | None:
        """The exit code, or None while it runs; negative when a signal ended it."""
        code = self._process.poll()
        if code is not None:
            self._leash.release()
        return code

    def wait(self, timeout: float | None = None) -> int:
        """The exit code; raises subprocess.TimeoutExpired."""
        code = self._process.wait(timeout)
        self._leash.release()
        return code

    def send(self, number: signal.Signals) -> None:
        """Sends a signal; nothing happens when the process has ended."""
        with suppress(ProcessLookupError):
            self._process.send_signal(number)

    def end(self, grace: float) -> int:
        """Asks to end, waits ``grace`` seconds, then insists."""
        self.send(signal.SIGTERM)
        try:
            return self.wait(grace)
        except subprocess.TimeoutExpired:
            return self.kill()

    def kill(self) -> int:
        """Ends the process as a crash would."""
        self.send(signal.SIGKILL)
        return self.wait()
