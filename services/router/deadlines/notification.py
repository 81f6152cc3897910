"""Notification: when a decision is deemed to have reached its addressee.

VwVfG, SGB X and OZG name a day, not a period for anybody to act in: it stands on a Sunday too (VGH München, NJW 1991,
1250). For tax decisions, the dog tax among them, the BFH sees a period, and § 108 Abs. 3 AO moves its end to the next
Werktag at the addressee's place (BFH, 14.10.2003, IX R 68/98). Later or missing receipt undoes the fiction; that is
for the clerk to record, not for arithmetic.
"""

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum

from schemas.length import Length, Unit
from services.router.calendar import Calendar
from services.router.deadlines import law as laws
from services.router.deadlines import steps
from services.router.deadlines.arithmetic import day_before, last_day
from services.router.deadlines.computed import Computed
from services.router.deadlines.instant import DAY, Moment, day_of, start_of
from services.router.deadlines.move import move

_POST_REFORM = dt.date(2025, 1, 1)
"""Sent from this day on, four days; before, three (PostModG; for the AO: Art. 97 § 1 Abs. 15 EGAO)."""


class Way(StrEnum):
    """How the decision went out."""

    POST = "post"
    ELECTRONIC = "electronic"
    RETRIEVED = "retrieved"
    ACCOUNT = "account"
    PUBLIC = "public"
    ABROAD = "abroad"
    TAX_POST = "tax-post"
    TAX_ELECTRONIC = "tax-electronic"
    TAX_RETRIEVAL = "tax-retrieval"
    SOCIAL = "social"


@dataclass(frozen=True, slots=True)
class _Fiction:
    law: str
    length: Length
    was_three_days: bool = True
    moves: bool = False


_FOUR, _THREE = Length(4, Unit.DAYS), Length(3, Unit.DAYS)
_FICTIONS = {
    Way.POST: _Fiction("§ 41 Abs. 2 Satz 1 VwVfG", _FOUR),
    Way.ELECTRONIC: _Fiction("§ 41 Abs. 2 Satz 2 VwVfG", _FOUR),
    Way.RETRIEVED: _Fiction("§ 41 Abs. 2a Satz 3 VwVfG", Length(1, Unit.DAYS), was_three_days=False),
    Way.ACCOUNT: _Fiction("§ 9 Abs. 1 Satz 4 OZG", _FOUR),
    Way.PUBLIC: _Fiction("§ 41 Abs. 4 Satz 3 VwVfG", Length(2, Unit.WEEKS), was_three_days=False),
    Way.ABROAD: _Fiction("§ 71b Abs. 6 Satz 1 VwVfG", Length(1, Unit.MONTHS), was_three_days=False),
    Way.TAX_POST: _Fiction("§ 122 Abs. 2 Nr. 1 AO", _FOUR, moves=True),
    Way.TAX_ELECTRONIC: _Fiction("§ 122 Abs. 2a AO", _FOUR, moves=True),
    Way.TAX_RETRIEVAL: _Fiction("§ 122a Abs. 4 AO", _FOUR, moves=True),
    Way.SOCIAL: _Fiction("§ 37 Abs. 2 SGB X", _FOUR),
}


def post_by(end: dt.date) -> dt.date:
    """The last day on which a decision can go out that must have been notified by the end of this one."""
    return day_before(end, _FOUR)


def notified(way: Way, sent: Moment, calendar: Calendar) -> Computed:
    """The day of notification from the day of posting, sending, providing or retrieving; ``at_us`` is its beginning."""
    fiction, day = _FICTIONS[way], day_of(sent)
    length = _THREE if fiction.was_three_days and day < _POST_REFORM else fiction.length
    deemed = last_day(day + DAY, length, after_event=True)
    trail: list[steps.Step] = [steps.Started(day), steps.Deemed(deemed, fiction.law, length)]
    moved = move(deemed, calendar, laws.TAX_FREE_DAY) if fiction.moves else None
    if moved:
        deemed = moved.date
        trail.append(moved)
    trail.append(steps.Begins(deemed, "notified", fiction.law))
    return Computed(deemed, start_of(deemed), tuple(trail))
