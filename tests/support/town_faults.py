"""Town faults: what can happen to a town's processes and to its broker."""

import asyncio
import random
import signal

from tests.support.crew import INTAKE, ROUTERS
from tests.support.load import now_us
from tests.support.town import Fault, Town


async def kill_router(town: Town) -> None:
    town.crew.send(random.choice(ROUTERS), signal.SIGKILL)


async def kill_intake(town: Town) -> None:
    town.crew.send(INTAKE, signal.SIGKILL)


async def stop_router(town: Town) -> None:
    town.crew.send(random.choice(ROUTERS), signal.SIGTERM)


async def stop_intake(town: Town) -> None:
    town.crew.send(INTAKE, signal.SIGTERM)


async def freeze_router(town: Town) -> None:
    """Beyond the session timeout."""
    victim = random.choice(ROUTERS)
    town.crew.send(victim, signal.SIGSTOP)
    await asyncio.sleep(town.session * random.uniform(1.2, 1.6))
    town.crew.send(victim, signal.SIGCONT)


async def freeze_broker(town: Town) -> None:
    """For some seconds; everybody's requests wait."""
    town.broker.child.send(signal.SIGSTOP)
    await asyncio.sleep(random.uniform(2.0, 5.0))
    town.broker.child.send(signal.SIGCONT)


async def restart_broker(town: Town) -> None:
    await asyncio.to_thread(town.broker.kill)
    await asyncio.to_thread(town.broker.start)


def kill_all_when_many_are_due(count: int) -> Fault:
    """Both routers are killed just before many deadlines end; those who follow find them passed."""

    async def kill_all(town: Town) -> None:
        due = now_us() + 3_000_000
        await town.due_at(due, count)
        await asyncio.sleep(max(0.0, (due - now_us()) / 1e6 - random.uniform(0.0, 0.3)))
        for name in ROUTERS:
            town.crew.send(name, signal.SIGKILL)

    return kill_all
