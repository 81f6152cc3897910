"""Computed: the end of a deadline with everything that led to it."""

import datetime as dt
from dataclasses import dataclass

from services.router.deadlines.steps import Step


@dataclass(frozen=True, slots=True)
class Computed:
    """``date`` is the last day; ``at_us`` the first instant that is too late; the last step's date equals ``date``."""

    date: dt.date
    at_us: int
    steps: tuple[Step, ...]
