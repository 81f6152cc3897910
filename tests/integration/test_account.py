"""Every request has one end, whoever sends it how often: repeats across processes, conflicts, the balance, the lag."""

import asyncio
import os
import signal
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import Any

import httpx2 as httpx
import orjson
import pytest
from kafka import KafkaAdminClient, TopicPartition
from kafka.admin import OffsetSpec

from schemas.errors import Reason
from schemas.message import Message, Stored
from schemas.topics import CASE_EVENTS, CASE_REQUESTS, DEAD_LETTERS, SUBMISSION_KEYS
from services.runtime.probe import is_ready
from tests.support.book import LARGE
from tests.support.deadline import eventually
from tests.support.intake import BODY, SUBMISSIONS, headers
from tests.support.poison import corpus, message
from tests.support.site import HOST, Running, Site, child, free_ports, new_site

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(120)]

OTHER = {**BODY, "form": LARGE}


@dataclass(frozen=True, slots=True)
class Pair:
    """A running installation, and a second intake on its cluster."""

    site: Site
    up: Running
    second_port: int

    async def at_once(self, key: str, times: int, *bodies: object) -> list[httpx.Response]:
        """The first body at the first intake, the last one at the second, so many times each, all at once."""
        ports = (self.site.intake_port, self.second_port)
        async with httpx.AsyncClient(timeout=30) as client:
            requests = [
                client.post(f"http://{HOST}:{port}{SUBMISSIONS}", content=orjson.dumps(body), headers=headers(key))
                for _ in range(times)
                for port, body in ((ports[0], bodies[0]), (ports[1], bodies[-1]))
            ]
            return await asyncio.gather(*requests)

    def settled(self) -> None:
        """Returns when the router has brought everything to an end."""
        eventually(lambda: not any(row["records"] for row in self.site.json("lag")))

    async def of(self, case_id: str) -> "tuple[Counter[str], list[Stored]]":
        """The case's events and slips by type, and its dead letters."""
        key = case_id.encode()
        records = await self.site.records(CASE_EVENTS, "department.town.taxes", "department.town.order")
        kinds = Counter((r.header("ce_type") or b"").decode() for r in records if r.key == key)
        return kinds, [r for r in await self.site.records(DEAD_LETTERS) if r.key == key]


@contextmanager
def second_intake(site: Site) -> Iterator[int]:
    port = free_ports(2)
    with site.start(
        "run", "intake",
        LAUFZETTEL_KAFKA=site.bootstrap, LAUFZETTEL_INTAKE_PORT=str(port), LAUFZETTEL_ADMIN_PORT=str(port + 1),
    ):  # fmt: skip
        eventually(lambda: is_ready(HOST, port + 1))
        yield port


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    site = new_site(tmp_path_factory.mktemp("account"))
    with site.start("up") as up:
        site.await_ready(up)
        with second_intake(site) as port:
            yield Pair(site, up, port)


def restart_intake(pair: Pair) -> None:
    old = child(pair.up.pid, "run intake")
    os.kill(old, signal.SIGKILL)
    eventually(lambda: child(pair.up.pid, "run intake") not in {0, old})
    pair.site.await_ready(pair.up)


def forget_keys(site: Site) -> None:
    """As after more than a day, or where the topic was lost."""
    with closing(KafkaAdminClient(bootstrap_servers=site.bootstrap)) as admin:
        places = [TopicPartition(SUBMISSION_KEYS, number) for number in range(4)]
        ends = admin.list_partition_offsets(dict.fromkeys(places, OffsetSpec.LATEST))
        admin.delete_records({place: found.offset for place, found in ends.items()})


def test_up_tells_of_its_processes(pair: Pair) -> None:
    restarts = pair.site.metric("up", "process_restarts_total", slot="intake")
    assert pair.site.ready("up")
    restart_intake(pair)
    eventually(lambda: pair.site.ready("up"))
    assert pair.site.metric("up", "process_restarts_total", slot="intake") == restarts + 1


async def test_one_submission_at_two_intakes_at_once_and_after_a_restart_is_one_case(pair: Pair) -> None:
    answers = await pair.at_once("same-same", 8, BODY)
    assert {answer.status_code for answer in answers} == {202}
    assert len({answer.content for answer in answers}) == 1
    restart_intake(pair)
    again = pair.site.submit("same-same")
    assert (again.status_code, again.content) == (202, answers[0].content)
    pair.settled()
    kinds, dead = await pair.of(again.json()["case_id"])
    assert (kinds["CaseReceived"], kinds["StationOpened"], dead) == (1, 1, [])


