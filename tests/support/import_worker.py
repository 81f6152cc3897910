"""One importer process for tests that kill it: ``python -m tests.support.import_worker JSON``; a line a commit."""

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

import uvloop

from connectors.base import Limit
from connectors.hotfolder import FolderInlet, HotFolder
from schemas.kochbuch import read_kochbuch
from schemas.submission import Acceptance
from services.importer.core import Batch
from services.importer.draining import Draining
from services.importer.watch import Reporter
from services.runtime.clock import system_clock
from services.runtime.kafka import Connection, KafkaBus
from services.runtime.log import configure_log
from services.runtime.metrics import process_metrics


class Telling(Reporter):
    """Says on its standard output how far it has come."""

    def committed(self, source: str, batch: Batch) -> None:
        super().committed(source, batch)
        total = batch.progress.total
        sys.stdout.write(f"{total.accepted + total.rejected}\n")
        sys.stdout.flush()


async def main(arguments: dict[str, Any]) -> None:
    configure_log(service="importer", json=True)
    home = Path(arguments["home"])
    book = read_kochbuch(home / "kochbuch", home / "municipalities")
    config = HotFolder.model_validate(arguments["config"])
    source = arguments["source"]
    async with KafkaBus(Connection(arguments["bootstrap"])) as bus:
        inlet = FolderInlet(config, source, home / "inbox")
        watch = Telling(process_metrics())
        accept = Acceptance(book).accept
        draining = Draining(
            source, inlet, bus.source(source), accept, Limit(), watch, system_clock, records=arguments["records"]
        )
        stop = asyncio.Event()
        await draining.run(stop, poll_seconds=0.02)


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main(json.loads(sys.argv[1])))
