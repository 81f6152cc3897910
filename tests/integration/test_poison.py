"""Poison on every way in of a running installation: a dead letter or a 4xx each, and everything else goes on."""

import asyncio
from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx2 as httpx
import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.errors import MessageSizeTooLargeError
from aiokafka.record.default_records import _DefaultRecordBatchBuilderPy

from schemas.errors import Reason
from schemas.message import Message, Stored, partition_for
from schemas.topics import CASE_EVENTS, CASE_REQUESTS, DEAD_LETTERS
from tests.support.deadline import eventually
from tests.support.http_poison import GZIP_BOMB, POISON, TEN_MEGABYTES
from tests.support.poison import NoText, Poison, corpus, good, message
from tests.support.site import HOST, Running, Site, child, new_site

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(120)]

TAXES = "department.town.taxes"
OPENED = b"StationOpened"
HEAD = b"Name;Vorname;Rasse;Seit\n"
PARTITIONS = 4


@dataclass(frozen=True, slots=True)
class Installation:
    """A site and the `laufzettel up` that runs it."""

    site: Site
    up: Running

    async def delivered(self, keys: Collection[bytes | None]) -> "Counter[bytes | None]":
        """How often each case stands at the department, once all of these do; no process may have ended meanwhile."""
        async with asyncio.timeout(30):
            while True:
                records = await self.site.records(TAXES)
                found = Counter(record.key for record in records if record.header("ce_type") == OPENED)
                assert "process ended" not in self.up.said(), self.up.said()[-6000:]
                if found.keys() >= set(keys):
                    return found


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    site = new_site(tmp_path_factory.mktemp("poison"))
    with site.start("up") as up:
        site.await_ready(up)
        yield Installation(site, up)


async def written(bootstrap: str, messages: list[Message], **settings: Any) -> list[int]:  # noqa: ANN401
    """The offsets at which a producer that is not one of ours has put them."""
    async with AIOKafkaProducer(bootstrap_servers=bootstrap, max_request_size=20 << 20, **settings) as producer:
        sent = [
            await producer.send(
                each.topic, each.value, key=each.key, partition=each.partition, headers=each.headers or None
            )
            for each in messages
        ]
        return [(await future).offset for future in sent]


def mixed(poisons: list[Poison], goods: list[Message], partition: int) -> list[tuple[Poison | None, Message]]:
    """Every poison, with a good case of this partition before it, and one at the end."""
    here = (replace(each, partition=partition) for each in goods)
    mine = (each for each in here if partition_for(each.key or b"", PARTITIONS) == partition)
    pairs: list[tuple[Poison | None, Message]] = []
    for poison in poisons:
        pairs += [(None, next(mine)), (poison, message(poison, partition))]
    return [*pairs, (None, next(mine))]


def place_of(letter: Stored) -> tuple[int, int]:
    return int(letter.header("dl_partition") or b""), int(letter.header("dl_offset") or b"")


async def test_each_bad_record_is_one_dead_letter_with_its_bytes_on_every_partition(installation: Installation) -> None:
    site = installation.site
    poisons, goods = corpus(site.book), [good(site.book, number) for number in range(200)]
    router = child(installation.up.pid, "run router")
    plan = [pair for partition in range(PARTITIONS) for pair in mixed(poisons, goods, partition)]
    offsets = await written(site.bootstrap, [each for _, each in plan])
    delivered = await installation.delivered([each.key for poison, each in plan if poison is None])
    found = [letter for letter in await site.records(DEAD_LETTERS) if letter.header("dl_topic")]
    letters = {place_of(letter): letter for letter in found}
    assert len(letters) == len(found)
    for (poison, each), offset in zip(plan, offsets, strict=True):
        if poison is None:
            assert delivered[each.key] == 1
            continue
        letter = letters[each.partition or 0, offset]
        kept = (letter.value, letter.key, letter.partition, letter.header("dl_reason"))
        assert kept == (each.value or b"", each.key, each.partition, poison.reason.value.encode()), poison.name
    assert child(installation.up.pid, "run router") == router
    assert len(await site.records(DEAD_LETTERS)) == len(
        {(r.partition, r.offset) for r in await site.records(DEAD_LETTERS)}
    )


async def test_strange_headers_cost_a_case_nothing(installation: Installation) -> None:
    site = installation.site
    strange: list[list[tuple[str, Any]]] = [
        [("received_at", None), ("traceparent", None)],
        [("received_at", b"9" * 5_000)],
        [("received_at", b"-1"), ("traceparent", b"0" * 900_000)],
        [("ce_type", b"\xff"), ("dl_replays", b"9" * 5_000)],
    ]
    goods = [good(site.book, 1_000 + number) for number in range(len(strange))]
    await written(
        site.bootstrap,
        [Message(CASE_REQUESTS, each.key, each.value, headers) for each, headers in zip(goods, strange, strict=True)],
    )
    nameless = good(site.book, 1_100)
    await written_as_no_python_client_would(site.bootstrap, nameless)
    delivered = await installation.delivered([each.key for each in (*goods, nameless)])
    assert [delivered[each.key] for each in (*goods, nameless)] == [1] * (len(goods) + 1)
    sizes = {len(name) + len(value) for r in await site.records(CASE_EVENTS) for name, value in r.headers}
    assert max(sizes) < 200