async def test_other_content_under_one_key_at_two_intakes_at_once_is_never_a_second_case(pair: Pair) -> None:
    answers = await pair.at_once("same-other", 8, BODY, OTHER)
    assert {answer.status_code for answer in answers} <= {202, 422}
    [case_id] = {answer.json()["case_id"] for answer in answers if answer.status_code == 202}
    pair.settled()
    kinds, dead = await pair.of(case_id)
    assert kinds["CaseReceived"] == 1
    assert {letter.header("dl_reason") for letter in dead} <= {Reason.CONFLICT.value.encode()}


async def test_where_intake_has_forgotten_a_key_the_router_refuses_other_content(pair: Pair) -> None:
    first = pair.site.submit("forgotten")
    assert pair.site.submit("forgotten", OTHER).status_code == 422
    forget_keys(pair.site)
    restart_intake(pair)
    other, same = pair.site.submit("forgotten", OTHER), pair.site.submit("forgotten")
    assert other.status_code == 202, "it cannot know"
    assert other.json()["case_id"] == first.json()["case_id"]
    assert same.status_code == 422, "now it knows the other one"
    pair.settled()
    kinds, [dead] = await pair.of(first.json()["case_id"])
    assert (kinds["CaseReceived"], kinds["StationOpened"]) == (1, 1)
    assert (dead.header("dl_reason"), dead.header("dl_topic")) == (b"conflict", b"case-requests")
    assert b"Muster" not in b"".join(value for _, value in dead.headers)


def totals(site: Site) -> "Counter[str]":
    """What the router says of itself."""
    ends = ("delivered", "filtered", "dead_lettered")
    found = {end: int(site.metric("router-0", "ledger_terminal_total", state=end)) for end in ends}
    return Counter({"records": int(site.metric("router-0", "stage_records_in_total")), **found})


async def test_the_metrics_of_a_running_router_account_for_every_request(pair: Pair) -> None:
    site = pair.site
    pair.settled()
    before, accepted = totals(site), site.metric("intake", "ledger_accepted_total")
    poisons = [message(poison, number % 4) for number, poison in enumerate(corpus(site.book))]
    with httpx.Client() as client:
        codes = [site.submit(f"load-{number}", client=client).status_code for number in range(100)]
    records = [r for r in await site.records(CASE_REQUESTS) if (r.header("ce_type") or b"") == b"CaseSubmitted"][-20:]
    again = [Message(CASE_REQUESTS, r.key, r.value, list(r.headers), r.partition) for r in records]
    await site.publish([*poisons, *again])
    pair.settled()
    eventually(lambda: totals(site)["records"] - before["records"] >= 100 + len(poisons) + len(again))
    found = totals(site) - before
    assert codes == [202] * 100
    assert site.metric("intake", "ledger_accepted_total") - accepted == 100
    assert found == {
        "records": 100 + len(poisons) + len(again),
        "delivered": 100,
        "filtered": len(again),
        "dead_lettered": len(poisons),
    }
    assert site.metric("router-0", "ledger_unaccounted") == 0
    eventually(lambda: site.metric("router-0", "ledger_in_flight") == 0)
    assert site.metric("router-0", "dlq_records_total") >= len(poisons)
    [account] = site.json("balance")
    assert account["even"], account
    ends = ("delivered", "filtered", "dead_lettered", "applied", "in_flight")
    assert account["accepted"] == sum(account[end] for end in ends)


def test_a_router_that_stands_still_shows_as_lag_in_seconds(pair: Pair) -> None:
    site, router = pair.site, child(pair.up.pid, "run router")

    def lag() -> dict[str, Any]:
        rows = [row for row in site.json("lag") if row["records"]]
        return {"records": sum(row["records"] for row in rows), "seconds": max((r["seconds"] for r in rows), default=0)}

    pair.settled()
    os.kill(router, signal.SIGSTOP)
    try:
        for number in range(5):
            assert site.submit(f"lag-{router}-{number}").status_code == 202
        first = lag()
        assert first["records"] == 5
        eventually(lambda: lag()["seconds"] > first["seconds"] > 0)
    finally:
        os.kill(router, signal.SIGCONT)
    pair.settled()
    eventually(lambda: site.metric("router-0", "consumer_lag_seconds") == 0)
