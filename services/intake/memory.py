"""Memory: which idempotency keys were taken, with which content; the in-process image of the topic ``submission-keys``.

Bounded in time and in number without a timer: entries go into a young generation, and the old one is dropped as a
whole when the young one is a day old or half of the limit. Where more than half of the limit come in a day, keys are
forgotten before their time: a repeat then makes a second request, which the router filters, or refuses as a dead letter
when its content differs.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto
from sys import intern

from schemas.message import Message, Stored
from schemas.submission import DIGEST_BYTES
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
    """The keys of the last day by case id, in the 36 ASCII bytes that are the key of every record of the case."""

    def __init__(self, limit: int, forgot: Callable[[int], None] = lambda _: None) -> None:
        """``forgot`` is told how many keys had to go before their day was over."""
        self._limit = max(1, limit // 2)
        self._forgot = forgot
        self._young: dict[bytes, Known] = {}
        self._old: dict[bytes, Known] = {}
        self._since = 0

    def __len__(self) -> int:
        return len(self._young) + len(self._old)

    def recall(self, case_id: bytes) -> Known | None:
        """What is known of the case."""
        return self._young.get(case_id) or self._old.get(case_id)

    def remember(self, case_id: bytes, known: Known, now: int) -> None:
        """From now on this is known of the case."""
        if now - self._since >= DAY or len(self._young) >= self._limit:
            self._turn(now)
        self._young[case_id] = known

    def restore(self, record: Stored, now: int) -> None:
        """Takes in what the topic says, unless more is known or it is older than a day.

        What is no key record is passed over: nothing in this topic may keep intake from working.
        """
        known = None if record.key is None else self.recall(record.key)
        if record.key is None or (known is not None and known.proof is Proof.ACKNOWLEDGED):
            return
        found = known_from(record)
        if found is not None and now - found.accepted_at < DAY:
            self.remember(record.key, found, now)

    def _turn(self, now: int) -> None:
        if self._old and now - self._since < DAY:
            self._forgot(len(self._old))
        self._old, self._young, self._since = self._young, {}, now


def key_record(case_id: bytes, known: Known) -> Message:
    """The record that tells every intake process, now and after a restart."""
    headers = [
        ("source", known.portal.encode()),
        ("reference", known.reference.encode()),
        ("received_at", b"%d" % known.accepted_at),
    ]
    return Message(SUBMISSION_KEYS, case_id, known.digest, headers)


def known_from(record: Stored) -> Known | None:
    """The inverse of :func:`key_record`; None for what is no such record."""
    headers = dict(record.headers)
    if record.value is None or len(record.value) != DIGEST_BYTES:
        return None
    try:
        portal, reference, at = headers["source"].decode(), headers["reference"].decode(), int(headers["received_at"])
    except (KeyError, ValueError):
        return None
    return Known(record.value, intern(portal), reference, at)