async def written_as_no_python_client_would(bootstrap: str, each: Message) -> None:
    async with AIOKafkaProducer(bootstrap_servers=bootstrap) as producer:
        batch = producer.create_batch()
        batch._builder = _DefaultRecordBatchBuilderPy(2, 0, 0, -1, -1, -1, 1 << 20)
        assert batch.append(key=each.key, value=each.value, timestamp=None, headers=[(NoText(), b"1")])
        await (await producer.send_batch(batch, each.topic, partition=0))


async def test_what_others_compress_is_unpacked_by_the_broker_or_refused(installation: Installation) -> None:
    site, packed = installation.site, good(installation.site.book, 2_000)
    await written(site.bootstrap, [packed], compression_type="gzip")
    bomb = Message(CASE_REQUESTS, packed.key, b"\x00" * 10_000_000)
    with pytest.raises(MessageSizeTooLargeError):
        await written(site.bootstrap, [bomb], compression_type="gzip", max_batch_size=20 << 20)
    assert (await installation.delivered([packed.key]))[packed.key] == 1


def row(name: str, since: str = "01.03.2026") -> bytes:
    return f"{name};Erika;Dackel;{since}\n".encode()


SHAPE, TEXT, DATE = Reason.MALFORMED_ROW, Reason.UNDECODABLE, Reason.INVALID
FILES: dict[str, tuple[list[bytes], dict[int, Reason]]] = {
    "truncated": ([row("A"), row("B"), b"Muster;Eri"], {4: SHAPE}),
    "open-quote": ([row("A"), b'"Muster;Erika;Dackel;01.03.2026\n', row("B")], {3: SHAPE}),
    "nul": ([row("A"), b"Mus\x00ter;Erika;Dackel;01.03.2026\n", row("B")], {3: DATE}),
    "columns": ([row("A"), b"Muster;Erika\n", b"a;b;c;d;e\n", row("B")], {3: SHAPE, 4: SHAPE}),
    "encoding": ([row("A"), b"M\xfcller;Erika;Dackel;01.03.2026\n", row("B")], {3: TEXT}),
    "xml-bomb": ([row("A"), b'<!DOCTYPE a [<!ENTITY b "bb">]><a>&b;</a>\n', row("B")], {3: SHAPE}),
    "ten-megabytes": ([row("A"), row("x" * 10_000_000), row("B")], {3: Reason.OVERSIZE}),
    "date": ([row("A"), row("C", "31.02.2026"), row("D", "01.01.0000"), row("B")], {3: DATE, 4: DATE}),
}  # fmt: skip
"""Of each file: its rows, and the lines of the bad ones."""


async def test_each_bad_row_is_one_dead_letter_and_the_rest_of_its_file_goes_on(installation: Installation) -> None:
    site = installation.site
    for name, (rows, _) in FILES.items():
        half = site.inbox / f"{name}.csv.part"
        half.write_bytes(HEAD + b"".join(rows))
        half.rename(site.inbox / f"{name}.csv")
    eventually(lambda: {path.stem for path in (site.inbox / "done").glob("*")} >= FILES.keys())
    letters = [letter for letter in await site.records(DEAD_LETTERS) if letter.header("dl_file")]
    found: dict[str, dict[int, str]] = {name: {} for name in FILES}
    for letter in letters:
        line = int(letter.header("dl_line") or b"")
        name = Path((letter.header("dl_file") or b"").decode()).stem
        assert line not in found[name]
        found[name][line] = (letter.header("dl_reason") or b"").decode()
        content = (HEAD + b"".join(FILES[name][0])).splitlines(keepends=True)[line - 1]
        assert content.startswith(letter.value or b"-"), name
        assert len(letter.value or b"") in {len(content), 10_000}
    cases = [r.key for r in await site.records(CASE_REQUESTS) if r.header("ce_source") == b"file/town.dogs"]
    assert len(cases) == 2 * len(FILES)
    assert {(await installation.delivered(cases))[key] for key in cases} == {1}
    assert found == {name: {line: why.value for line, why in bad.items()} for name, (_, bad) in FILES.items()}
    assert not list((site.inbox / "paused").glob("*"))


async def test_every_bad_request_is_a_4xx_and_the_next_one_is_accepted(installation: Installation) -> None:
    site = installation.site
    with httpx.Client(base_url=f"http://{HOST}:{site.intake_port}") as client:
        answers = {
            name: site.submit(f"poison-{n}", body, client=client) for n, (name, body) in enumerate(POISON.items())
        }
        strange = {
            "ten megabytes": site.submit("poison-big", TEN_MEGABYTES),
            "a gzip bomb": site.submit("poison-gzip", GZIP_BOMB, content_encoding="gzip"),
            "XML": site.submit("poison-xml", POISON["XML bomb"], content_type="application/xml"),
            "no key": site.submit("", client=client),
            "a key of a kilobyte": site.submit("k" * 1_000, client=client),
        }
        assert site.submit("after-poison", client=client).status_code == 202
    codes = {name: answer.status_code for name, answer in (answers | strange).items()}
    assert {name: code for name, code in codes.items() if not 400 <= code < 500} == {}  # fmt: skip
    assert (codes["ten megabytes"], codes["a gzip bomb"], codes["XML"]) == (413, 415, 415)
    assert {answer.headers["content-type"] for answer in answers.values()} == {"application/problem+json"}
    assert "process ended" not in installation.up.said()
