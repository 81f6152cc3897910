"""Protocol: uvicorn's HTTP protocol with a limit on how long, and how much, a client may take to send a request.

Without it, a connection that sends one byte a minute stays open for ever, and headers without end fill the memory. It
stands here and not in the application because a timer for each request would cost a tenth of the request; a request
that arrives in one piece needs none.
"""

import socket
from asyncio import AbstractEventLoop, TimerHandle, Transport
from http import HTTPStatus
from typing import Any, cast

from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle
from uvicorn.server import ServerState

from services.intake.kinds import MALFORMED_HTTP, TOO_SLOW, Kind
from services.intake.problems import Refused, problem_answer

HEAD_BYTES = 64 * 1024
WAS_TOO_SLOW = "laufzettel.too_slow"
"""Set in the scope of a request that was answered here because its body did not arrive in time."""


class PatientProtocol(HttpToolsProtocol):
    """Gives a client ``seconds`` for each request, counted from the first byte, or from the connection.

    The same time bounds how long the rest of a refused body is read and thrown away: closing at once would make many
    clients lose the answer.
    """

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: AbstractEventLoop | None = None,
        *,
        seconds: float = 10.0,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self._seconds = seconds
        self._deadline: TimerHandle | None = None
        self._head_bytes = 0

    def connection_made(self, transport: Transport) -> None:  # type: ignore[override]  # as uvicorn declares it
        """A connection that says nothing has its deadline, too."""
        super().connection_made(transport)
        # asyncio does so only for sockets made with IPPROTO_TCP; without it, the body of each answer waits 40 ms.
        transport.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._hurry()

    def data_received(self, data: bytes) -> None:
        """Lets uvicorn parse, then looks whether the client still owes us something."""
        super().data_received(data)
        cycle = self._last_cycle()
        if cycle is not None and not cycle.more_body and not cycle.response_complete:
            self._relax()
        elif not self.transport.is_closing():
            if cycle is None or cycle.scope is not self.scope:
                self._head_bytes += len(data)
            self._hurry()

    def connection_lost(self, exc: Exception | None) -> None:
        """The deadline goes with the connection."""
        self._relax()
        super().connection_lost(exc)

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002 - uvicorn's own words
        """What is not HTTP at all is answered like every other mistake."""
        self._answer(MALFORMED_HTTP)

    def _hurry(self) -> None:
        if self._head_bytes > HEAD_BYTES:
            self._answer(MALFORMED_HTTP)
        elif self._deadline is None:
            self._deadline = self.loop.call_later(self._seconds, self._expired)

    def _expired(self) -> None:
        cycle = self._last_cycle()
        if cycle is None or cycle.response_started or self.pipeline:
            self.transport.close()
        else:
            cast("dict[str, Any]", cycle.scope)[WAS_TOO_SLOW] = True
            self._answer(TOO_SLOW)

    def _relax(self) -> None:
        self._head_bytes = 0
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _last_cycle(self) -> RequestResponseCycle | None:
        return self.cycle  # declared as never None, and None until the first head is complete

    def _answer(self, kind: Kind) -> None:
        """The last words on this connection, past uvicorn, which has no request to answer."""
        answer = problem_answer(Refused(kind), "de")
        headers = [
            (b"content-type", answer.content_type),
            (b"content-length", b"%d" % len(answer.body)),
            *answer.headers,
        ]
        status = f"HTTP/1.1 {kind.status} {HTTPStatus(kind.status).phrase}".encode()
        self.transport.write(b"\r\n".join([status, *map(b"%b: %b".__mod__, headers), b"", answer.body]))
        self.transport.close()
