"""Family: a process and all that descend from it, as Linux shows them."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

_MODULE = "services.cli "


@dataclass(frozen=True, slots=True)
class Member:
    """One process; ``role`` is what follows the name of our program in its command line, else empty."""

    pid: int
    parent: int
    role: str


def family(head: int) -> list[Member]:
    """The process and its descendants."""
    everyone = list(_everyone())
    found = [member for member in everyone if member.pid == head]
    for elder in found:
        found += [member for member in everyone if member.parent == elder.pid]
    return found


def pid_of(head: int, role: str) -> int:
    """The child in that role."""
    return next(member.pid for member in family(head) if member.parent == head and member.role == role)


def _everyone() -> Iterator[Member]:
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
            words = (folder / "cmdline").read_bytes().decode(errors="replace").split("\0")
            role = " ".join(words).strip().partition(_MODULE)[2] if Path(words[0]).name.startswith("python") else ""
            yield Member(int(folder.name), parent, role)
