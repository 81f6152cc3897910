"""Submissions: from a body to a receipt, durable before anybody hears of it."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from schemas.errors import Problem, Rejected, Unavailable
from schemas.submission import Acceptance, Accepted, Submission
from services.intake.core import Verdict, decide
from services.intake.memory import Known, Memory, Proof, key_record
from services.runtime.bus import Publisher


class Translate(Protocol):
    """The portal connector's translator."""

    def __call__(self, body: bytes, portal: str, key: str, received_at: int) -> Submission:
        """The submission in the body. Raises Rejected."""
        ...


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the portal learns of an accepted submission; ``repeated`` when its content had been accepted before."""

    case_id: UUID
    reference: str
    repeated: bool


@dataclass(frozen=True, slots=True)
class _Flight:
    digest: bytes
    outcome: "asyncio.Future[Rejected | Unavailable | None]"


class Submissions:
    """Accepts submissions; one per process, shared by all requests.

    ``broken`` is told when the publisher fails in a way that it does not promise: the process must end then.
    """

    def __init__(
        self,
        translate: Translate,
        acceptance: Acceptance,
        publisher: Publisher,
        memory: Memory,
        broken: Callable[[BaseException], None],
    ) -> None:
        self._translate, self._acceptance = translate, acceptance
        self._publisher, self._memory, self._broken = publisher, memory, broken
        self._flights: dict[bytes, _Flight] = {}

    async def submit(self, body: bytes, portal: str, key: str, now: int) -> Receipt:
        """The receipt, once the broker has acknowledged. Raises Rejected, Refused(KEY_REUSED), Unavailable."""
        accepted = self._acceptance.accept(self._translate(body, portal, key, now))
        case_id = accepted.message.key or b""
        flight, known = self._flights.get(case_id), self._memory.recall(case_id)
        verdict = decide(accepted.digest, flight.digest if flight else None, known)
        if flight is not None and verdict is Verdict.JOIN:
            await _landed(flight)
        elif verdict is Verdict.NEW:
            await self._publish(case_id, accepted, portal, now)
        return Receipt(accepted.case_id, accepted.reference, verdict is not Verdict.NEW)

    def find(self, case_id: UUID, portal: str) -> Known | None:
        """What is known of an accepted case, told only to the portal that submitted it."""
        known = self._memory.recall(str(case_id).encode())
        if known is None or known.portal != portal or known.proof is Proof.ATTEMPTED:
            return None
        return known

    async def _publish(self, case_id: bytes, accepted: Accepted, portal: str, now: int) -> None:
        content = accepted.digest, portal, accepted.reference, now
        flight = _Flight(accepted.digest, asyncio.get_running_loop().create_future())
        self._flights[case_id] = flight
        try:
            await self._publisher.publish([accepted.message, key_record(case_id, Known(*content))])
        except Rejected as error:
            flight.outcome.set_result(error)
            raise
        except BaseException as error:
            # It may be on the broker or not; until a repeat succeeds, the key stays bound to this content.
            if self._memory.recall(case_id) is None:
                self._memory.remember(case_id, Known(*content, Proof.ATTEMPTED), now)
            flight.outcome.set_result(error if isinstance(error, Unavailable) else _unconfirmed())
            if not isinstance(error, Unavailable | asyncio.CancelledError):
                self._broken(error)
            raise
        else:
            self._memory.remember(case_id, Known(*content, Proof.ACKNOWLEDGED), now)
            flight.outcome.set_result(None)
        finally:
            del self._flights[case_id]


async def _landed(flight: _Flight) -> None:
    error = await asyncio.shield(flight.outcome)  # whoever gives up waiting must not cancel the others' future
    if error is not None:
        raise error


def _unconfirmed() -> Unavailable:
    return Unavailable(Problem("", "Der Antrag wurde nicht bestätigt.", "the submission was not confirmed"))
