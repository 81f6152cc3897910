"""Gate: who may come in, and how often."""

from services.intake.bucket import Bucket
from services.intake.core import Head, api_key
from services.intake.keyring import Keyring
from services.intake.kinds import TOO_MANY, UNAUTHORIZED
from services.intake.problems import Refused


class Gate:
    """Knows the portals, and what each has used of its rate."""

    def __init__(self, keyring: Keyring, rate: float, burst: float) -> None:
        self._keyring = keyring
        self._rate, self._burst = rate, burst
        self._buckets: dict[str, Bucket] = {}

    def admit(self, head: Head, at: float) -> str:
        """The portal's name. Raises Refused: UNAUTHORIZED, or TOO_MANY with the seconds to wait."""
        portal = self._keyring.portal_of(api_key(head))
        if portal is None:
            raise Refused(UNAUTHORIZED)
        if wait := self._bucket(portal, at).take(at):
            raise Refused(TOO_MANY, retry_after=wait)
        return portal

    @property
    def share(self) -> float:
        """The part of a common good that one portal may take: where there are others, it must leave them some."""
        return 0.5 if len(self._keyring.portals) > 1 else 1.0

    def exchange(self, keyring: Keyring) -> bool:
        """From now on these keys and rates hold; whether that changed anything."""
        changed = keyring != self._keyring
        if changed:
            self._keyring = keyring
            self._buckets.clear()
        return changed

    def _bucket(self, portal: str, at: float) -> Bucket:
        bucket = self._buckets.get(portal)
        if bucket is None:
            declared = self._keyring.portals[portal]
            rate, burst = declared.rate or self._rate, declared.burst or self._burst
            bucket = self._buckets[portal] = Bucket(rate, burst, at)
        return bucket
