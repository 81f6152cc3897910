"""State: what open cases, departments and timers cost the router's processor; no Kafka, a process of its own."""

import gc
import os
import random
import tracemalloc
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from itertools import count
from multiprocessing import get_context
from time import process_time
from uuid import UUID

from schemas.events import event_schema
from schemas.fields import Wording
from schemas.kochbuch import Kochbuch, read_kochbuch
from schemas.message import Stored
from schemas.municipality import TRIAGE, Department, Municipality
from schemas.topics import CASE_REQUESTS, ROUTER_STATE
from services.router.case import station_of
from services.router.processor import Router
from services.router.store import CaseCodec, head_of, key_of
from tests.benchmark.router import SLICE, quiet_memory
from tests.benchmark.scale import Scale
from tests.benchmark.site import Rig
from tests.benchmark.table import Figure
from tests.benchmark.turns import alternately, cpu_micros
from tests.benchmark.workload import one_of_each, stored, submissions
from tests.support.load import now_us, resident_bytes

_CHUNK = 10_000
_TICKS = 5_000
_MANY = 2_000
_KEPT = 10_000
_OLD, _CHANGES = 200, 16
_DAY = 86_400_000_000


def state(_: Rig, scale: Scale) -> Iterator[Figure]:
    """Each part in a fresh process, whose memory is its own."""
    for part in (decisions, cases):
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
            yield from pool.submit(part, scale).result()


# -- departments


def decisions(scale: Scale) -> list[Figure]:
    """The whole Kochbuch in so many municipalities that they have 5,000 departments, beside a single one."""
    shipped = read_kochbuch()
    many, one = _book(shipped, scale.departments), _book(shipped, 1)
    seeds = count()

    def cost(book: Kochbuch) -> float:
        router = Router(book)
        process_all(router, stored(one_of_each(book, start=now_us()), 1))  # every plan is made
        records = stored(submissions(book, scale.decisions, seed=next(seeds), start=now_us()), 1)
        with quiet_memory():
            return cpu_micros(lambda: process_all(router, records), len(records))

    mine, floor = alternately(scale.rounds, lambda: cost(many), lambda: cost(one))
    departments = sum(len(town.departments) for town in many.municipalities.values())
    name = f"decisions a CPU-second, {len(many.recipes)} recipes, {departments:,} departments"
    return [Figure(name, 1e6 / mine, "/s", 1e6 / floor, "the same in one municipality", "ratio ≈ 1")]


def _book(shipped: Kochbuch, departments: int) -> Kochbuch:
    """Municipalities in which every role is a department of its own and every recipe is live."""
    roles = sorted({TRIAGE, *(role for recipe in shipped.recipes.values() for role in recipe.roles)})
    models = list(shipped.municipalities.values())
    towns = {}
    for number in range(max(1, round(departments / len(roles)))):
        town = _town(f"town-{number}", models[number % len(models)], roles, list(shipped.recipes))
        towns[town.municipality] = town
    return Kochbuch(shipped.versions, towns)


def _town(name: str, model: Municipality, roles: list[str], recipes: list[str]) -> Municipality:
    return Municipality(
        municipality=name,
        code=model.code,
        name=Wording(de=name),
        ars=model.ars,
        departments={role: Department(name=Wording(de=role), roles=(role,)) for role in roles},
        recipes=dict.fromkeys(recipes, "live"),
    )


# -- open cases


def cases(scale: Scale) -> list[Figure]:
    """Restoring, keeping and asking many open cases, beside few."""
    book = read_kochbuch()
    patterns = _patterns(book)
    before = _resident()
    large, micros = _restored(book, patterns, scale.open_cases)
    each = (_resident() - before) / scale.open_cases
    small, _ = _restored(book, patterns, scale.few_open_cases)
    record = _mean(patterns)
    old = _aged(book, patterns[:_OLD])
    figures = [
        Figure("restore, cases a CPU-second", 1e6 / micros, "/s", aim="≥ 100,000"),
        Figure(f"resident bytes an open case, {scale.open_cases:,} open", each, "B", record, "its record", "≤ 1,500"),
        Figure(
            f"record of an open case after {_CHANGES} changes, no opinion written",
            _mean(old),
            "B",
            record,
            "a new case's",
            "≤ 1,500",
        ),
        Figure("bytes a closed case takes in memory", _closed(book, patterns, scale.few_open_cases), "B"),
    ]
    with quiet_memory():
        return [*figures, *_ticks(large, small, scale), *_requests(book, large, small, scale)]


@dataclass(slots=True)
class Held:
    """A router with open cases, and which ones, in random order."""

    router: Router
    keys: list[bytes]

    @property
    def description(self) -> str:
        """How many there are."""
        return f"{self.router.open_cases():,} open cases"


def _patterns(book: Kochbuch) -> list[bytes]:
    """Records of open cases of every kind, of which nothing falls due while we measure."""
    router, now = Router(book), now_us()
    written = router.process(0, stored(submissions(book, 1_000, start=now), 1), now)
    states = [message.value or b"" for message in written if message.topic == ROUTER_STATE]
    return [state for state in states if head_of(state).due > now + _DAY]


def _mean(records: Sequence[bytes]) -> float:
    return sum(map(len, records)) / len(records)


