"""Ending: the last words of a stage and its exit code, by the error that ends it."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from schemas.errors import Misconfigured, Unavailable
from services.runtime.exit_codes import ExitCode
from services.runtime.transaction.limiter import TooManyDeadLetters

LIMITS = "LAUFZETTEL_DEAD_LETTER_STREAK, LAUFZETTEL_DEAD_LETTER_RATIO"
LOOK_FIRST = (
    "Nothing of these records was committed. Mend what the reasons name (recipe, municipality, sender) and start this "
    "service again; or raise the limits: what cannot go on then becomes dead letters, which “laufzettel dead-letters” "
    "shows and replays."
)


class Ending(NamedTuple):
    """What is logged, as the last thing."""

    event: str
    code: ExitCode
    details: Mapping[str, Any]


def ending(error: BaseException) -> Ending:
    """Nothing that it says comes from a record."""
    match error:
        case TooManyDeadLetters():
            details = {"reason": str(error), "settings": LIMITS, "remedy": LOOK_FIRST}
            return Ending("too many dead letters", ExitCode.DEAD_LETTERS, details)
        case Unavailable():
            return Ending("broker unavailable", ExitCode.UNAVAILABLE, {"reason": str(error)})
        case Misconfigured():
            return Ending("stage misconfigured", ExitCode.MISCONFIGURED, {"reason": str(error)})
        case _:
            return Ending("stage failed", ExitCode.INTERNAL, {"exc_info": error})
