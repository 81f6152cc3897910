"""Protocol: uvicorn's HTTP protocol with a limit on how long, and how much, a client may take for its headers.

Without it, a connection that sends one byte a minute stays open for ever, and headers without end fill the memory.
"""

from asyncio import TimerHandle, Transport

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from services.intake.kinds import MALFORMED_HTTP
from services.intake.problems import Refused, problem_answer

HEAD_SECONDS = 10.0
HEAD_BYTES = 64 * 1024


class PatientProtocol(HttpToolsProtocol):
    """Closes a connection on which no request is being answered and no complete head arrives in time.

    The same deadline bounds how long the rest of a refused body is read and thrown away: closing at once would make
    many clients lose the answer.
    """

    _deadline: TimerHandle | None = None
    _head_bytes = 0

    def connection_made(self, transport: Transport) -> None:  # type: ignore[override]  # as uvicorn declares it
        """A connection that says nothing has its deadline, too."""
        super().connection_made(transport)
        self._hurry(0)

    def data_received(self, data: bytes) -> None:
        """Lets uvicorn parse, then looks whether a request is under way."""
        super().data_received(data)
        cycle = self._last_cycle()
        if cycle is not None and not cycle.response_complete:
            self._relax()
        elif not self.transport.is_closing():
            self._hurry(len(data))

    def connection_lost(self, exc: Exception | None) -> None:
        """The deadline goes with the connection."""
        self._relax()
        super().connection_lost(exc)

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002 - uvicorn's own words
        """What is not HTTP at all is answered like every other mistake."""
        answer = problem_answer(Refused(MALFORMED_HTTP), "de")
        headers = [
            (b"content-type", answer.content_type),
            (b"content-length", b"%d" % len(answer.body)),
            *answer.headers,
        ]
        lines = [b"HTTP/1.1 400 Bad Request", *(b"%b: %b" % header for header in headers), b"", answer.body]
        self.transport.write(b"\r\n".join(lines))
        self.transport.close()

    def _hurry(self, received: int) -> None:
        cycle = self._last_cycle()
        in_head = cycle is None or cycle.scope is not self.scope
        self._head_bytes += received if in_head else 0
        if self._head_bytes > HEAD_BYTES:
            self.send_400_response("")
        elif self._deadline is None:
            self._deadline = self.loop.call_later(HEAD_SECONDS, self.transport.close)

    def _last_cycle(self) -> RequestResponseCycle | None:
        return self.cycle  # declared as never None, and None until the first head is complete

    def _relax(self) -> None:
        self._head_bytes = 0
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None
