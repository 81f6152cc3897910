"""Watch: follows case-events while a test runs, as an inbox would: versions, open duties, and when what arrived."""

import asyncio
import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field

from schemas.topics import CASE_EVENTS
from tests.support.load import tail

_OPENS = {b"ApplicantAsked", b"DepartmentConsulted"}
_ENDS = {
    b"ApplicantDeadlineExpired", b"DocumentsSupplied", b"StationLapsed", b"OpinionGiven", b"ConsultationRevoked",
    b"CaseDecided", b"CaseClosed",
}  # fmt: skip


@dataclass(slots=True)
class Watch:
    """What became visible; a case is known by its id."""

    versions: dict[str, int] = field(default_factory=dict)
    events: Counter[str] = field(default_factory=Counter)
    """Events of each case, refusals included."""
    arrivals: defaultdict[int, list[float]] = field(default_factory=lambda: defaultdict(list))
    """Monotonic times by partition."""
    waiting: set[str] = field(default_factory=set)
    """Cases with a duty of some seconds that has not ended."""
    missed: set[str] = field(default_factory=set)
    """Cases whose own deadline has passed."""

    async def run(self, bootstrap: str) -> None:
        """Until cancelled."""
        async with tail(bootstrap, CASE_EVENTS) as reader:
            while True:
                for place, records in (await reader.getmany(timeout_ms=200)).items():
                    self.arrivals[place.partition] += [time.monotonic()] * len(records)
                    for record in records:
                        headers = dict(record.headers)
                        self._note(headers["ce_id"].decode(), headers["ce_type"])
                await asyncio.sleep(0)

    def _note(self, event_id: str, kind: bytes) -> None:
        case_id, version, _ = event_id.split(":")
        self.events[case_id] += 1
        if version.isdigit():
            self.versions[case_id] = int(version)
        if kind in _OPENS:
            self.waiting.add(case_id)
        elif kind in _ENDS:
            self.waiting.discard(case_id)
        elif kind == b"DeadlineMissed":
            self.missed.add(case_id)

    def takeover(self, since: float) -> float:
        """Seconds from ``since`` until every partition moved again; infinite when one never did.

        What arrives in the first half second is the victim's own: only then is its successor started.
        """
        moved = [next((at for at in ats if at > since + 0.5), float("inf")) for ats in self.arrivals.values()]
        return max(moved, default=float("inf")) - since
