"""Body: reads a request's body within its limits: its size, and the bytes in flight. Time is the protocol's matter."""

from starlette.types import Receive

from services.intake.budget import Lease
from services.intake.kinds import MALFORMED_JSON, TOO_LARGE
from services.intake.problems import Refused


class Disconnected(Exception):
    """The client left, or was sent away, before its request was complete: there is nobody to answer."""


async def read_body(receive: Receive, declared: bytes | None, most: int, lease: Lease) -> bytes:
    """The whole body. Raises Refused: TOO_LARGE, before reading where the length was declared, or BUSY."""
    if declared is not None:
        lease.hold(_length(declared, most))
    return await _read(receive, most, lease)


def _length(declared: bytes, most: int) -> int:
    if not declared.isdigit() or not declared.isascii():
        raise Refused(MALFORMED_JSON)
    if len(declared.lstrip(b"0")) > len(str(most)) or int(declared) > most:
        raise Refused(TOO_LARGE)
    return int(declared)


async def _read(receive: Receive, most: int, lease: Lease) -> bytes:
    chunks, size, more = [], 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Disconnected
        chunk, more = message.get("body", b""), message.get("more_body", False)
        size += len(chunk)
        if size > most:
            raise Refused(TOO_LARGE)
        lease.hold(size)
        chunks.append(chunk)
    return chunks[0] if len(chunks) == 1 else b"".join(chunks)
