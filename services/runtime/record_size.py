"""Record size: what a message needs on the wire, at most."""

from schemas.message import Message

OVERHEAD = 128
"""Bytes of a record batch and a record beside key, value and headers, rounded up."""


def size_of(message: Message) -> int:
    """Bytes, rounded up."""
    headers = sum(len(name.encode()) + len(value) + 10 for name, value in message.headers)
    return OVERHEAD + len(message.key or b"") + len(message.value or b"") + headers
