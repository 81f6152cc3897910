"""Figures of the router without a transport: ``python -m tests.support.router_bench [cases]``.

One submission's way split into its parts, bytes per open case, restore rate, cost of a tick beside that many timers.
"""

import gc
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TypeVar

from rich.console import Console

from schemas.events import event_schema
from schemas.kochbuch import Kochbuch
from schemas.message import Message, Stored
from schemas.submission import Acceptance, Submission
from schemas.topics import CASE_REQUESTS, ROUTER_STATE
from services.router.core import decide
from services.router.outbox import Outbox
from services.router.plan import plan_of
from services.router.processor import Router
from services.router.request import SUBMITTED, Context, Request
from services.router.store import CaseCodec, text_of
from tests.support.book import LARGE, SMALL, small_book
from tests.support.casework import NOW, Office

BATCH = 500
SAMPLE = 20_000
_CHUNK = 10_000

Item = TypeVar("Item")
say = Console(highlight=False).print


def cost(work: Callable[[Item], object], items: Iterable[Item], per_item: int = 1) -> float:
    """Microseconds of processor time for each item; what the work returns is dropped."""
    items = list(items)
    gc.collect()
    started = time.process_time()
    for item in items:
        work(item)
    return (time.process_time() - started) * 1e6 / len(items) / per_item


def submissions(book: Kochbuch, prefix: str, count: int = SAMPLE) -> list[Stored]:
    """Synthetic dogs, every second one large enough to concern two departments."""
    acceptance = Acceptance(book)
    made = []
    for n in range(count):
        form = LARGE if n % 2 else SMALL
        given = Submission("99102013104000", "town", form, "portal", "bench", f"{prefix}{n}", NOW)
        message = acceptance.accept(given).message
        made.append(Stored(CASE_REQUESTS, 0, n, message.key, message.value, message.headers, NOW // 1000))
    return made


def batches(records: list[Stored]) -> Iterator[list[Stored]]:
    """As the transport hands them over."""
    return (records[n : n + BATCH] for n in range(0, len(records), BATCH))


def parts(book: Kochbuch) -> Message:
    """What one submission costs, whole and split; a state record."""
    records, router = submissions(book, "a"), Router(book)
    whole = cost(lambda batch: router.process(0, batch, NOW), batches(records), BATCH)
    say(f"CaseSubmitted, whole   {whole:6.1f} µs, {1e6 / whole:6.0f} a second")
    codec, plan = book.codec, plan_of(book.recipes["dog"], book.municipalities["town"])
    context, outbox, cases = Context(plan, lambda _: {}), Outbox(codec), CaseCodec(codec)
    say(f"  decode               {cost(lambda r: codec.decode(r.value), records):6.1f} µs")
    requests = [Request(SUBMITTED, codec.decode(r.value)[1], r.value or b"") for r in records]
    say(f"  decide               {cost(lambda r: decide(None, r, NOW, context), requests):6.1f} µs")
    decided = [(decide(None, r, NOW, context), s) for r, s in zip(requests, records, strict=True)]
    ids = [(d, d.events[0].body["case_id"], s.headers) for d, s in decided]
    gc.freeze()
    write = cost(lambda i: outbox.messages(i[1], i[0], NOW, context=context, headers=i[2]), ids)
    say(f"  encode messages      {write:6.1f} µs")
    say(
        f"  encode state         {cost(lambda i: cases.encode(i[0].case, i[0].way) if i[0].case else b'', ids):6.1f} µs"
    )
    gc.unfreeze()
    return next(m for m in router.process(0, submissions(book, "b", 2), NOW) if m.topic == ROUTER_STATE)


def commands(book: Kochbuch) -> None:
    """What a command costs: two for each case, claim and release."""
    desk = Office(book)
    records = submissions(book, "d", SAMPLE // 4)
    for batch in batches(records):
        desk.router.process(0, batch, NOW)
    encode = {kind: book.codec.encoder(event_schema(kind)) for kind in ("Claim", "Release")}
    asked = []
    for version, (kind, write) in enumerate(encode.items(), start=1):
        for n, record in enumerate(records):
            case_id = (record.key or b"").decode()
            order = desk.command(kind, case_id, station="assess", expected_version=version, command_id=f"{kind}{n}")
            asked.append(Stored(CASE_REQUESTS, 0, n, record.key, write(order), record.headers, NOW // 1000))
    whole = cost(lambda batch: desk.router.process(0, batch, NOW), batches(asked), BATCH)
    refused = desk.router.outcomes["refused"]
    say(f"Claim, Release         {whole:6.1f} µs, {1e6 / whole:6.0f} a second, refused: {refused}")


def resident() -> int:
    """Bytes of this process in memory."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * resource.getpagesize()


def states(value: bytes, count: int) -> Iterator[list[Stored]]:
    """Records of the state topic, each with its own bytes, as a consumer holds them."""
    for start in range(0, count, _CHUNK):
        numbers = range(start, min(start + _CHUNK, count))
        keys = (text_of((n * 0x9E3779B97F4A7C15 % 2**64).to_bytes(16, "big")).encode() for n in numbers)
        yield [Stored(ROUTER_STATE, 0, 0, key, bytes(bytearray(value)), (), 0) for key in keys]


def scale(book: Kochbuch, value: bytes, count: int) -> None:
    """What that many open cases cost."""
    router, spent = Router(book), 0.0
    gc.collect()
    before = resident()
    for chunk in states(value, count):
        started = time.process_time()
        router.restore(0, chunk)
        spent += time.process_time() - started
    say(f"restore                {count / spent:9.0f} cases a second, {len(value)} bytes each on the topic")
    gc.collect()
    say(f"resident               {(resident() - before) / count:9.0f} bytes an open case, {count} open")
    started = time.process_time()
    router.tick(0, NOW)
    say(f"first tick             {(time.process_time() - started) * 1e3:9.1f} ms, orders {count} timers once")
    idle = cost(lambda _: router.tick(0, NOW), range(SAMPLE))
    say(f"tick, nothing due      {idle:9.2f} µs")
    records = submissions(book, "c")
    gc.freeze()
    whole = cost(lambda batch: router.process(0, batch, NOW), batches(records), BATCH)
    say(f"CaseSubmitted, whole   {whole:9.1f} µs beside {count} open cases")


def main(count: int) -> None:
    """Prints one figure a line."""
    with tempfile.TemporaryDirectory() as folder:
        book = small_book(Path(folder))
    state = parts(book)
    commands(book)
    scale(book, state.value or b"", count)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
