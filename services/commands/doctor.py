"""laufzettel doctor: what keeps this installation from working, each finding with what to do about it."""

import asyncio
import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from schemas.errors import Misconfigured, Problem, Unavailable
from services.commands.installation import Installation
from services.commands.processes import Service, processes
from services.commands.terminal import Json, emit_or_table, found, own_settings, words

_NEEDED_BYTES = 1 << 30
_FUTURE_S = 2.0


class State(StrEnum):
    """How a check went."""

    OK = "ok"
    HINT = "hint"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class Finding:
    """One check: what it says, and the remedy where one is needed."""

    check: str
    state: State
    says: str
    remedy: str = ""


Check = Callable[[Installation], Iterator[Finding]]


def doctor(as_json: Json = False) -> None:
    """Checks settings, Kochbuch, folders, ports, Java, Kafka, topics, schemas and clocks; exit 1 if one is wrong."""
    findings = list(_all())
    rows = [asdict(finding) for finding in findings]
    emit_or_table(as_json, rows, ("check", "state", "says", "remedy"), "Nothing to check.")
    found(all(finding.state is not State.WRONG for finding in findings))


def _all() -> Iterator[Finding]:
    from services.runtime.settings import unknown_settings

    for problem in unknown_settings(own_settings()):
        yield Finding("settings", State.HINT, words(problem))
    try:
        installation = Installation.from_environment()
    except Misconfigured as error:
        yield from _wrong("settings", error.problems)
        return
    yield Finding("settings", State.OK, "readable")
    for name, check in CHECKS.items():
        yield from _guarded(name, check, installation)
    reached = list(_guarded("kafka", _kafka, installation))
    yield from reached
    if all(finding.state is State.OK for finding in reached):
        for name, check in CLUSTER_CHECKS.items():
            yield from _guarded(name, check, installation)


def _guarded(name: str, check: Check, installation: Installation) -> Iterator[Finding]:
    """A check that cannot be made is a finding, and the others go on."""
    try:
        yield from check(installation)
    except (Misconfigured, Unavailable) as error:
        yield from _wrong(name, error.problems)


def _wrong(name: str, problems: tuple[Problem, ...]) -> Iterator[Finding]:
    for problem in problems:
        says, _, remedy = words(problem).partition(" Remedy: ")
        yield Finding(name, State.WRONG, says, remedy)


def _kochbuch(installation: Installation) -> Iterator[Finding]:
    book = installation.book
    yield Finding("kochbuch", State.OK, f"{len(book.recipes)} recipes, {len(book.municipalities)} municipalities")


def _sources(installation: Installation) -> Iterator[Finding]:
    from connectors.sources import read_sources

    sources = read_sources(installation.book, installation.settings.municipalities_dir)
    yield Finding("sources", State.OK, ", ".join(source.name for source in sources) or "none declared")


def _folders(installation: Installation) -> Iterator[Finding]:
    settings = installation.settings
    for name, folder in {
        "data folder": settings.data_dir,
        "hot folder": settings.inbox,
        "cache": settings.cache_dir,
    }.items():
        present = next(path for path in (folder, *folder.parents) if path.exists())
        if not os.access(present, os.W_OK | os.X_OK):
            yield Finding(name, State.WRONG, f"{present} cannot be written", f"chown or chmod {present}")
        elif (free := shutil.disk_usage(present).free) < _NEEDED_BYTES:
            yield Finding(
                name, State.WRONG, f"{free >> 20} MB free at {present}", "make room; below 1 GB Kafka may stop"
            )
        else:
            yield Finding(name, State.OK, f"{folder}, {free >> 30} GB free")


def _portals(installation: Installation) -> Iterator[Finding]:
    from services.intake.keyring import read_keyring

    path = installation.settings.portal_keys
    if not path.exists():
        yield Finding("portals", State.HINT, f"{path} is not there: nobody can submit", "laufzettel portals add NAME")
        return
    portals = read_keyring(path).portals
    if Path(path).stat().st_mode & 0o004:
        yield Finding("portals", State.HINT, f"{path} can be read by everybody", f"chmod 600 {path}")
    yield Finding("portals", State.OK, ", ".join(sorted(portals)))


def _java(installation: Installation) -> Iterator[Finding]:
    if not installation.settings.embedded:
        yield Finding("java", State.OK, "not needed with an existing cluster")
        return
    from services.runtime.broker.java import find_java

    java = find_java()
    yield Finding("java", State.OK, f"{java.executable} ({java.major})")


