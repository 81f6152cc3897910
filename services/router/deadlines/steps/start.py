"""Start: what set the period going."""

import datetime as dt
from dataclasses import dataclass

from services.router.deadlines import law as laws
from services.router.deadlines.phrases import cited, day, instant, tag, zeitpunkt


@dataclass(frozen=True, slots=True)
class Started:
    """The event; its day counts only where the period begins with a day (§ 187 Abs. 2 BGB)."""

    date: dt.date
    law: str = laws.EVENT
    at: dt.datetime | None = None

    @property
    def de(self) -> str:
        """The sentence in German."""
        when = zeitpunkt(self.at) if self.at else tag(self.date)
        if self.law == laws.EVENT:
            return f"Ereignis: {when}. Dieser Tag zählt nicht mit{cited(self.law)}."
        if self.law == laws.DAY_BEGINS:
            return f"Fristbeginn mit {tag(self.date)}, 0:00 Uhr. Dieser Tag zählt mit{cited(self.law)}."
        return f"Ereignis: {when}{cited(self.law)}."

    @property
    def en(self) -> str:
        """The sentence in English."""
        when = instant(self.at) if self.at else day(self.date)
        if self.law == laws.EVENT:
            return f"Event: {when}. The day does not count{cited(self.law)}."
        if self.law == laws.DAY_BEGINS:
            return f"Begins with {day(self.date)}, 0:00. The day counts{cited(self.law)}."
        return f"Event: {when}{cited(self.law)}."


@dataclass(frozen=True, slots=True)
class ReceivedElsewhere:
    """Receipt at the single contact; ``date`` is the third day after it, that of deemed receipt."""

    date: dt.date
    received: dt.date
    law: str = laws.SINGLE_CONTACT

    @property
    def de(self) -> str:
        """The sentence in German."""
        return (
            f"Eingang bei der einheitlichen Stelle: {tag(self.received)}. Gilt am dritten Tag danach, {tag(self.date)},"
            f" als bei der zuständigen Behörde eingegangen{cited(self.law)}."
        )

    @property
    def en(self) -> str:
        """The sentence in English."""
        return (
            f"Received at the single contact: {day(self.received)}. Deemed received by the authority on the third day"
            f" after, {day(self.date)}{cited(self.law)}."
        )


@dataclass(frozen=True, slots=True)
class Missing:
    """The form holds no date from which to count back, or one beyond all calendars: the general rule applies."""

    date: dt.date
    field: str
    law: str = laws.INACTION

    @property
    def de(self) -> str:
        """The sentence in German."""
        return (
            f"Das Feld „{self.field}“ für die Rückrechnung ist leer oder nennt keinen möglichen Tag;"
            f" die allgemeine Frist gilt{cited(self.law)}."
        )

    @property
    def en(self) -> str:
        """The sentence in English."""
        return (
            f"The field “{self.field}” from which to count back is empty or names no possible day;"
            f" the general rule applies{cited(self.law)}."
        )


@dataclass(frozen=True, slots=True)
class Restarted:
    """The whole period begins anew after a suspension, whose last day is the event."""

    date: dt.date
    law: str = laws.EVENT

    @property
    def de(self) -> str:
        """The sentence in German."""
        return (
            f"Die Frist beginnt nach der Hemmung neu; Ereignis ist ihr letzter Tag, {tag(self.date)}{cited(self.law)}."
        )

    @property
    def en(self) -> str:
        """The sentence in English."""
        return f"The period starts anew; the event is the suspension's last day, {day(self.date)}{cited(self.law)}."
