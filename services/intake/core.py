"""Core: what intake decides about a request, without HTTP server, clock or broker."""

import re
from collections.abc import Sequence
from enum import Enum, auto

from services.intake.kinds import IDEMPOTENCY_KEY, KEY_REUSED, MEDIA_TYPE, METHOD_NOT_ALLOWED, UNAUTHORIZED
from services.intake.memory import Known, Proof
from services.intake.problems import Refused

Head = dict[bytes, bytes]
"""A request's headers by lower-case name."""

AMBIGUOUS = b"\x00"
"""Stands for a header that came more than once: no check accepts it, so that no two readers take different values."""

_SINGLE = frozenset(
    [b"authorization", b"x-api-key", b"idempotency-key", b"content-type", b"content-encoding", b"content-length"]
)
_KEY = re.compile(rb'(?P<quote>"?)(?P<key>[A-Za-z0-9._~:/+=-]{1,128})(?P=quote)')
_JSON = re.compile(rb'application/json[ \t]*(;[ \t]*charset="?utf-8"?[ \t]*)?', re.IGNORECASE)


class Verdict(Enum):
    """What follows from what is known of an idempotency key."""

    NEW = auto()
    """Publish. Also where another process or an earlier life of this one wrote the key: a key record does not prove
    that its submission became durable as well, and the router takes a second copy for a duplicate."""
    JOIN = auto()
    """The same is on its way: wait for its outcome."""
    REPEATED = auto()
    """The same has been acknowledged: give the same answer."""


def head_of(headers: Sequence[tuple[bytes, bytes]]) -> Head:
    """The headers by name; one of ours that came twice counts as unreadable."""
    head = dict(headers)
    if len(head) != len(headers):
        names = [name for name, _ in headers]
        head |= {name: AMBIGUOUS for name in _SINGLE if names.count(name) > 1}
    return head


def api_key(head: Head) -> bytes:
    """The API key from either header. Raises Refused(UNAUTHORIZED) when there is none, or two."""
    scheme, _, bearer = head.get(b"authorization", b"").partition(b" ")
    bearer = bearer.strip() if scheme.lower() == b"bearer" else b""
    plain = head.get(b"x-api-key", b"")
    if bool(bearer) == bool(plain):
        raise Refused(UNAUTHORIZED)
    return bearer or plain


def idempotency_key(head: Head) -> str:
    """The key, bare or in quotes as the IETF draft writes it. Raises Refused(IDEMPOTENCY_KEY)."""
    match = _KEY.fullmatch(head.get(b"idempotency-key", b""))
    if match is None:
        raise Refused(IDEMPOTENCY_KEY)
    return match["key"].decode()


def require_post(method: str) -> None:
    """Raises Refused(METHOD_NOT_ALLOWED) for every other method of this address."""
    if method != "POST":
        raise Refused(METHOD_NOT_ALLOWED, headers=((b"allow", b"POST"),))


def require_json(head: Head) -> None:
    """Raises Refused(MEDIA_TYPE) unless the body is said to be plain JSON: a compressed one could hide any size."""
    plain = head.get(b"content-encoding", b"identity").lower() == b"identity"
    if not plain or not _JSON.fullmatch(head.get(b"content-type", b"")):
        raise Refused(MEDIA_TYPE)


def decide(digest: bytes, flying: bytes | None, known: Known | None) -> Verdict:
    """The verdict on a valid submission; ``flying`` is the digest under the same key that waits for the broker.

    Raises Refused(KEY_REUSED) when the key belongs to other content.
    """
    taken = flying if known is None else known.digest
    if taken is not None and taken != digest:
        raise Refused(KEY_REUSED)
    if known is not None and known.proof is Proof.ACKNOWLEDGED:
        return Verdict.REPEATED
    return Verdict.NEW if flying is None else Verdict.JOIN
