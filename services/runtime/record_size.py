"""Record size: what a message needs on the wire, at most."""

from schemas.message import Message

OVERHEAD = 128
"""Bytes of a record batch and a record beside key, value and headers, rounded up."""

STAGE_BYTES = (2 << 20) - (4 << 10)
"""One record that a stage writes; the smallest limit of the topics that hold content."""
STATE_BYTES = (4 << 20) - (4 << 10)
"""One record of its state, or a dead letter."""


def size_of(message: Message) -> int:
    """Bytes, rounded up."""
    headers = sum(len(name.encode()) + len(value) + 10 for name, value in message.headers)
    return OVERHEAD + len(message.key or b"") + len(message.value or b"") + headers
