"""Memory: which idempotency keys were taken, with which content; the in-process image of the topic ``submission-keys``.

Bounded in time and in number without a timer: entries go into a young generation, and the old one is dropped as a
whole when the young one is a day old or half of the limit.
"""

from dataclasses import dataclass
from enum import Enum, auto
from sys import intern
from uuid import UUID

from schemas.message import Message, Stored
from schemas.submission import DIGEST_BYTES, Accepted
from schemas.topics import SUBMISSION_KEYS

DAY = 86_400_000_000
"""A day in microseconds."""


class Proof(Enum):
    """How much is known of a submission's way to the broker."""

    ATTEMPTED = auto()
    """Sent, and never confirmed: it may be there or not."""
    RECORDED = auto()
    """Its key record was read from the topic."""
    ACKNOWLEDGED = auto()
    """This process saw the broker acknowledge the submission itself."""


@dataclass(frozen=True, slots=True)
class Known:
    """A key that was taken, by whom, with which content, and when."""

    digest: bytes
    portal: str
    reference: str
    accepted_at: int
    proof: Proof = Proof.RECORDED


class Memory:
    """The keys of the last day by case id."""

    def __init__(self, limit: int) -> None:
        self._limit = max(1, limit // 2)
        self._young: dict[bytes, Known] = {}
        self._old: dict[bytes, Known] = {}
        self._since = 0
        self.forgotten = 0

    def __len__(self) -> int:
        return len(self._young) + len(self._old)

    def recall(self, case_id: UUID) -> Known | None:
        """What is known of the case."""
        key = case_id.bytes
        return self._young.get(key) or self._old.get(key)

    def remember(self, case_id: UUID, known: Known, now: int) -> None:
        """Takes it in, unless more is known already: the topic's echo does not overwrite an acknowledgement."""
        if now - self._since >= DAY or len(self._young) >= self._limit:
            self._turn(now)
        key = case_id.bytes
        before = self._young.get(key) or self._old.get(key)
        if before is None or before.proof is not Proof.ACKNOWLEDGED:
            self._young[key] = known

    def _turn(self, now: int) -> None:
        if now - self._since < DAY:
            self.forgotten += len(self._old)
        self._old, self._young, self._since = self._young, {}, now


def key_record(accepted: Accepted, known: Known) -> Message:
    """The record that tells every intake process, now and after a restart."""
    headers = [
        ("source", known.portal.encode()),
        ("reference", known.reference.encode()),
        ("received_at", b"%d" % known.accepted_at),
    ]
    return Message(SUBMISSION_KEYS, str(accepted.case_id).encode(), accepted.digest, headers)


def known_from(record: Stored) -> tuple[UUID, Known] | None:
    """The inverse of :func:`key_record`; None for what is no such record, because nothing may stop intake here."""
    portal, reference, at = (record.header(name) for name in ("source", "reference", "received_at"))
    if portal is None or reference is None or at is None or record.key is None or record.value is None:
        return None
    try:
        case_id, accepted_at = UUID(record.key.decode()), int(at)
        known = Known(record.value, intern(portal.decode()), reference.decode(), accepted_at)
    except ValueError:
        return None
    return (case_id, known) if len(record.value) == DIGEST_BYTES else None
