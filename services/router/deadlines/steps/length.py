"""Length: how far the period reaches by the calendar alone."""

import datetime as dt
from dataclasses import dataclass

from schemas.length import Length
from services.router.calendar import Holiday
from services.router.deadlines import law as laws
from services.router.deadlines.phrases import cited, day, instant, tag, zeitpunkt


@dataclass(frozen=True, slots=True)
class Counted:
    """The day on which the length ends; ``skipped`` are holidays that a counter of working days left out."""

    date: dt.date
    law: str
    length: Length
    basis: str
    skipped: tuple[tuple[dt.date, Holiday], ...] = ()

    @property
    def de(self) -> str:
        """The sentence in German."""
        skipped = ", ".join(f"{tag(date)} ({holiday.de})" for date, holiday in self.skipped)
        return (
            f"Frist: {self.length.de}{cited(self.basis)}. Rechnerisches Ende: {tag(self.date)}{cited(self.law)}."
            + (" Den Tag gibt es in diesem Monat nicht; es gilt der letzte." if self.law == laws.SHORT_MONTH else "")
            + (f" Nicht mitgezählte Feiertage: {skipped}." if skipped else "")
        )

    @property
    def en(self) -> str:
        """The sentence in English."""
        skipped = ", ".join(f"{day(date)} ({holiday.en})" for date, holiday in self.skipped)
        return (
            f"Length: {self.length.en}{cited(self.basis)}. Ends by the calendar: {day(self.date)}{cited(self.law)}."
            + (" The month has no such day; its last day takes its place." if self.law == laws.SHORT_MONTH else "")
            + (f" Holidays not counted: {skipped}." if skipped else "")
        )


@dataclass(frozen=True, slots=True)
class CountedHours:
    """The instant at which the hours have really passed."""

    date: dt.date
    length: Length
    until: dt.datetime
    basis: str
    law: str = laws.HOURS

    @property
    def de(self) -> str:
        """The sentence in German."""
        return (
            f"Frist: {self.length.de}{cited(self.basis)}; Wochenenden und Feiertage zählen mit."
            f" Rechnerisches Ende: {zeitpunkt(self.until)}{cited(self.law)}."
        )

    @property
    def en(self) -> str:
        """The sentence in English."""
        return (
            f"Length: {self.length.en}{cited(self.basis)}; weekends and holidays count."
            f" Ends by the clock: {instant(self.until)}{cited(self.law)}."
        )


@dataclass(frozen=True, slots=True)
class CountedBack:
    """The length counted backwards from ``target``; with ``clear`` that many whole days lie between."""

    date: dt.date
    target: dt.date
    length: Length
    clear: bool
    basis: str
    law: str = laws.BACKWARDS

    @property
    def de(self) -> str:
        """The sentence in German."""
        how = "volle" if self.clear else "spätestens"
        return (
            f"Rückwärts: {how} {self.length.de} vor {tag(self.target)}{cited(self.basis)}."
            f" Letzter Tag: {tag(self.date)}{cited(self.law)}."
        )

    @property
    def en(self) -> str:
        """The sentence in English."""
        how = "clear before" if self.clear else "at the latest before"
        return (
            f"Backwards: {self.length.en} {how} {day(self.target)}{cited(self.basis)}."
            f" Last day: {day(self.date)}{cited(self.law)}."
        )


@dataclass(frozen=True, slots=True)
class Extended:
    """The one extension, from the end of the period as it stood."""

    date: dt.date
    length: Length
    law: str = laws.EXTENSION

    @property
    def de(self) -> str:
        """The sentence in German."""
        return (
            f"Vom Ende an einmal verlängert um {self.length.de}. Rechnerisches Ende: {tag(self.date)}{cited(self.law)}."
        )

    @property
    def en(self) -> str:
        """The sentence in English."""
        ends = f"Ends by the calendar: {day(self.date)}{cited(self.law)}."
        return f"Extended once, from its end, by {self.length.en}. {ends}"