def _aged(book: Kochbuch, patterns: Sequence[bytes]) -> list[bytes]:
    """The same cases after somebody has claimed and released each many times."""
    held, _ = _restored(book, patterns, len(patterns))
    claims = Claims(book)
    for turn in range(_CHANGES):
        records = [claims.of(held, key, "Release" if turn % 2 else "Claim") for key in held.keys]
        process_all(held.router, records)
    return [*held.router._stores[0].open.values()]


def _closed(book: Kochbuch, patterns: Sequence[bytes], count: int) -> float:
    """What is left in memory of each when its record is on the topic."""
    codec, chosen, router = CaseCodec(book.codec), random.Random(2), Router(book)
    case = codec.decode(str(UUID(int=0)), patterns[0])
    value = codec.encode({**case, "status": "closed"})
    keys = (str(UUID(int=chosen.getrandbits(128))).encode() for _ in range(count))
    tracemalloc.start()
    router.restore(0, (Stored(ROUTER_STATE, 0, offset, key, value, (), 0) for offset, key in enumerate(keys)))
    held, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return held / count


def _restored(book: Kochbuch, patterns: Sequence[bytes], open_cases: int) -> tuple[Held, float]:
    """A router that holds so many, and what restoring took of the CPU for each, in µs."""
    router, chosen, keys, spent = Router(book), random.Random(1), list[bytes](), 0.0
    for start in range(0, open_cases, _CHUNK):
        chunk = []
        for offset in range(start, min(start + _CHUNK, open_cases)):
            keys.append(str(UUID(int=chosen.getrandbits(128))).encode())
            # Records that come from a broker share nothing with each other.
            value = bytes(bytearray(patterns[offset % len(patterns)]))
            chunk.append(Stored(ROUTER_STATE, 0, offset, keys[-1], value, (), 0))
        began = process_time()
        router.restore(0, chunk)
        spent += process_time() - began
    few = keys[:: max(1, len(keys) // _KEPT)]
    chosen.shuffle(few)
    return Held(router, few), spent * 1e6 / open_cases


def _ticks(large: Held, small: Held, scale: Scale) -> Iterator[Figure]:
    now = now_us()
    first = [cpu_micros(lambda held=held: held.router.tick(0, now), 1) for held in (large, small)]  # type: ignore[misc]

    def tick(held: Held) -> float:
        return cpu_micros(lambda: [held.router.tick(0, now) for _ in range(_TICKS)], _TICKS)

    mine, floor = alternately(scale.rounds, lambda: tick(large), lambda: tick(small))
    timers = f"{large.router.timers():,} timers"
    yield Figure(f"tick with {timers}", mine, "µs", floor, f"{small.router.timers():,} timers", "ratio ≈ 1")
    yield Figure("the first tick after a restore", first[0] / 1e3, "ms")


def _requests(book: Kochbuch, large: Held, small: Held, scale: Scale) -> Iterator[Figure]:
    """New cases and commands to old ones cost the same, however many others are open."""
    many = min(_MANY, len(small.keys) // (scale.rounds + 1))
    seeds, claim = count(1), Claims(book)
    parts: dict[str, Callable[[Held], list[Stored]]] = {
        "a submission": lambda _: stored(submissions(book, many, seed=next(seeds), start=now_us()), 1),
        "a command": lambda held: [claim.next(held) for _ in range(many)],
    }
    for name, make in parts.items():

        def cost(held: Held, make: Callable[[Held], list[Stored]] = make) -> float:
            records = make(held)
            return cpu_micros(lambda: process_all(held.router, records), len(records))

        cost(small)  # makes the plans, which both share with nobody
        cost(large)
        mine, floor = alternately(scale.rounds, lambda: cost(large), lambda: cost(small))
        yield Figure(f"{name} beside {large.description}", mine, "µs", floor, small.description, "ratio ≈ 1")


class Claims:
    """Somebody takes the lead of a case, or gives it back."""

    def __init__(self, book: Kochbuch) -> None:
        self._codec = CaseCodec(book.codec)
        self._encode = {kind: book.codec.encoder(event_schema(kind)) for kind in ("Claim", "Release")}
        self._number = count()

    def next(self, held: Held) -> Stored:
        """For the next case that nobody has claimed yet."""
        return self.of(held, held.keys.pop(), "Claim")

    def of(self, held: Held, key: bytes, kind: str) -> Stored:
        """For this case."""
        case = self._codec.decode(key.decode(), held.router._stores[0].open[key_of(key)])
        lead = station_of(case, case["lead"])
        record = {
            "command_id": f"c{next(self._number)}", "case_id": key.decode(), "received_at": now_us(),
            "actor": "sb-00000001", "acting_for": None, "expected_version": case["version"],
            "department": lead["department"] if lead else "", "station": case["lead"],
        }  # fmt: skip
        return Stored(CASE_REQUESTS, 0, 0, key, self._encode[kind](record), (), 0)


def process_all(router: Router, records: Sequence[Stored]) -> None:
    """As the trunk does it."""
    for start in range(0, len(records), SLICE):
        router.process(0, records[start : start + SLICE], now_us())
    if (account := router.account()).delivered != len(records):
        raise AssertionError(f"{len(records)} requests, {dict(account.outcomes)}, {dict(account.reasons)}")


def _resident() -> int:
    gc.collect()
    return resident_bytes(os.getpid())
