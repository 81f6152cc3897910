"""Absence: who stands in for whom today, by the municipality's file for all cases, or by a command for one."""

from collections.abc import Iterable, Iterator, Sequence

from schemas.form import days
from schemas.municipality import Municipality
from services.router.case import Substitution
from services.router.deadlines.instant import day_of, from_us


def deputies(who: str, town: Municipality, substitutes: Sequence[Substitution], now: int) -> tuple[str, ...]:
    """Those who stand in for a person or a department at this instant, each once."""
    if not (town.absences or substitutes):
        return ()
    today = day_of(from_us(now))
    named, number = today.isoformat(), days(today)
    by_file = (a.deputy for a in town.absences if a.who == who and a.since <= named <= a.until)
    by_command = (s["deputy"] for s in substitutes if s["who"] == who and s["since"] <= number <= s["until"])
    return tuple(dict.fromkeys((*by_file, *by_command)))


def not_over(substitutes: Iterable[Substitution], now: int) -> Iterator[Substitution]:
    """Those that have not come to their end."""
    today = days(day_of(from_us(now)))
    return (each for each in substitutes if each["until"] >= today)
