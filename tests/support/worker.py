"""One worker process of a counting stage, for tests that kill it: ``python -m tests.support.worker JSON``."""

import asyncio
import json
import signal
import sys

import uvloop

from services.runtime.kafka import Connection
from services.runtime.transaction.stage import StageSettings, run_stage
from tests.support.counting import DEAD, STATE, CountingProcessor


async def main(arguments: dict[str, object]) -> int:
    prefix = str(arguments.pop("prefix"))
    connection = Connection(str(arguments.pop("bootstrap")))
    settings = StageSettings(
        input_topic=prefix + "input",
        state_topic=prefix + STATE,
        dead_letter_topic=prefix + DEAD,
        **arguments,  # type: ignore[arg-type]
    )
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    return await run_stage(connection, settings, CountingProcessor(prefix), stop)


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        sys.exit(runner.run(main(json.loads(sys.argv[1]))))
