"""One worker process of a counting stage, for tests that kill it: ``python -m tests.support.worker JSON``.

SIGUSR1 arms a fault: at the next named point of a transaction the process freezes or kills itself. ``without`` takes
one half of the fencing away, to show that it is needed, or stops the flow of records, to show that it is noticed.
"""

import asyncio
import json
import os
import signal
import sys
from collections.abc import Awaitable, Callable
from typing import Any

import uvloop
from aiokafka import AIOKafkaProducer

from services.runtime.kafka import Connection
from services.runtime.transaction import clients, offsets, producer, stage, transport
from services.runtime.transaction.limiter import DeadLetterLimit
from services.runtime.transaction.membership import Membership
from services.runtime.transaction.tools import Limits
from tests.support.counting import DEAD, STATE, CountingProcessor

POINTS = {
    "begun": ("begin_transaction", "after"),
    "produced": ("send_offsets_to_transaction", "before"),
    "offsets sent": ("commit_transaction", "before"),
    "committed": ("commit_transaction", "after"),
}


class Fault:
    """A signal to the process itself, at one point, once."""

    def __init__(self, point: str, number: int) -> None:
        self._method, self._when = POINTS[point]
        self._number = number
        self._armed = False
        signal.signal(signal.SIGUSR1, self._arm)

    def _arm(self, *_: object) -> None:
        self._armed = True

    def install(self, client: AIOKafkaProducer) -> AIOKafkaProducer:
        """Puts the fault between the trunk and its producer."""
        original: Callable[..., Awaitable[object]] = getattr(client, self._method)

        async def faulty(*args: object) -> object:
            if self._when == "before":
                self._strike()
            result = await original(*args)
            if self._when == "after":
                self._strike()
            return result

        setattr(client, self._method, faulty)
        return client

    def _strike(self) -> None:
        if self._armed:
            self._armed = False
            os.kill(os.getpid(), self._number)


def without_membership() -> None:
    """Offsets are sent as before KIP-447: the group cannot know from whom."""
    build = offsets.TxnOffsetCommit.build

    def anonymous(self: offsets.TxnOffsetCommit, struct: type[Any]) -> Any:  # noqa: ANN401 - stands in for a method of untyped structs
        self._membership = Membership(self._membership, -1, "", None)
        return build(self, struct)

    offsets.TxnOffsetCommit.build = anonymous  # type: ignore[method-assign, assignment]


def without_stable_offsets() -> None:
    """Offsets are fetched while a transaction still holds newer ones pending."""
    build = offsets.StableOffsetFetch.build

    def hasty(self: offsets.StableOffsetFetch, struct: type[Any]) -> Any:  # noqa: ANN401 - stands in for a method of untyped structs
        built = build(self, struct)
        built.require_stable = False
        return built

    offsets.StableOffsetFetch.build = hasty  # type: ignore[method-assign, assignment]


def without_fetching() -> None:
    """The consumer joins and never fetches; not even the end of the log becomes known."""
    start = transport.Consumer.on_start

    async def stall(*_: object) -> None:
        await asyncio.Event().wait()

    async def start_stalled(self: transport.Consumer) -> None:
        await start(self)
        self._client._fetcher._proc_fetch_request = stall

    transport.Consumer.on_start = start_stalled  # type: ignore[method-assign]


def without_joining() -> None:
    """The consumer never joins its group."""

    async def subscribe_nothing(self: transport.Consumer, topics: object) -> None:
        """Says nothing to the client."""

    transport.Consumer.subscribe = subscribe_nothing  # type: ignore[method-assign]


def take_away(half: str | None) -> None:
    """For negative controls only."""
    if half == "membership":
        without_membership()
    elif half == "stable offsets":
        without_stable_offsets()
    elif half == "fetching":
        without_fetching()
    elif half == "joining":
        without_joining()


async def main(arguments: dict[str, Any]) -> int:
    prefix = str(arguments.pop("prefix"))
    connection = Connection(str(arguments.pop("bootstrap")))
    take_away(arguments.pop("without", None))
    if (point := arguments.pop("fault", None)) is not None:
        fault = Fault(point, arguments.pop("number"))
        clients.transactional_producer = lambda *args: fault.install(  # type: ignore[attr-defined]
            producer.transactional_producer(*args)
        )
    if "limits" in arguments:
        arguments["limits"] = Limits(**arguments["limits"])
    if "dead_letters" in arguments:
        arguments["dead_letters"] = DeadLetterLimit(**arguments["dead_letters"])
    settings = stage.StageSettings(
        input_topic=prefix + "input", state_topic=prefix + STATE, dead_letter_topic=prefix + DEAD, **arguments
    )
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    return await stage.run_stage(connection, settings, CountingProcessor(prefix), stop)


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        sys.exit(runner.run(main(json.loads(sys.argv[1]))))
