"""Request: what somebody, or the router's own clock, asks of a case; and what came of it."""

from collections.abc import Callable
from typing import Any, NamedTuple

from services.router.case import Case
from services.router.event import Event
from services.router.letter import Letter
from services.router.plan import Plan
from services.router.way import Way

SUBMITTED = "CaseSubmitted"
TIMER_FIRED = "TimerFired"


class Request(NamedTuple):
    """``body`` is the decoded record; ``raw`` the submission as it came, framed, and empty for all others."""

    kind: str
    body: dict[str, Any]
    raw: bytes = b""


class Context(NamedTuple):
    """What a decision may look at beside the case: its plan, and a reader for the submission kept with it."""

    plan: Plan
    read: Callable[[bytes], dict[str, Any]]


class Decision(NamedTuple):
    """What happened, what departments are to receive, and the case after it; without events for a repeat.

    ``content`` is the decoded submission where a slip among the letters needs it, ``way`` what it shares with others.
    """

    events: list[Event]
    letters: list[Letter]
    case: Case | None
    content: dict[str, Any] | None = None
    way: Way | None = None
