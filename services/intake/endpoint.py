"""Endpoint: POST /api/v1/submissions as plain ASGI, because a request object and a router cost as much as the work."""

from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter

import orjson
import structlog
from starlette.types import Receive, Scope, Send

from schemas.errors import Rejected, Unavailable
from services.intake.answer import JSON, Answer, send_answer
from services.intake.body import Disconnected, read_body
from services.intake.budget import Budget
from services.intake.core import Head, head_of, idempotency_key, require_json, require_post
from services.intake.gate import Gate
from services.intake.kinds import INTERNAL, UNAUTHORIZED, UNAVAILABLE
from services.intake.language import preferred
from services.intake.problems import Refused, problem_answer, refused_for
from services.intake.protocol import WAS_TOO_SLOW
from services.intake.submissions import Receipt, Submissions
from services.intake.tally import Tally
from services.runtime.clock import Clock

SUBMISSIONS = "/api/v1/submissions"
_NOT_YET = 1.0

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class SubmissionEndpoint:
    """Everything that a submission passes on its way in; ``ready`` says whether the keys of the last day are known."""

    gate: Gate
    budget: Budget
    body_bytes: int
    submissions: Submissions
    ready: Callable[[], bool]
    tally: Tally
    clock: Clock
    public_url: str = ""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request; whatever happens, it gets an answer and is counted."""
        began = perf_counter()
        try:
            answer = await self._answer(scope["method"], head_of(scope["headers"]), receive, began)
        except Disconnected:
            self.tally.left(slow=WAS_TOO_SLOW in scope)
            return
        await send_answer(answer, send)
        self.tally.answered(answer.status, perf_counter() - began)

    async def _answer(self, method: str, head: Head, receive: Receive, at: float) -> Answer:
        portal = ""
        try:
            require_post(method)
            portal = self.gate.admit(head, at)
            return await self._accept(portal, head, receive)
        except Rejected as error:
            self.tally.rejected()
            refused = refused_for(error)
        except Unavailable as error:
            refused = refused_for(error)
        except Refused as error:
            refused = error
        except Disconnected:
            raise
        except Exception as error:  # noqa: BLE001 - one request must not end the service for all others
            _log.error("request_failed", portal=portal, exc_info=error)
            refused = Refused(INTERNAL)
        self._note(refused, portal)
        return problem_answer(refused, preferred(head.get(b"accept-language", b"")))

    async def _accept(self, portal: str, head: Head, receive: Receive) -> Answer:
        require_json(head)
        key = idempotency_key(head)
        if not self.ready():
            raise Refused(UNAVAILABLE, retry_after=_NOT_YET)
        with self.budget.lease(portal, self.gate.share) as lease:
            body = await read_body(receive, head.get(b"content-length"), self.body_bytes, lease)
            receipt = await self.submissions.submit(body, portal, key, self.clock())
        self.tally.accepted(len(body), repeated=receipt.repeated)
        return self._receipt(receipt)

    def _receipt(self, receipt: Receipt) -> Answer:
        url = f"{self.public_url}{SUBMISSIONS}/{receipt.case_id}"
        content = {"case_id": str(receipt.case_id), "reference": receipt.reference, "status_url": url}
        return Answer(202, orjson.dumps(content), JSON, ((b"location", url.encode()),))

    def _note(self, refused: Refused, portal: str) -> None:
        """A line only for what was let in: strangers, and a portal in a hurry, could fill the disk."""
        if refused.kind is UNAUTHORIZED:
            self.tally.unauthorized()
        elif portal:
            _log.info("request_refused", portal=portal, code=refused.kind.status, problem=refused.kind.slug)
