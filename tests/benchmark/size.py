"""Size: what the product takes of a machine before it does anything: memory, CPU, time to start, disk."""

import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from re import findall
from tempfile import TemporaryDirectory
from time import monotonic, sleep

from services.commands.portals import add_key
from services.commands.processes import Service
from tests.benchmark.family import family
from tests.benchmark.running import Running
from tests.benchmark.scale import Scale
from tests.benchmark.site import Rig, Site
from tests.benchmark.table import Figure
from tests.benchmark.takeover import everything
from tests.support.load import cpu_seconds, resident_bytes

_ROOT = Path(__file__).parents[2]
_MIB = 2**20


def size(rig: Rig, scale: Scale) -> Iterator[Figure]:
    """Each process started alone, then all of them under the supervisor, then the packages."""
    with rig.site() as site:
        add_key(site.installation.settings.portal_keys, "bench")
        yield from _cold_starts(site, scale.rounds)
        with everything(site, routers=1) as supervisor:
            yield from _at_rest(supervisor, scale.idle_seconds)
    if scale.install:
        yield Figure("installed: the wheel and its locked dependencies", _installed_anew() / _MIB, "MiB")
    else:
        yield Figure("installed: the locked dependencies as they lie here", _as_listed() / _MIB, "MiB")


def _cold_starts(site: Site, rounds: int) -> Iterator[Figure]:
    for service in Service:
        times = []
        for _ in range(rounds):
            with site.running(service) as running:
                times.append(running.ready_after)
        yield Figure(f"cold start until ready, {service}", sorted(times)[len(times) // 2], "s")


def _at_rest(supervisor: Running, seconds: float) -> Iterator[Figure]:
    members = family(supervisor.pid)
    before, began = sum(cpu_seconds(member.pid) for member in members), monotonic()
    sleep(seconds)
    lasted = monotonic() - began
    spent = sum(cpu_seconds(member.pid) for member in members) - before
    memory = {member: resident_bytes(member.pid) / _MIB for member in members}
    for member, amount in memory.items():
        if member.role:
            yield Figure(f"resident, {member.role}", amount, "MiB")
    yield Figure("resident, all processes without the broker", sum(memory.values()), "MiB", aim="≤ 350")
    yield Figure("idle CPU of all processes without the broker", 100 * spent / lasted, "%", aim="≤ 3")


def _installed_anew() -> int:
    """Bytes that the wheel and the runtime's lock file add to an empty environment."""
    with TemporaryDirectory(prefix="laufzettel-wheel-") as folder:
        environment = Path(folder) / "venv"
        python = str(environment / "bin" / "python")
        wheel = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder]
        _run(*wheel)
        _run(sys.executable, "-m", "venv", str(environment))
        packages = next(environment.glob("lib/python*/site-packages"))
        before = _bytes_below(packages)
        pip = (python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-compile")
        _run(*pip, "--require-hashes", "-r", str(_ROOT / "deploy" / "locks" / "runtime.txt"))
        _run(*pip, "--no-deps", *(str(path) for path in Path(folder).glob("*.whl")))
        return _bytes_below(packages) - before


def _as_listed() -> int:
    names = findall(r"(?m)^([A-Za-z0-9][\w.-]*)==", (_ROOT / "deploy" / "locks" / "runtime.txt").read_text())
    ours = sum(_bytes_below(_ROOT / package) for package in ("services", "connectors", "schemas"))
    return ours + sum(map(_listed, names))


def _listed(name: str) -> int:
    try:
        files = distribution(name).files or []
    except PackageNotFoundError:
        return 0  # a package for another platform
    return sum(file.size or 0 for file in files)


def _bytes_below(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file() and path.suffix != ".pyc")


def _run(*argv: str) -> None:
    done = subprocess.run(argv, cwd=_ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{argv[2]} failed:\n{done.stderr[-2000:]}")
