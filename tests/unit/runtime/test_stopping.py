import asyncio
import os
import signal

import pytest

from services.runtime.stopping import stop_event


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_the_first_signal_asks(number: signal.Signals) -> None:
    with stop_event() as stop:
        os.kill(os.getpid(), number)
        await asyncio.wait_for(stop.wait(), 10)


async def test_the_second_signal_is_not_caught_any_more() -> None:
    with stop_event() as stop:
        os.kill(os.getpid(), signal.SIGTERM)
        await asyncio.wait_for(stop.wait(), 10)
        assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
