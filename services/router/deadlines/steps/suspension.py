"""Suspension: time that did not run and is given back."""

import datetime as dt
from dataclasses import dataclass

from services.router.deadlines import law as laws
from services.router.deadlines.phrases import cited, day, instant, tag, zeitpunkt


@dataclass(frozen=True, slots=True)
class Suspended:
    """Days that did not run, first and last included, as far as the period was running."""

    date: dt.date
    first: dt.date
    last: dt.date
    law: str = laws.SUSPENSION

    @property
    def days(self) -> int:
        """How many days that was."""
        return (self.last - self.first).days + 1

    @property
    def de(self) -> str:
        """The sentence in German."""
        count = "1 Tag" if self.days == 1 else f"{self.days} Tage"
        return (
            f"Gehemmt von {tag(self.first)} bis {tag(self.last)} ({count})."
            f" Rechnerisches Ende: {tag(self.date)}{cited(self.law)}."
        )

    @property
    def en(self) -> str:
        """The sentence in English."""
        count = "1 day" if self.days == 1 else f"{self.days} days"
        return (
            f"Suspended from {day(self.first)} to {day(self.last)} ({count})."
            f" Ends by the calendar: {day(self.date)}{cited(self.law)}."
        )


@dataclass(frozen=True, slots=True)
class SuspendedHours:
    """Hours that did not run."""

    date: dt.date
    since: dt.datetime
    until: dt.datetime
    law: str = laws.SUSPENSION

    @property
    def de(self) -> str:
        """The sentence in German."""
        since, until = zeitpunkt(self.since), zeitpunkt(self.until)
        return f"Gehemmt von {since} bis {until}. Ende am {tag(self.date)}{cited(self.law)}."

    @property
    def en(self) -> str:
        """The sentence in English."""
        return (
            f"Suspended from {instant(self.since)} to {instant(self.until)}. Ends on {day(self.date)}{cited(self.law)}."
        )
