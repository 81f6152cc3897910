"""Replay: what became of the stations of each case, from its events, as conditions see it; pure."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

Opinions = Mapping[str, Mapping[str, str]]
"""By case id and station; a lead that has decided is settled."""


def opinions(events: Iterable[tuple[str, Mapping[str, Any]]]) -> Opinions:
    """The opinions that counted, and silence that ended a station; each case's ``CaseReceived`` stands first."""
    found: defaultdict[str, dict[str, str]] = defaultdict(dict)
    leads: dict[str, str] = {}
    for kind, content in events:
        case = content.get("case_id", "")
        if kind == "CaseReceived":
            leads[case] = content["lead"]
        elif kind == "OpinionGiven" and content["counts"]:
            found[case][content["station"]] = content["opinion"]
        elif kind == "StationLapsed":
            found[case][content["station"]] = "lapsed"
        elif kind == "CaseDecided" and case in leads:
            found[case][leads[case]] = "settled"
    return dict(found)
