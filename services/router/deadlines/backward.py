"""Backward: the latest day on which something may still happen before a given date.

§§ 187 and 188 BGB in the mirror: the day of the event does not count. "At the latest n days before" is the n-th day
before it; with ``clear`` n whole days lie between, as BVerwG, 24.05.2018, 3 C 25.16 asks for no-parking signs. A free
day moves the end *back* to the Werktag before it: § 193 BGB serves whoever must act, and moving on would cut the time
that the deadline protects.
"""

import datetime as dt

from schemas.length import Length
from services.router.calendar import Calendar
from services.router.deadlines import law as laws
from services.router.deadlines import steps
from services.router.deadlines.arithmetic import day_before
from services.router.deadlines.computed import Computed
from services.router.deadlines.counter import COUNTERS, count
from services.router.deadlines.instant import DAY, end_of
from services.router.deadlines.move import move_back, stand, unsure


def backward(
    length: Length,
    target: dt.date,
    calendar: Calendar,
    *,
    clear: bool = False,
    moves: bool = True,
    basis: str = "",
) -> Computed:
    """The last day for what must be done the length before ``target``."""
    doubts: tuple[dt.date, ...] = ()
    if length.unit in COUNTERS:
        counted = count(target - DAY, length.count, length.unit, calendar, -DAY)
        end, doubts = counted.end, counted.doubts
    else:
        end = day_before(target, length)
    end = end - DAY if clear else end
    trail: list[steps.Step] = [
        steps.Started(target),
        steps.CountedBack(end, target, length, clear, basis),
    ]
    if not moves:
        trail.append(stand(end, calendar, laws.BACKWARDS))
    elif moved := move_back(end, calendar, laws.BACKWARDS):
        trail.append(moved)
        end = moved.date
    trail += unsure((*doubts, end), end, calendar)
    return Computed(end, end_of(end), (*trail, steps.Ended(end)))
