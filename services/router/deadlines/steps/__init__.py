"""Steps: the stages of a deadline's derivation, as data that can say itself in German and English when asked.

Every step carries the ``date`` that the calculation had reached with it and the ``law`` that it rests on.
"""

from services.router.deadlines.steps.length import Counted, CountedBack, CountedHours, Extended
from services.router.deadlines.steps.move import Moved, Stood, Unsure
from services.router.deadlines.steps.result import Begins, Deemed, Ended, MonthBegan, NotifiedBy, Scheduled
from services.router.deadlines.steps.start import Missing, ReceivedElsewhere, Restarted, Started
from services.router.deadlines.steps.suspension import Suspended, SuspendedHours

Step = (
    Started
    | ReceivedElsewhere
    | Missing
    | Restarted
    | Counted
    | CountedHours
    | CountedBack
    | Extended
    | Suspended
    | SuspendedHours
    | Moved
    | Stood
    | Unsure
    | Scheduled
    | MonthBegan
    | Deemed
    | Begins
    | NotifiedBy
    | Ended
)

__all__ = [
    "Begins",
    "Counted",
    "CountedBack",
    "CountedHours",
    "Deemed",
    "Ended",
    "Extended",
    "Missing",
    "MonthBegan",
    "Moved",
    "NotifiedBy",
    "ReceivedElsewhere",
    "Restarted",
    "Scheduled",
    "Started",
    "Step",
    "Stood",
    "Suspended",
    "SuspendedHours",
    "Unsure",
]
