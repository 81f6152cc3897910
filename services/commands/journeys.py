"""Journeys: what the demo has seen so far of its cases; pure, fed with the records of the departments."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from schemas.codec import Codec
from schemas.kochbuch import Kochbuch
from schemas.message import Stored
from services.commands.readable import readable
from services.commands.sample import Delivery, Sample, differences


@dataclass(frozen=True, slots=True)
class Arrival:
    """A case at a department: which rule brought it there, and how long after its submission anybody could read it."""

    case_id: str
    reference: str
    service: str
    source: str
    rule: str
    seconds: float
    delivery: Delivery


@dataclass(slots=True)
class Journeys:
    """All arrivals and dead rows, and the case ids under which portal samples were accepted."""

    book: Kochbuch
    samples: tuple[Sample, ...]
    arrivals: list[Arrival] = field(default_factory=list)
    dead: list[tuple[str, int]] = field(default_factory=list)
    cases: dict[str, str] = field(default_factory=dict)
    """Case id by the sample's name."""
    refused: dict[str, str] = field(default_factory=dict)
    """Why a sample was not accepted, by its name: nothing more is to be expected of it."""

    @property
    def codec(self) -> Codec:
        """The codec of the installation."""
        return self.book.codec

    def arrived(self, record: Stored, now: int) -> Arrival | None:
        """Takes a record of a department's topic; None when it opens no station."""
        schema, content = self.codec.decode(record.value)
        if "station" not in content or "form" not in content:
            return None
        shown = readable(schema, content, reveal=True)
        arrival = Arrival(
            content["case_id"],
            content["reference"],
            self._title(content["service"]),
            f"{content['channel']}/{content['source']}",
            content["rule"],
            (now - content["received_at"]) / 1_000_000,
            Delivery.of(content["department"], content["station"], shown["form"]),
        )
        self.arrivals.append(arrival)
        return arrival

    def died(self, record: Stored) -> tuple[str, int, str]:
        """Takes a dead letter: its file (or topic), line and reason."""
        text = {name: (record.header(name) or b"").decode(errors="replace") for name in _DEAD}
        place = text["dl_file"] or text["dl_topic"]
        line = int(text["dl_line"] or text["dl_offset"] or 0)
        self.dead.append((place, line))
        return place, line, f"{text['dl_reason']}: {text['dl_detail']}"

    def is_complete(self) -> bool:
        """Whether at least as much has arrived as is expected; whether it is the right thing, ``findings`` says."""
        wanted = sum(len(sample.expected) for sample in self.samples if sample.name not in self.refused)
        rows = sum(len(sample.dead_lines) for sample in self.samples)
        return len(self.arrivals) >= wanted and len(self.dead) >= rows

    def findings(self) -> Iterator[str]:
        """What is not exactly as the samples say."""
        known: set[str] = set()
        for sample in self.samples:
            if sample.name in self.refused:
                yield f"{sample.name}: {self.refused[sample.name]}"
                continue
            mine = [arrival for arrival in self.arrivals if self._belongs(arrival, sample)]
            known |= {arrival.case_id for arrival in mine}
            lines = [line for place, line in self.dead if sample.file is not None and place == sample.file.name]
            yield from differences(sample, (arrival.delivery for arrival in mine), lines)
        for arrival in self.arrivals:
            if arrival.case_id not in known:
                yield f"{arrival.reference}: {arrival.delivery.department} received a case that no sample explains"
        files = {sample.file.name for sample in self.samples if sample.file is not None}
        for place, line in self.dead:
            if place not in files:
                yield f"{place} {line} became a dead letter"

    def _belongs(self, arrival: Arrival, sample: Sample) -> bool:
        if sample.submission is not None:
            return arrival.case_id == self.cases.get(sample.name)
        return arrival.source == f"file/{sample.source}"

    def _title(self, service: str) -> str:
        recipe = self.book.services.get(service)
        return recipe.title.de if recipe else service


_DEAD = ("dl_file", "dl_line", "dl_topic", "dl_offset", "dl_reason", "dl_detail")


def rows(journeys: Journeys) -> Iterator[tuple[str, str, str, str, str, str]]:
    """One row for each arrival, cases in the order of their first; what they have in common stands once."""
    by_case: dict[str, list[Arrival]] = {}
    for arrival in journeys.arrivals:
        by_case.setdefault(arrival.case_id, []).append(arrival)
    for arrivals in by_case.values():
        for number, arrival in enumerate(arrivals):
            head = ("", "", "") if number else (arrival.reference, arrival.service, arrival.source)
            delivery = arrival.delivery
            yield (*head, f"{delivery.department} ({delivery.station})", arrival.rule, f"{arrival.seconds:.3f}")
