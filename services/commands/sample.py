"""Sample: an application or a file of the demo, and exactly what must come of it."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

import orjson

from schemas.errors import Misconfigured, Problem

SAMPLES = Path(__file__).parents[2] / "deploy" / "samples"
EXAMPLES = Path(str(files("connectors") / "examples"))
"""Where the files of old systems lie; the connectors' own tests read them too."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """What one department received, or must receive, under one station; ``form`` holds every field that it may see."""

    department: str
    station: str
    form: str

    @classmethod
    def of(cls, department: str, station: str, form: Any) -> "Delivery":  # noqa: ANN401 - JSON
        """``form`` as JSON in one spelling: members sorted; inner ones that are empty left out, as both sides may."""
        kept = {name: _without_blanks(value) for name, value in form.items()}
        return cls(department, station, orjson.dumps(kept, option=orjson.OPT_SORT_KEYS).decode())


@dataclass(frozen=True, slots=True)
class Sample:
    """One file of ``deploy/samples``: a submission, or a legacy file and the folder into which it is dropped."""

    name: str
    title: str
    source: str
    expected: tuple[Delivery, ...]
    submission: dict[str, Any] | None = None
    file: Path | None = None
    folder: str = ""
    dead_lines: tuple[int, ...] = ()


def read_samples(folder: Path = SAMPLES) -> tuple[Sample, ...]:
    """All samples. Raises Misconfigured when there are none or one is not what it should be."""
    paths = sorted(folder.glob("*.json"))
    if not paths:
        german, english = "Hier liegt kein Beispiel (*.json).", "there is no sample (*.json) here"
        raise Misconfigured(Problem(str(folder), german, english))
    return tuple(map(_read, paths))


def _read(path: Path) -> Sample:
    try:
        content = orjson.loads(path.read_bytes())
        return Sample(
            path.stem,
            content["title"],
            content["source"],
            tuple(Delivery.of(each["department"], each["station"], each["form"]) for each in content["expected"]),
            content.get("submission"),
            EXAMPLES / content["file"] if "file" in content else None,
            content.get("folder", ""),
            tuple(content.get("dead_lines", ())),
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        german, english = f"Kein lesbares Beispiel ({error!r}).", f"not a readable sample ({error!r})"
        raise Misconfigured(Problem(str(path), german, english)) from error


def differences(sample: Sample, found: Iterable[Delivery], dead_lines: Iterable[int] = ()) -> Iterator[str]:
    """What is missing, what is different and what is too much, in words; nothing when all is exactly as expected."""
    missing = Counter(sample.expected)
    surplus = Counter(found)
    missing, surplus = missing - surplus, surplus - missing
    for wanted in sorted(missing.elements(), key=str):
        got = next((each for each in sorted(surplus, key=str) if _same_place(each, wanted)), None)
        if got is None:
            yield f"{sample.name}: {wanted.department} ({wanted.station}) received nothing"
        else:
            surplus -= Counter([got])
            yield f"{sample.name}: {wanted.department} ({wanted.station}) {_fields(wanted, got)}"
    for got in sorted(surplus.elements(), key=str):
        yield f"{sample.name}: {got.department} ({got.station}) received what it must not"
    yield from _lines(sample, dead_lines)


def _same_place(one: Delivery, other: Delivery) -> bool:
    return (one.department, one.station) == (other.department, other.station)


def _fields(wanted: Delivery, got: Delivery) -> str:
    """The names of the fields that differ; never what stands in them."""
    expected, actual = orjson.loads(wanted.form), orjson.loads(got.form)
    said = {
        "lacks": expected.keys() - actual.keys(),
        "must not see": actual.keys() - expected.keys(),
        "has another value in": {name for name in expected.keys() & actual.keys() if expected[name] != actual[name]},
    }
    return "; ".join(f"{what} {', '.join(sorted(names))}" for what, names in said.items() if names)


def _lines(sample: Sample, dead_lines: Iterable[int]) -> Iterator[str]:
    missing, surplus = Counter(sample.dead_lines), Counter(dead_lines)
    for line in sorted((missing - surplus).elements()):
        yield f"{sample.name}: line {line} is no dead letter"
    for line in sorted((surplus - missing).elements()):
        yield f"{sample.name}: line {line} became a dead letter"


def _without_blanks(value: Any) -> Any:  # noqa: ANN401 - JSON
    if isinstance(value, dict):
        return {name: _without_blanks(inner) for name, inner in value.items() if inner is not None}
    return [_without_blanks(element) for element in value] if isinstance(value, list) else value