def _ports(installation: Installation) -> Iterator[Finding]:
    """A port that is taken is fine when one of our own processes answers on it."""
    from services.runtime.ports import require_free
    from services.runtime.probe import unready_checks

    settings = installation.settings
    running = False
    for process in processes(settings):
        unready = unready_checks(settings.host, process.admin_port)
        running = running or (unready is not None and process.service is Service.INTAKE)
        if unready:
            waits = ", ".join(f"{name}: {why}" for name, why in unready.items())
            yield Finding(process.name, State.WRONG, f"runs, but is not ready ({waits})", "read its log")
        elif unready is not None:
            yield Finding(process.name, State.OK, f"runs and is ready on port {process.admin_port}")
        else:
            require_free(settings.host, process.admin_port, "LAUFZETTEL_ADMIN_PORT")
            yield Finding(process.name, State.HINT, "does not run", "laufzettel up")
    if not running:
        require_free(settings.host, settings.intake_port, "LAUFZETTEL_INTAKE_PORT")


def _kafka(installation: Installation) -> Iterator[Finding]:
    with installation.admin(timeout_ms=3_000) as admin:
        yield Finding("kafka", State.OK, f"{admin.brokers()} broker(s) at {installation.settings.bootstrap}")


def _topics(installation: Installation) -> Iterator[Finding]:
    from services.commands.topics import plan_of

    with installation.admin(timeout_ms=3_000) as admin:
        plan = plan_of(installation, admin)
    yield from _wrong("topics", plan.refused)
    if plan.create or plan.drift:
        says = f"{len(plan.create)} missing, {len(plan.drift)} settings differ"
        yield Finding("topics", State.WRONG, says, "laufzettel topics plan, then laufzettel topics apply")
    elif not plan.refused:
        yield Finding("topics", State.OK, f"{len(installation.topics)} as in the catalogue")


def _schemas(installation: Installation) -> Iterator[Finding]:
    from services.runtime.published import incompatibilities, unpublished

    published = asyncio.run(_published(installation))
    ours = installation.book.schemas
    yield from _wrong("schemas", tuple(incompatibilities(ours, published)))
    if new := unpublished(ours, published):
        yield Finding("schemas", State.WRONG, f"{len(new)} are not published", "laufzettel topics apply")
    else:
        yield Finding("schemas", State.OK, f"{len(published)} published")
    if foreign := [schema for schema in published.values() if schema not in installation.book.codec]:
        says = f"{len(foreign)} published ones are not in this Kochbuch: events written with them cannot be read here"
        yield Finding(
            "schemas", State.HINT, says, "keep earlier versions in kochbuch/earlier, or use one Kochbuch everywhere"
        )


async def _published(installation: Installation) -> dict[int, Any]:
    from services.runtime.published import published_schemas

    async with installation.bus() as bus:
        return await published_schemas(bus)


def _clock(installation: Installation) -> Iterator[Finding]:
    """Kafka tells nobody its time; but a record from the future shows that the clocks of two machines differ."""
    from services.runtime.clock import system_clock

    ahead = asyncio.run(_newest(installation)) / 1000 - system_clock() / 1_000_000
    if ahead > _FUTURE_S:
        says = f"the newest record is {ahead:.0f} seconds in the future"
        yield Finding(
            "clock", State.WRONG, says, "synchronise the clocks of all machines (NTP); deadlines depend on them"
        )
    else:
        yield Finding("clock", State.OK, "no record is from the future")


async def _newest(installation: Installation) -> int:
    from schemas.topics import CASE_REQUESTS
    from services.runtime.reading import Span, read_spans, spans

    with installation.admin(timeout_ms=3_000) as admin:
        ends = {
            place: Span(max(span.start, span.end - 3), span.end)
            for place, span in spans(admin, [CASE_REQUESTS]).items()
        }
    client = installation.settings.connection().client()
    return max([record.timestamp async for record in read_spans(client, ends)], default=0)


CHECKS: dict[str, Check] = {
    "kochbuch": _kochbuch,
    "sources": _sources,
    "folders": _folders,
    "portals": _portals,
    "java": _java,
    "ports": _ports,
}
CLUSTER_CHECKS: dict[str, Check] = {
    "topics": _topics,
    "schemas": _schemas,
    "clock": _clock,
}
"""In this order, those of the cluster only when it can be reached; none stops the others."""
