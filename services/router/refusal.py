"""Refusal: why a command changes nothing; bounded, so that it can label a metric and be worded by a user interface."""

from enum import StrEnum


class Why(StrEnum):
    """The reasons in CommandRefused."""

    UNKNOWN_CASE = "unknown-case"
    STALE = "stale"
    WRONG_STATE = "wrong-state"
    MALFORMED = "malformed"
    TOO_LONG = "too-long"
    UNKNOWN_STATION = "unknown-station"
    STATION_NOT_OPEN = "station-not-open"
    UNKNOWN_DEPARTMENT = "unknown-department"
    SAME_DEPARTMENT = "same-department"
    NOT_YOUR_DEPARTMENT = "not-your-department"
    NOT_ALLOWED = "not-allowed"
    CLAIMED_BY_ANOTHER = "claimed-by-another"
    NOT_CLAIMED = "not-claimed"
    NO_SUBSTITUTE = "no-substitute"
    SAME_PERSON = "same-person"
    RETURNED_BEFORE = "returned-before"
    NOT_RETURNED = "not-returned"
    LOOP = "loop"
    TOO_MANY = "too-many"
    ALREADY_DONE = "already-done"
    NOT_REVOCABLE = "not-revocable"
    NO_PROPOSAL = "no-proposal"
    REASON_MISSING = "reason-missing"
    DATE = "date"
    NO_EXTENSION = "no-extension"


class Refused(Exception):
    """Ends a decision without effect; never leaves services.router.core."""

    def __init__(self, why: Why) -> None:
        super().__init__(why)
        self.why = why


def refuse_unless(holds: object, why: Why) -> None:
    """Refuses the command when the condition does not hold."""
    if not holds:
        raise Refused(why)
