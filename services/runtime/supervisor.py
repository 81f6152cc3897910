"""Supervisor: all processes of one machine, started in order, kept running, stopped in reverse order."""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

from services.runtime.exit_codes import ExitCode
from services.runtime.keeper import Keeper
from services.runtime.slot import Outcome, Patience, Slot, Status


class Supervisor:
    """``run`` once; ``statuses`` and ``on_change`` are for readiness and for whoever watches."""

    def __init__(
        self,
        slots: Sequence[Slot],
        *,
        patience: Patience = Patience(),  # noqa: B008 - frozen
        on_change: Callable[[Status], None] = lambda _status: None,
    ) -> None:
        # Each keeper may have one thread that waits for its process and one that asks whether it is ready.
        self._threads = ThreadPoolExecutor(2 * len(slots), thread_name_prefix="supervisor")
        self._keepers = [Keeper(slot, patience, self._threads, on_change) for slot in slots]
        self.all_ready = asyncio.Event()

    @property
    def statuses(self) -> tuple[Status, ...]:
        """All slots, in their order."""
        return tuple(keeper.status for keeper in self._keepers)

    async def run(self, stop: asyncio.Event) -> Outcome:
        """Runs until ``stop`` is set or a slot gives up; all processes have ended when it returns."""
        asked = asyncio.create_task(stop.wait(), name="asked to stop")
        tasks: list[asyncio.Task[Outcome]] = []
        try:
            for keeper in self._keepers:
                tasks.append(asyncio.create_task(keeper.keep(), name=f"keep {keeper.status.name}"))
                ready = asyncio.create_task(keeper.ready.wait())
                done, _ = await asyncio.wait({asked, ready, *tasks}, return_when=asyncio.FIRST_COMPLETED)
                ready.cancel()
                if done != {ready}:
                    return _outcome(tasks)
            self.all_ready.set()
            await asyncio.wait({asked, *tasks}, return_when=asyncio.FIRST_COMPLETED)
            return _outcome(tasks)
        finally:
            await self._stop_all([asked, *tasks])

    async def _stop_all(self, tasks: Sequence[asyncio.Task[object]]) -> None:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for keeper in reversed(self._keepers):
            await keeper.stop()
        self._threads.shutdown()


def _outcome(tasks: Sequence[asyncio.Task[Outcome]]) -> Outcome:
    """What the first keeper to give up said; OK when none did, because then somebody asked."""
    return next((task.result() for task in tasks if task.done()), Outcome(ExitCode.OK))
