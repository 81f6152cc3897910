"""Result: the last step of every derivation, and the rules that name a day without counting."""

import datetime as dt
from dataclasses import dataclass
from typing import Literal

from schemas.length import Length
from services.router.deadlines.phrases import cited, day, instant, tag, zeitpunkt


@dataclass(frozen=True, slots=True)
class Scheduled:
    """The first working day of the month after the event."""

    date: dt.date
    law: str

    @property
    def de(self) -> str:
        """The sentence in German."""
        return f"Erster Arbeitstag (Montag bis Freitag) des Folgemonats: {tag(self.date)}{cited(self.law)}."

    @property
    def en(self) -> str:
        """The sentence in English."""
        return f"First working day (Monday to Friday) of the next month: {day(self.date)}{cited(self.law)}."


@dataclass(frozen=True, slots=True)
class MonthBegan:
    """The first of the month in which the application was made."""

    date: dt.date
    law: str

    @property
    def de(self) -> str:
        """The sentence in German."""
        return (
            f"Maßgebend ist der Erste des Monats, in dem der Antrag gestellt wurde: {tag(self.date)}{cited(self.law)}."
        )

    @property
    def en(self) -> str:
        """The sentence in English."""
        return f"What counts is the first of the month of the application: {day(self.date)}{cited(self.law)}."


@dataclass(frozen=True, slots=True)
class Deemed:
    """Notification is deemed to have happened on this day, whatever day of the week it is."""

    date: dt.date
    law: str
    length: Length

    @property
    def de(self) -> str:
        """The sentence in German."""
        return f"Gilt als bekannt gegeben ({self.length.de} danach): {tag(self.date)}{cited(self.law)}."

    @property
    def en(self) -> str:
        """The sentence in English."""
        return f"Deemed notified ({self.length.en} later): {day(self.date)}{cited(self.law)}."


_BEGINS = {
    "reminder": ("Erinnerung", "Reminder"),
    "benefit": ("Beginn", "Begins"),
    "notified": ("Bekannt gegeben", "Notified"),
}


@dataclass(frozen=True, slots=True)
class Begins:
    """The result where a day begins something: a reminder, a benefit, the effect of a decision."""

    date: dt.date
    what: Literal["reminder", "benefit", "notified"]
    law: str = ""

    @property
    def de(self) -> str:
        """The sentence in German."""
        return f"{_BEGINS[self.what][0]}: {tag(self.date)}."

    @property
    def en(self) -> str:
        """The sentence in English."""
        return f"{_BEGINS[self.what][1]}: {day(self.date)}."


@dataclass(frozen=True, slots=True)
class NotifiedBy:
    """Silence grants when the period ends, so that a decision must have been notified by then, not only made.

    The day on which it counts as notified decides, even where it really came sooner.
    """

    date: dt.date
    posted: dt.date
    law: str = "§ 41 Abs. 2 VwVfG; BayVGH, 07.11.2022, 15 CS 22.1998"

    @property
    def de(self) -> str:
        """The sentence in German."""
        return (
            f"Hinweis: Bis zum Fristende muss die Entscheidung bekannt gegeben sein; spätestens am {tag(self.posted)}"
            f" geht sie zur Post oder elektronisch ab{cited(self.law)}."
        )

    @property
    def en(self) -> str:
        """The sentence in English."""
        return (
            f"Note: by the end the decision must have been notified; it is posted or sent on {day(self.posted)} at the"
            f" latest{cited(self.law)}."
        )


@dataclass(frozen=True, slots=True)
class Ended:
    """The result of a period: its last day, or the instant where hours matter."""

    date: dt.date
    until: dt.datetime | None = None
    law: str = ""

    @property
    def de(self) -> str:
        """The sentence in German."""
        return f"Fristende: {zeitpunkt(self.until) if self.until else f'{tag(self.date)}, 24:00 Uhr'}."

    @property
    def en(self) -> str:
        """The sentence in English."""
        return f"End: {instant(self.until) if self.until else f'{day(self.date)} 24:00'}."
