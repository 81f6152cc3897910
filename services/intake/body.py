"""Body: reads a request's body within its limits: size, bytes in flight, time."""

import asyncio

from starlette.types import Receive

from services.intake.budget import Lease
from services.intake.kinds import MALFORMED_JSON, TOO_LARGE, TOO_SLOW
from services.intake.problems import Refused


class Disconnected(Exception):
    """The client left before its request was complete: there is nobody to answer."""


async def read_body(receive: Receive, declared: bytes | None, most: int, seconds: float, lease: Lease) -> bytes:
    """The whole body. Raises Refused (TOO_LARGE before reading where the length was declared, BUSY, TOO_SLOW)."""
    if declared is not None:
        lease.hold(_length(declared, most))
    try:
        async with asyncio.timeout(seconds):
            return await _read(receive, most, lease)
    except TimeoutError:
        raise Refused(TOO_SLOW) from None


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
