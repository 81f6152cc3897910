"""Every vector of deadline_vectors.yaml, each with its source; the expectations come from people, not from the code."""

import datetime as dt
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from schemas.deadline import Deadline
from schemas.document import read_document
from schemas.length import parse_length
from services.router.calendar import LAND_NAMES, calendar_of
from services.router.deadlines import Computed, Course, compute, day_of, to_us
from services.router.deadlines.explain import moment, suspension

FILE = Path(__file__).with_name("deadline_vectors.yaml")
OF_DEADLINE = {"fixed", "by", "counting", "moves", "resume"}


@dataclass(frozen=True)
class Vector:
    source: str
    land: str
    entry: dict[str, Any]

    def __str__(self) -> str:
        said = [f"{key}={value}" for key, value in self.entry.items() if key not in {"why", "land", "due"}]
        return " ".join([self.land, *said])

    def compute(self) -> Computed:
        entry = self.entry
        content = {key: entry[key] for key in OF_DEADLINE & entry.keys()}
        if "before" in entry:
            content["before"] = {"field": "date", "length": entry["length"], "clear": entry.get("clear", "false")}
        elif "length" in entry:
            content["within"] = entry["length"]
        course = Course(
            started=moment(entry.get("starts") or entry["before"]),
            suspensions=tuple(suspension(text) for text in entry.get("suspended", ())),
            extended=parse_length(entry["extended"]) if "extended" in entry else None,
            via_single_contact="via" in entry,
            target=day_of(moment(entry["before"])) if "before" in entry else None,
        )
        return compute(Deadline.model_validate(content), course, calendar_of(self.land))


GROUPS = read_document(FILE).content


def read_vectors() -> list[Vector]:
    return [
        Vector(group["source"], land, entry)
        for group in GROUPS
        for entry in group["vectors"]
        for land in (LAND_NAMES if entry["land"] == "*" else entry["land"].split())
    ]


@pytest.mark.parametrize("vector", read_vectors(), ids=str)
def test_a_deadline_ends_where_people_say_it_does(vector: Vector) -> None:
    computed = vector.compute()
    assert computed.date.isoformat() == vector.entry["due"], vector.entry["why"]
    assert computed.steps[-1].date == computed.date
    if "ends" in vector.entry:
        assert computed.at_us == to_us(dt.datetime.fromisoformat(vector.entry["ends"]))


def test_there_are_a_hundred_vectors_of_our_own_each_with_its_reason() -> None:
    own = [entry for group in GROUPS[1:] for entry in group["vectors"]]
    assert len(own) >= 100
    assert all(group["source"] for group in GROUPS)
    assert all(entry["why"] for entry in own)
