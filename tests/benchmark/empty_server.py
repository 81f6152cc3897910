"""An empty Starlette handler on the settings of intake's server: ``python -m tests.benchmark.empty_server PORT``."""

import asyncio
import signal
import sys

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from services.intake.endpoint import SUBMISSIONS
from services.intake.protocol import PatientProtocol
from services.runtime.health import serve
from services.runtime.ports import listen


async def _accept(request: Request) -> Response:
    await request.body()
    return JSONResponse({"status": "accepted"}, status_code=202)


async def main(port: int) -> None:
    """Until SIGTERM."""
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    app = Starlette(routes=[Route(SUBMISSIONS, _accept, methods=["POST"])])
    async with serve(app, listen("127.0.0.1", port, "PORT"), protocol=PatientProtocol):
        await stop.wait()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
