"""Leash: a child process that cannot outlive its parent, not even when the parent is killed.

A pipe, because it works on every POSIX system and from every thread: its reading end belongs to a shell of
1 MB beside the child, its writing end to the parent alone. When the parent dies, the kernel closes the
pipe, and the shell kills the child. The child replaces the first shell, so its process id is the child's own.
"""

import os
from collections.abc import Sequence
from contextlib import suppress

_SHELL = 'exec 3<&0 </dev/null; { read -r released <&3 || kill -9 "$$"; } >/dev/null 2>&1 & exec "$@" 3<&-'
FIRST_FREE_DESCRIPTOR = 64
"""Below this, a descriptor handed down to the child may collide with the shell's own."""


class Leash:
    """One child's pipe: start the child with ``stdin=leash.stdin`` and ``leash.argv(…)``, then ``release()``."""

    def __init__(self) -> None:
        self.stdin, self._held = os.pipe()

    def argv(self, argv: Sequence[str]) -> list[str]:
        """The command that runs ``argv`` on this leash, under the same process id."""
        return ["/bin/sh", "-c", _SHELL, "leash", *argv]

    def started(self) -> None:
        """To be called when the child has been started: it holds the reading end now."""
        os.close(self.stdin)
        self.stdin = -1

    def release(self) -> None:
        """To be called when the child has ended, so that nobody else can be killed under its old id."""
        if self._held < 0:
            return
        with suppress(BrokenPipeError):  # the shell may have gone as well
            os.write(self._held, b"\n")
        os.close(self._held)
        self._held = -1
        if self.stdin >= 0:
            self.started()
