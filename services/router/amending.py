"""Amending: the few ways in which events change a case; each takes a copy that nobody else holds."""

from typing import Any

from services.router.case import Case, TimerKind

Body = dict[str, Any]

CASE_TIMERS: tuple[TimerKind, ...] = ("case_reminder", "case_due")
CLOCK: tuple[TimerKind, ...] = (*CASE_TIMERS, "papers_check")
STATION_TIMERS: tuple[TimerKind, ...] = ("station_reminder", "station_due")


def amend(case: Case, name: str, **changes: Any) -> None:  # noqa: ANN401 - any field of StationState
    """Changes fields of one station."""
    case["stations"] = [
        {**station, **changes} if station["station"] == name else station  # type: ignore[typeddict-item]
        for station in case["stations"]
    ]


def stop(case: Case, kinds: tuple[TimerKind, ...], station: str = "") -> None:
    """Takes away the timers of these kinds, of one station or of the case."""
    case["timers"] = [t for t in case["timers"] if t["kind"] not in kinds or t["station"] != station]


def finish(case: Case, body: Body, **changes: Any) -> None:  # noqa: ANN401 - any field of StationState
    """The station is done with: nobody holds it, nothing of it falls due."""
    amend(case, body["station"], holder=None, **changes)
    stop(case, STATION_TIMERS, body["station"])
