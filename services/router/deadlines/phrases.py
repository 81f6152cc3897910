"""Phrases: dates, instants and provisions as a file note writes them."""

import datetime as dt

from services.router.calendar import LAND_NAMES, Holiday
from services.router.deadlines.instant import BERLIN

_TAGE = ("Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag", "Sonntag")
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def tag(day: dt.date) -> str:
    """Mittwoch, 04.03.2026."""
    return f"{_TAGE[day.weekday()]}, {day:%d.%m.%Y}"


def day(date: dt.date) -> str:
    """Wednesday 2026-03-04."""
    return f"{_DAYS[date.weekday()]} {date:%Y-%m-%d}"


def zeitpunkt(at: dt.datetime) -> str:
    """Freitag, 27.03.2026, 14:30:00 CET: with the zone, because one hour of the year comes twice."""
    local = at.astimezone(BERLIN)
    return f"{tag(local)}, {local:%H:%M:%S %Z}"


def instant(at: dt.datetime) -> str:
    """Friday 2026-03-27 14:30:00 CET."""
    local = at.astimezone(BERLIN)
    return f"{day(local)} {local:%H:%M:%S %Z}"


def cited(*laws: str) -> str:
    """The provisions in brackets, or nothing where there are none."""
    named = "; ".join(law for law in laws if law)
    return f" ({named})" if named else ""


def grund(date: dt.date, holiday: Holiday | None, land: str) -> str:
    """Why nothing can end on this day, in German."""
    return f"{tag(date)} ({holiday.de}, Feiertag in {LAND_NAMES[land]})" if holiday else tag(date)


def reason(date: dt.date, holiday: Holiday | None, land: str) -> str:
    """Why nothing can end on this day, in English."""
    return f"{day(date)} ({holiday.en}, public holiday in {LAND_NAMES[land]})" if holiday else day(date)
