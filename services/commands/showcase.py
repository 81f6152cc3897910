"""Showcase: one run of the demo, from nothing to the verdict."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any

from schemas.errors import Misconfigured, Problem, Unavailable
from services.commands.balance import balance_of
from services.commands.fleet import Fleet, make_folder
from services.commands.handover import PORTAL, client, hand_in
from services.commands.installation import Installation
from services.commands.journeys import Journeys
from services.commands.live import Live
from services.commands.processes import processes
from services.commands.sample import Sample
from services.commands.terminal import report
from services.runtime.exit_codes import ExitCode

if TYPE_CHECKING:
    from services.runtime.balance import Balance
    from services.runtime.slot import Outcome, Status

_LOOK_S = 0.05
_SETTLE_S = 10.0


@dataclass(frozen=True, slots=True)
class Result:
    """What became of it."""

    code: ExitCode
    samples: int = 0
    findings: tuple[str, ...] = ()
    timeline: tuple[tuple[str, float], ...] = ()
    account: "Balance | None" = None
    reference: str = ""
    api_key: str = ""
    problems: tuple[Problem, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """For machines."""
        return {
            "as_expected": not self.findings,
            "samples": self.samples,
            "findings": list(self.findings),
            "seconds": {what: round(seconds, 3) for what, seconds in self.timeline},
            "balance": self.account.to_json() if self.account else None,
        }


@dataclass
class Showcase:
    """Starts everything, hands in the samples, watches the departments, and judges."""

    installation: Installation
    samples: Sequence[Sample]
    begun: float
    quiet: bool = False
    timeline: list[tuple[str, float]] = field(default_factory=list)
    _starting: asyncio.Event = field(default_factory=asyncio.Event)
    _complete: asyncio.Event = field(default_factory=asyncio.Event)

    async def run(
        self, patience: float, stop: asyncio.Event, *, once: bool, on_result: Callable[[Result], None]
    ) -> Result:
        """The verdict; unless ``once``, everything stays until ``stop`` is set."""
        from services.runtime.log import configure_log

        logs = self.installation.settings.data_dir / "logs"
        make_folder(logs)
        with (logs / "demo.log").open("w", encoding="utf-8") as log:
            configure_log(service="demo", stream=log)
            return await self._run(logs, patience, stop, once=once, on_result=on_result)

    async def _run(
        self, logs: Path, patience: float, stop: asyncio.Event, *, once: bool, on_result: Callable[[Result], None]
    ) -> Result:
        key = self._add_portal()
        fleet = Fleet(self.installation, self._environ(), logs, self._changed, self._topics)
        ended = asyncio.Event()
        running = asyncio.create_task(fleet.run(ended))
        stopping = asyncio.create_task(stop.wait())
        showing = asyncio.create_task(self._show(key, patience))
        try:
            await asyncio.wait({running, stopping, showing}, return_when=asyncio.FIRST_COMPLETED)
            if not showing.done():
                return Result(ExitCode.OK) if stopping.done() else self._gave_up(await running)
            result = showing.result()
            on_result(result)
            if not once:
                await asyncio.wait({running, stopping}, return_when=asyncio.FIRST_COMPLETED)
                return self._gave_up(running.result()) if running.done() else result
            return result
        finally:
            ended.set()
            showing.cancel()
            stopping.cancel()
            await asyncio.gather(running, showing, stopping, return_exceptions=True)

    def _gave_up(self, outcome: "Outcome") -> Result:
        folder = self.installation.settings.data_dir / "logs"
        tails = [
            Problem(path.name, line, line)
            for path in sorted(folder.glob("*.log"))
            for line in path.read_text(encoding="utf-8", errors="replace").splitlines()[-2:]
        ]
        return Result(outcome.code, problems=(*outcome.problems, *tails))

    def _add_portal(self) -> str:
        from services.commands.portals import add_key

        return add_key(self.installation.settings.portal_keys, PORTAL)

    def _environ(self) -> dict[str, str]:
        """The services read the same settings as we do; what is particular to this run comes on top."""
        settings = self.installation.settings
        return {
            "LAUFZETTEL_DATA_DIR": str(settings.data_dir),
            "LAUFZETTEL_INBOX_DIR": str(settings.inbox),
            "LAUFZETTEL_PORTAL_KEYS_FILE": str(settings.portal_keys),
            "LAUFZETTEL_LOG_FORMAT": "json",
        }

    def _mark(self, what: str) -> None:
        self.timeline.append((what, monotonic() - self.begun))

    def _changed(self, status: "Status") -> None:
        from services.runtime.slot import Phase

        self._starting.set()
        if status.problem is not None:
            report((status.problem,))
        if status.name == "broker" and status.phase is Phase.RUNNING:
            self._mark("Kafka answers")

    def _topics(self, changes: int) -> None:
        self._mark(f"topics and schemas are there ({changes} changes)")

    async def _show(self, key: str, patience: float) -> Result:
        await self._until_ready(patience)
        await asyncio.to_thread(self._require_empty)
        journeys = Journeys(self.installation.book, tuple(self.samples))
        with Live(journeys, quiet=self.quiet) as live:
            watching = asyncio.create_task(self._watch(journeys, live))
            try:
                async with client(self.installation.settings, key) as intake:
                    await hand_in(intake, self.installation.settings.inbox, journeys)
                if journeys.is_complete():
                    self._complete.set()  # all were refused: no record will come to say so
                await self._until_complete(watching, patience)
                account = await self._settled()
            finally:
                watching.cancel()
                await asyncio.gather(watching, return_exceptions=True)
        return self._judge(journeys, account, key)

    async def _until_ready(self, patience: float) -> None:
        """The clock starts with the first process, not with what has to be downloaded before it."""
        from services.runtime.probe import is_ready

        settings = self.installation.settings
        await self._starting.wait()
        deadline = monotonic() + patience
        for process in processes(settings):
            while not await asyncio.to_thread(is_ready, settings.host, process.admin_port):
                if monotonic() > deadline:
                    raise Unavailable(_not_ready(process.name, str(settings.data_dir / "logs")))
                await asyncio.sleep(_LOOK_S)
            self._mark(f"{process.name} is ready")

    def _require_empty(self) -> None:
        """The verdict is about all that is there: what an earlier run left would be taken for wrong, or for right."""
        from schemas.topics import CASE_REQUESTS, DEAD_LETTERS
        from services.runtime.reading import spans

        with self.installation.admin() as admin:
            if spans(admin, [CASE_REQUESTS, DEAD_LETTERS, *self.installation.departments]):
                raise Misconfigured(_not_empty(self.installation))

    async def _watch(self, journeys: Journeys, live: Live) -> None:
        """Reads what departments read: committed records only."""
        from schemas.topics import DEAD_LETTERS
        from services.runtime.clock import system_clock
        from services.runtime.reading import follow

        installation = self.installation
        counts = {
            name: installation.topics[name].count(installation.settings.partitions) for name in installation.departments
        }
        counts[DEAD_LETTERS] = installation.settings.partitions
        async with aclosing(follow(installation.settings.connection().client(), counts)) as records:
            async for record in records:
                if record.topic == DEAD_LETTERS:
                    live.died(*journeys.died(record))
                elif (arrival := journeys.arrived(record, system_clock())) is not None:
                    if len(journeys.arrivals) == 1:
                        self._mark("the first case is with a department")
                    live.arrived(arrival)
                if journeys.is_complete():
                    self._complete.set()

    async def _until_complete(self, watching: "asyncio.Task[None]", patience: float) -> None:
        complete = asyncio.create_task(self._complete.wait())
        await asyncio.wait({complete, watching}, timeout=patience, return_when=asyncio.FIRST_COMPLETED)
        complete.cancel()
        if watching.done():
            watching.result()
        self._mark("everything that is expected has arrived" if self._complete.is_set() else "time is up")

    async def _settled(self) -> "Balance":
        """The account once nothing is in flight any more, so that what is too much has arrived as well."""
        deadline = monotonic() + _SETTLE_S
        while True:
            account = await balance_of(self.installation)
            if not account.in_flight or monotonic() > deadline:
                self._mark("the account is settled")
                return account
            await asyncio.sleep(_LOOK_S)

    def _judge(self, journeys: Journeys, account: "Balance", key: str) -> Result:
        findings = list(journeys.findings())
        if account.in_flight:
            findings.append(f"balance: {account.in_flight} requests are still in flight")
        if not account.is_even:
            findings.append("balance: not even")
        reference = journeys.arrivals[0].reference if journeys.arrivals else ""
        return Result(
            ExitCode.FINDING if findings else ExitCode.OK,
            len(self.samples),
            tuple(findings),
            tuple(self.timeline),
            account,
            reference,
            key,
        )


def _not_empty(installation: Installation) -> Problem:
    settings = installation.settings
    if settings.embedded:
        return Problem(
            str(settings.data_dir),
            "Hier liegen schon Vorgänge; die Demo urteilt nur über einen leeren Bestand. Abhilfe: mit --data einen "
            "neuen Ordner nennen, oder mit „LAUFZETTEL_DATA_DIR=… laufzettel up“ weiterarbeiten.",
            "There are cases here already; the demo judges only what began empty. Remedy: name a new folder with "
            "--data, or go on with “LAUFZETTEL_DATA_DIR=… laufzettel up”.",
        )
    return Problem(
        "LAUFZETTEL_KAFKA",
        "Auf diesem Cluster liegen schon Vorgänge; die Demo urteilt nur über einen leeren Bestand. Abhilfe: ein leeres "
        "Cluster nennen, oder keines.",
        "There are cases on this cluster already; the demo judges only what began empty. Remedy: name an empty "
        "cluster, or none.",
    )


def _not_ready(name: str, logs: str) -> Problem:
    return Problem(
        name,
        f"Ist nicht rechtzeitig bereit geworden. Abhilfe: sein Log unter {logs} lesen, oder --timeout erhöhen.",
        f"Did not become ready in time. Remedy: read its log in {logs}, or raise --timeout.",
    )
