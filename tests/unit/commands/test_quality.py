from typing import Any

from services.commands.quality import Event, as_data, quality

DOG = {"recipe": "dog", "recipe_version": 1, "station": "dangerous-dog", "rule": "weight_kg over 20"}
OTHER = {**DOG, "station": "assess", "rule": "always"}


def received(case: str, version: int = 1) -> Event:
    return "CaseReceived", {"case_id": case, "recipe": "dog", "recipe_version": version}


def opened(case: str, *stations: dict[str, Any]) -> Event:
    rows = [{"station": station["station"], "rule": station["rule"]} for station in stations]
    return "StationsOpened", {"case_id": case, "stations": rows}


def returned(case: str, station: dict[str, Any]) -> Event:
    return "CaseReturned", {"case_id": case, "to_department": "post", **station}


def corrected(case: str, station: dict[str, Any], to: str) -> Event:
    return "RoutingCorrected", {"case_id": case, "to_department": to, "erred_department": "order", **station}


def test_a_case_that_triage_gave_back_to_the_same_department_speaks_for_the_rule() -> None:
    [rule] = quality([received("a"), opened("a", DOG), returned("a", DOG), corrected("a", DOG, "order")])
    assert (rule.returned, rule.corrected, dict(rule.belonged_to)) == (1, 0, {})


def test_of_several_corrections_the_last_one_counts() -> None:
    back = [received("a"), opened("a", DOG), corrected("a", DOG, "environment"), corrected("a", DOG, "order")]
    [rule] = quality(back)
    assert (rule.corrected, rule.share, dict(rule.belonged_to)) == (0, 0.0, {})
    [rule] = quality([*back, corrected("a", DOG, "post")])
    assert (rule.corrected, dict(rule.belonged_to)) == (1, {"post": 1})


def test_rules_that_err_most_come_first() -> None:
    events = [
        *(event for case in "abcd" for event in (received(case), opened(case, OTHER, DOG))),
        returned("a", DOG),
        corrected("a", DOG, "environment"),
        returned("b", DOG),
        corrected("b", DOG, "environment"),
        returned("c", OTHER),
    ]
    worst, other = quality(events)
    assert as_data(worst) == {
        "recipe": "dog", "version": 1, "station": "dangerous-dog", "rule": "weight_kg over 20", "opened": 4,
        "returned": 2, "corrected": 2, "share": 0.5, "belonged_to": {"environment": 2},
    }  # fmt: skip
    assert (other.station, other.returned, other.corrected, other.share) == ("assess", 1, 0, 0.0)


def test_versions_are_told_apart() -> None:
    later = {**DOG, "recipe_version": 2}
    events = [received("a"), opened("a", DOG), received("b", 2), opened("b", later), corrected("b", later, "post")]
    [rule] = quality(events)
    assert (rule.version, rule.opened, rule.corrected) == (2, 1, 1)


def test_without_corrections_there_is_nothing_to_say() -> None:
    assert quality([received("a"), opened("a", DOG)]) == []


def test_a_case_whose_beginning_is_no_longer_kept_still_counts_as_corrected() -> None:
    [rule] = quality([opened("z", DOG), corrected("z", DOG, "post")])
    assert (rule.opened, rule.corrected, rule.share) == (0, 1, 0.0)
