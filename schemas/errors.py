"""Errors, named for what the bus does next.

Problem                 one finding: where, what, and what to do about it
Rejected                the input is bad: dead letter, or a 4xx answer; the stream goes on
Unavailable             the other side is away: back off and try the same again
Misconfigured           the installation is wrong: stop at start, with every problem at once

Everything else is a bug and ends the process.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Reason(StrEnum):
    """Why a record became a dead letter; bounded, so that it can label a metric."""

    UNDECODABLE = "undecodable"
    UNKNOWN_SCHEMA = "unknown-schema"
    INVALID = "invalid"
    UNKNOWN_SERVICE = "unknown-service"
    UNKNOWN_MUNICIPALITY = "unknown-municipality"
    UNROUTABLE = "unroutable"
    CONFLICT = "conflict"
    MALFORMED_ROW = "malformed-row"
    OVERSIZE = "oversize"


@dataclass(frozen=True, slots=True)
class Problem:
    """One finding in words for the person who reads it; ``text`` and ``text_en`` hold no personal data."""

    where: str
    text: str
    text_en: str = ""


class _Problems(Exception):
    def __init__(self, *problems: Problem | str) -> None:
        self.problems = tuple(p if isinstance(p, Problem) else Problem("", p, p) for p in problems)
        super().__init__(
            "; ".join(f"{p.where}: {p.text_en or p.text}" if p.where else p.text_en or p.text for p in self.problems)
        )


class Rejected(_Problems):
    """The input is bad and will not get better: it is kept as a dead letter or answered with a 4xx."""

    def __init__(self, reason: Reason, *problems: Problem | str) -> None:
        super().__init__(*problems)
        self.reason = reason


class Unavailable(_Problems):
    """The other side does not answer; the same request may succeed after ``retry_after`` seconds."""

    def __init__(self, *problems: Problem | str, retry_after: float = 5.0) -> None:
        super().__init__(*problems)
        self.retry_after = retry_after


class Misconfigured(_Problems):
    """The installation cannot work as it is; carries every problem found, not only the first."""


def raise_if_any(problems: Iterable[Problem]) -> None:
    """Raises Misconfigured with all problems, or returns when there are none."""
    if found := tuple(problems):
        raise Misconfigured(*found)
