"""Clock: the case's own period with all that stopped and extended it, and the timers that watch it from now on.

A deadline that has passed was told once; what stops, extends or recomputes it afterwards does not tell it again unless
it gives new time.
"""

from collections.abc import Sequence

from services.router.case import Case, Halt, Timer
from services.router.draft import Draft, timers_of
from services.router.terms import Due


def ends(draft: Draft, started: int, halts: Sequence[Halt], by: str | None) -> Due:
    """The end of the case's period that began then, stood still so, and was extended by that."""
    term = draft.plan.term
    return term.running(started, halts, by, term.target(draft.content["form"]))


def case_timers(draft: Draft, due: Due) -> list[Timer]:
    """The timers of the case's new end."""
    return [] if due.at <= draft.now and _was_missed(draft.case) else timers_of(due, "case", "", draft.now)


def begins_with_papers(draft: Draft) -> bool:
    """Whether the case's period begins with the complete papers, and nobody has found them complete yet."""
    return draft.plan.term.deadline.starts == "completeness" and not draft.case["papers_complete"]


def station_timers(draft: Draft, due: Due, station: str) -> list[Timer]:
    """The timers of an open station's new end."""
    watched = _watched(draft.case, "station_due", station)
    return [] if due.at <= draft.now and not watched else timers_of(due, "station", station, draft.now)


def _was_missed(case: Case) -> bool:
    """Whether the deadline that stands in the case passed: its timer fired, and not the clock's stop took it away."""
    stopped, due_at = case["suspended_at"], case["due_at"]
    if stopped is None or due_at is None:
        return not _watched(case, "case_due", "")
    return due_at <= stopped


def _watched(case: Case, kind: str, station: str) -> bool:
    return any(timer["kind"] == kind and timer["station"] == station for timer in case["timers"])
