"""Case checker: what the router has written, against what was promised, record by record. Pure.

Lost, doubled and reordered records are found by :mod:`tests.support.checker`: what must be there follows from the
promises, and from what else is there: an event numbered three says that there were two. Beyond that: every state that
was ever written is the one that follows from the case's events; every command is answered as often as it should be,
in the order of the commands; every timer had a duty, and none is overdue.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import reduce
from itertools import groupby
from zlib import crc32

from schemas.codec import Codec
from schemas.kochbuch import Kochbuch
from schemas.message import Stored
from schemas.topics import CASE_EVENTS, CASE_REQUESTS, DEAD_LETTERS, ROUTER_STATE
from services.router.case import Case, next_due
from services.router.core import COMMANDS
from services.router.event import Event
from services.router.evolve import evolve
from services.router.outbox import SLIP
from services.router.store import CaseCodec
from tests.support.answers import answers_in, misjudged, wrong_answers
from tests.support.checker import Effect, Findings, Seen, check
from tests.support.restored import content_aside

Place = tuple[int, int]
"""Partition and offset on case-requests."""

EVENT, LETTER, DEAD = "event", "letter", "dead letter"
_TIMER = "timer:"
_NAMES = {name.encode() for name in COMMANDS}


@dataclass(slots=True)
class Promised:
    """What the world was told, or did itself."""

    cases: dict[bytes, Sequence[tuple[str, str]]] = field(default_factory=dict)
    """Acknowledged submissions: the stations that each must reach at once, and their topics."""
    timers: dict[bytes, Sequence[str]] = field(default_factory=dict)
    """Timers that must have fired once, as the cause of an event."""
    commands: set[str] = field(default_factory=set)
    """Acknowledged commands."""
    planted: dict[Place, bytes | None] = field(default_factory=dict)
    """Poison: where it stands on case-requests, and its value."""
    until: int = 0
    """The instant by which every timer that was due must have fired."""


@dataclass(slots=True)
class Verdict:
    """What is wrong, and what was counted on the way."""

    effects: Findings
    deviating: list[str] = field(default_factory=list)
    """States that do not follow from the events of their case."""
    unanswered: list[str] = field(default_factory=list)
    """Commands without answer, with too many, or answered out of order."""
    untimely: list[str] = field(default_factory=list)
    """Timers that fired without a duty, did not fire, or fired too often."""
    counts: Counter[str] = field(default_factory=Counter)
    """Events by type, timers by kind, states, letters."""
    folds: dict[bytes, Case | None] = field(default_factory=dict)
    """The state of every case as it follows from its events."""

    @property
    def clean(self) -> bool:
        """Whether nothing was found."""
        return self.effects.clean and not (self.deviating or self.unanswered or self.untimely)

    def __str__(self) -> str:
        own = {name: getattr(self, name) for name in ("deviating", "unanswered", "untimely")}
        effects = {name: getattr(self.effects, name) for name in self.effects.__slots__}
        found = {name: values for name, values in (effects | own).items() if values}
        said = [f"{name} {len(values)}: {', '.join(map(str, values[:5]))}" for name, values in found.items()]
        return "\n".join(said) or "clean"


@dataclass(slots=True)
class _Dossier:
    """All records of one key, in the order of their topics."""

    events: list[Stored] = field(default_factory=list)
    states: list[Stored] = field(default_factory=list)
    letters: list[Stored] = field(default_factory=list)
    commands: list[Stored] = field(default_factory=list)


def judge(book: Kochbuch, records: Iterable[Stored], promised: Promised) -> Verdict:
    """Reads everything that stands on the topics and compares."""
    judgement = _Judgement(book.codec, promised)
    dossiers: defaultdict[bytes, _Dossier] = defaultdict(_Dossier)
    for record in sorted(records, key=lambda r: (r.topic, r.partition, r.offset)):
        if record.topic == DEAD_LETTERS:
            judgement.dead_letter(record)
        elif record.topic != CASE_REQUESTS or record.header("ce_type") in _NAMES:
            getattr(dossiers[record.key or b""], _PILES.get(record.topic, "letters")).append(record)
    for key in {*promised.cases, *dossiers}:  # of some there may be nothing at all
        judgement.case(key, dossiers[key])
    return judgement.verdict()


_PILES = {CASE_EVENTS: "events", ROUTER_STATE: "states", CASE_REQUESTS: "commands"}


class _Judgement:
    def __init__(self, codec: Codec, promised: Promised) -> None:
        self._codec, self._cases, self._promised = codec, CaseCodec(codec), promised
        self._must: list[Effect] = [_dead(place, value) for place, value in promised.planted.items()]
        self._seen: list[Seen] = []
        self._asked: set[str] = set()
        self._verdict = Verdict(check([], [], []))

    def verdict(self) -> Verdict:
        missing = sorted(self._promised.commands - self._asked)
        self._verdict.unanswered += [f"{command_id} is not on case-requests" for command_id in missing]
        self._verdict.effects = check(self._must, [], self._seen)
        return self._verdict

    def dead_letter(self, record: Stored) -> None:
        place = int(record.header("dl_partition") or -1), int(record.header("dl_offset") or -1)
        self._see(_dead(place, record.value), record)

    def case(self, key: bytes, dossier: _Dossier) -> None:
        told = [(Event(_kind(record), self._codec.decode(record.value)[1]), record) for record in dossier.events]
        self._verdict.counts.update(event.kind for event, _ in told)
        happened = [(event, record) for event, record in told if event.kind != "CommandRefused"]
        self._events(key, happened, dossier.states)
        self._letters(key, dossier.letters)
        self._answers([event for event, _ in told], dossier.commands)
        if _is_whole([event for event, _ in happened]):
            self._life(key, [event for event, _ in happened], dossier.states)

    # -- presence and order

    def _events(self, key: bytes, happened: list[tuple[Event, Stored]], states: list[Stored]) -> None:
        places = [(event.body["version"], _number(event)) for event, _ in happened]
        written = [self._cases.decode(key.decode(), s.value)["version"] for s in states if s.value is not None]
        least = [(1, 1)] if key in self._promised.cases else []
        for version, number in _filled([*places, *least, *((version, 1) for version in written)]):
            self._must.append(Effect(key, f"{version}:{number}", EVENT))
        for (version, number), (_, record) in zip(places, happened, strict=True):
            self._see(Effect(key, f"{version}:{number}", EVENT), record)

    def _letters(self, key: bytes, letters: list[Stored]) -> None:
        numbers: defaultdict[int, int] = defaultdict(int)
        for record in letters:
            version, number = _letter(record)
            numbers[version] = max(numbers[version], number)
            self._see(Effect(key, f"{version}:d{number}", LETTER), record)
            if _kind(record) == SLIP:
                _, body = self._codec.decode(record.value)
                self._see(_slip(key, body["case_version"], body["station"], record.topic), record)
        for version in sorted(numbers):
            self._must += [Effect(key, f"{version}:d{n + 1}", LETTER) for n in range(numbers[version])]
        self._must += [_slip(key, 1, station, topic) for station, topic in self._promised.cases.get(key, ())]
        self._verdict.counts["letters"] += len(letters)

    def _see(self, effect: Effect, record: Stored) -> None:
        self._seen.append(Seen(effect, record.topic, record.partition, record.offset))

    # -- commands

    def _answers(self, told: list[Event], commands: list[Stored]) -> None:
        asked = [self._codec.decode(record.value)[1]["command_id"] for record in commands]
        self._asked.update(asked)
        self._verdict.unanswered += [*wrong_answers(asked, answers_in(told)), *misjudged(told)]

    # -- life

    def _life(self, key: bytes, events: list[Event], states: list[Stored]) -> None:
        """What each version makes of the case: the timers that fired, the slips that follow, the states written."""
        snapshots: dict[int, Case | None] = {0: None}
        fired: Counter[str] = Counter()
        case: Case | None = None
        for version, group in groupby(events, key=lambda event: event.body["version"]):
            steps = list(group)
            cause = steps[0].body["cause"]
            if cause.startswith(_TIMER):
                fired[cause] += 1
                self._timer(case, steps[0])
            case = snapshots[version] = reduce(evolve, steps, case)
            if key not in self._promised.cases or version > 1:
                self._slips(key, version, steps, case)
        self._verdict.folds[key] = case
        self._states(key, states, snapshots)
        self._due(key, case, fired)

    def _slips(self, key: bytes, version: int, steps: list[Event], case: Case | None) -> None:
        for station, department in _opened(steps, case):
            town = case["municipality"] if case else ""
            self._must.append(_slip(key, version, station, f"department.{town}.{department}"))

    def _timer(self, case: Case | None, event: Event) -> None:
        _, kind, station = event.body["cause"].split(":", 2)
        self._verdict.counts[f"{_TIMER}{kind}"] += 1
        timers = case["timers"] if case else []
        if not any((t["kind"], t["station"]) == (kind, station) and t["at"] <= event.body["at"] for t in timers):
            self._verdict.untimely.append(f"{event.body['event_id']} by {event.body['cause']} had no duty")

    def _due(self, key: bytes, case: Case | None, fired: Counter[str]) -> None:
        if case is not None and next_due(case) <= self._promised.until:
            self._verdict.untimely.append(f"{key.decode()} has a timer that is overdue")
        self._verdict.untimely += [
            f"{key.decode()} {cause} fired {fired[cause]} times"
            for cause in self._promised.timers.get(key, ())
            if fired[cause] != 1
        ]

    def _states(self, key: bytes, states: list[Stored], snapshots: Mapping[int, Case | None]) -> None:
        """Every state that was ever written, because a restore may have read it."""
        last = 0
        for record in states:
            self._verdict.counts["states"] += 1
            version = max(snapshots)
            case = None
            if record.value is not None:
                case = self._cases.decode(key.decode(), record.value)
                version = case["version"]
            if version <= last or content_aside(case) != content_aside(snapshots.get(version)):
                self._verdict.deviating.append(f"{key.decode()} in version {version}")
            last = version
        if last != max(snapshots):
            self._verdict.deviating.append(f"{key.decode()} was last written in version {last} of {max(snapshots)}")


def _slip(key: bytes, version: int, station: str, topic: str) -> Effect:
    return Effect(key, str(version), f"{topic}/{station}")


def _kind(record: Stored) -> str:
    return (record.header("ce_type") or b"").decode()


def _number(event: Event) -> int:
    return int(event.body["event_id"].rpartition(":")[2])


def _letter(record: Stored) -> tuple[int, int]:
    """Case version and number of a letter, from its id ``case:version:d<number>``."""
    _, version, number = (record.header("ce_id") or b"").decode().split(":")
    return int(version), int(number.removeprefix("d"))


def _dead(place: Place, value: bytes | None) -> Effect:
    """Known by where the poison stood, and that its bytes are unchanged."""
    return Effect(b"%d:%d" % place, f"{crc32(value or b''):08x}", DEAD)


def _filled(places: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """All places up to the highest, in order: versions from one on, and in each the numbers from one on."""
    highest: defaultdict[int, int] = defaultdict(lambda: 1)
    for version, number in places:
        highest[version] = max(highest[version], number)
    for version in range(1, max(highest, default=0) + 1):
        yield from ((version, number + 1) for number in range(highest[version]))


def _is_whole(events: list[Event]) -> bool:
    """Whether a life can be told from these; what is wrong with the others is found by number."""
    places = [(event.body["version"], _number(event)) for event in events]
    return places == list(_filled(places))


def _opened(steps: list[Event], case: Case | None) -> Iterator[tuple[str, str]]:
    """The stations and departments to which the events of one version send the case."""
    for kind, body in steps:
        match kind:
            case "StationsOpened":
                yield from ((station["station"], station["department"]) for station in body["stations"])
            case "CaseForwarded" | "CaseReturned" | "RoutingCorrected":
                yield body["station"], body["to_department"]
            case "DepartmentConsulted":
                yield body["station"], body["department"]
            case "CaseReopened" if case is not None:
                again = (station for station in case["stations"] if station["station"] in body["stations"])
                yield from ((station["station"], station["department"]) for station in again)
            case _:
                pass
