"""Length: how long a period lasts, read from a recipe's text in German or English ("3 Monate", "10 working days").

A declaration only; services.router.deadlines knows the calendar.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated

from pydantic import BeforeValidator

_MOST = 1000
_TEXT = re.compile(r"(\d+|[a-zäöüß]+)\s*(½|1/2|[.,]5)?[\s-]+([a-zäöüß -]+(?: \(mon-sat\))?)")


class Unit(StrEnum):
    """What is counted; a Werktag is Monday to Saturday, an Arbeitstag Monday to Friday, both without holidays."""

    HOURS = "hours"
    DAYS = "days"
    WEEKS = "weeks"
    MONTHS = "months"
    YEARS = "years"
    WERKTAGE = "werktage"
    ARBEITSTAGE = "arbeitstage"


_UNITS = {
    Unit.HOURS: "hour hours stunde stunden h",
    Unit.DAYS: "day days tag tage tagen kalendertag kalendertage kalendertagen",
    Unit.WEEKS: "week weeks woche wochen",
    Unit.MONTHS: "month months monat monate monaten",
    Unit.YEARS: "year years jahr jahre jahren",
    Unit.WERKTAGE: "werktag werktage werktagen",
    Unit.ARBEITSTAGE: "arbeitstag arbeitstage arbeitstagen workday workdays",
}
_UNIT_BY_WORD = {word: unit for unit, words in _UNITS.items() for word in words.split()} | {
    "working day": Unit.ARBEITSTAGE,
    "working days": Unit.ARBEITSTAGE,
    "calendar day": Unit.DAYS,
    "calendar days": Unit.DAYS,
    "werktag (mon-sat)": Unit.WERKTAGE,
    "werktage (mon-sat)": Unit.WERKTAGE,
}
_NUMBERS = (
    "a one ein eine einem einen einer",
    "two zwei",
    "three drei",
    "four vier",
    "five fünf",
    "six sechs",
    "seven sieben",
    "eight acht",
    "nine neun",
    "ten zehn",
)
_NUMBER_BY_WORD = {word: n for n, words in enumerate(_NUMBERS, start=1) for word in words.split()} | {
    "twelve": 12,
    "zwölf": 12,
}
_WORDS = {
    Unit.HOURS: ("Stunde", "Stunden", "hour", "hours"),
    Unit.DAYS: ("Tag", "Tage", "day", "days"),
    Unit.WEEKS: ("Woche", "Wochen", "week", "weeks"),
    Unit.MONTHS: ("Monat", "Monate", "month", "months"),
    Unit.YEARS: ("Jahr", "Jahre", "year", "years"),
    Unit.WERKTAGE: ("Werktag", "Werktage", "Werktag (Mon-Sat)", "Werktage (Mon-Sat)"),
    Unit.ARBEITSTAGE: ("Arbeitstag", "Arbeitstage", "working day", "working days"),
}


@dataclass(frozen=True, slots=True)
class Length:
    """A number of units; ``half_month`` adds the 15 days of § 189 BGB, which are counted last.

    What ``de`` and ``en`` say is read again by :func:`parse_length`: events and states keep lengths in these words.
    """

    count: int
    unit: Unit
    half_month: bool = False

    @property
    def de(self) -> str:
        """The length in German, in the nominative."""
        singular, plural, _, _ = _WORDS[self.unit]
        return self._phrase(singular, plural, "½")

    @property
    def en(self) -> str:
        """The length in English."""
        _, _, singular, plural = _WORDS[self.unit]
        return self._phrase(singular, plural, "½")

    def _phrase(self, singular: str, plural: str, half: str) -> str:
        if self.half_month:
            return f"{self.count or ''}{half} {plural if self.count else singular}"
        return f"{self.count} {singular if self.count == 1 else plural}"

    def __str__(self) -> str:
        return self.en


_PHRASES = {
    "halbes jahr": Length(6, Unit.MONTHS),
    "ein halbes jahr": Length(6, Unit.MONTHS),
    "half a year": Length(6, Unit.MONTHS),
    "vierteljahr": Length(3, Unit.MONTHS),
    "ein vierteljahr": Length(3, Unit.MONTHS),
    "quarter": Length(3, Unit.MONTHS),
    "halber monat": Length(0, Unit.MONTHS, half_month=True),
    "ein halber monat": Length(0, Unit.MONTHS, half_month=True),
    "½ monat": Length(0, Unit.MONTHS, half_month=True),
    "½ month": Length(0, Unit.MONTHS, half_month=True),
    "half a month": Length(0, Unit.MONTHS, half_month=True),
    "anderthalb monate": Length(1, Unit.MONTHS, half_month=True),
}
"""§ 189 BGB says what these mean."""


def parse_length(text: str) -> Length:
    """The length that the text names. Raises ValueError("German | English") when it names none."""
    words = " ".join(text.casefold().split())
    if words in _PHRASES:
        return _PHRASES[words]
    match = _TEXT.fullmatch(words)
    count = _count(match[1]) if match else None
    unit = _UNIT_BY_WORD.get(match[3]) if match else None
    if match is None or count is None or unit is None or (match[2] and unit is not Unit.MONTHS):
        raise ValueError(
            f"„{text}“ ist keine Dauer; zum Beispiel: 3 Monate, 10 Arbeitstage, 3 Werktage, 48 Stunden."
            f" | “{text}” is no length; for example: 3 months, 10 working days, 3 Werktage, 48 hours"
        )
    if not 1 <= count <= _MOST:
        raise ValueError(f"Eine Dauer hat 1 bis {_MOST} Einheiten. | a length has 1 to {_MOST} units")
    return Length(count, unit, half_month=match[2] is not None)


def _count(word: str) -> int | None:
    return int(word) if word.isdecimal() else _NUMBER_BY_WORD.get(word)


def _parsed(value: object) -> object:
    return parse_length(value) if isinstance(value, str) else value


LengthText = Annotated[Length, BeforeValidator(_parsed)]
"""A length in a recipe: written as text, kept as a value."""
