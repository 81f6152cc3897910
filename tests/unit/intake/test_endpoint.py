from collections.abc import Sequence
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from schemas.codec import Codec
from schemas.errors import Unavailable
from schemas.kochbuch import Kochbuch
from schemas.message import Message
from schemas.reference import is_reference
from schemas.topics import CASE_REQUESTS, SUBMISSION_KEYS
from services.intake.memory import Known, key_record
from services.runtime.clock import system_clock
from services.runtime.memory import MemoryBus, MemoryPublisher
from tests.support.book import LARGE, SMALL
from tests.support.intake import BODY, OTHER_KEY, SUBMISSIONS, Desk, HeldPublisher, open_desk

OTHER = BODY | {"form": LARGE}


async def test_202_names_the_case_its_reference_and_where_to_ask(desk: Desk) -> None:
    answer = await desk.submit()
    content = answer.json()
    assert answer.status_code == 202
    assert answer.headers["location"] == content["status_url"]
    assert content["reference"].startswith("TW-")
    assert is_reference(content["reference"])
    assert desk.counted("ingest_requests_total", connector="portal", code="202") == 1
    assert desk.counted("ingest_records_total", connector="portal", outcome="accepted") == 1
    assert desk.counted("ledger_accepted_total") == 1


async def test_the_event_says_what_was_submitted(desk: Desk, book: Kochbuch) -> None:
    content = (await desk.submit(BODY | {"applied_on": "1970-01-02"})).json()
    (record,) = desk.bus.records(CASE_REQUESTS)
    schema, event = Codec(book.schemas).decode(record.value)
    assert schema.name.endswith("CaseSubmitted_v1")
    assert (event["case_id"], event["reference"]) == (content["case_id"], content["reference"])
    assert (event["source"], event["channel"], event["applied_on"]) == ("portal", "portal", 1)
    assert event["form"]["breed"] == SMALL["breed"]


async def test_the_same_again_gets_the_same_answer_also_after_a_restart(
    desk: Desk, tmp_path: Path, book: Kochbuch
) -> None:
    first, again = await desk.submit(), await desk.submit()
    assert desk.counted("ingest_records_total", connector="portal", outcome="duplicate") == 1
    async with open_desk(tmp_path, book, desk.bus) as restarted:
        later = await restarted.submit()
        other = await restarted.submit(OTHER)
        status = await restarted.client.get(first.json()["status_url"], headers={"x-api-key": "key-of-the-portal"})
    assert first.content == again.content == later.content
    assert other.status_code == 422
    assert other.json()["type"].endswith("#key-reused")
    assert status.json()["reference"] == first.json()["reference"]
    assert len({record.key for record in desk.bus.records(CASE_REQUESTS)}) == 1


async def test_keys_that_had_to_make_room_before_their_day_was_over_are_counted(tmp_path: Path, book: Kochbuch) -> None:
    bus, known = MemoryBus(), Known(b"d" * 16, "portal", "TW-1", system_clock())
    bus.write(key_record(b"%d" % number, known) for number in range(1200))
    with capture_logs() as lines:
        async with open_desk(tmp_path, book, bus, keys_remembered=1000) as desk:
            assert desk.counted("ingest_keys_forgotten_total") == 500
    assert [line["keys"] for line in lines if line["event"] == "submission_keys_forgotten"] == [500]


async def test_a_key_record_without_its_submission_is_no_acceptance(desk: Desk, tmp_path: Path, book: Kochbuch) -> None:
    await desk.submit()
    half = MemoryBus(topics={SUBMISSION_KEYS: desk.bus.topics[SUBMISSION_KEYS]})
    async with open_desk(tmp_path, book, half) as restarted:
        assert (await restarted.submit()).status_code == 202
    assert len(half.records(CASE_REQUESTS)) == 1


async def test_every_problem_is_said_with_its_path_in_both_languages(desk: Desk) -> None:
    wrong = {"service": "99000000000000", "municipality": "atlantis", "applied_on": "gestern", "form": {}}
    answer = await desk.submit(wrong)
    assert answer.status_code == 422
    assert {error["path"] for error in answer.json()["errors"]} == {"service", "municipality", "applied_on"}
    wrong = BODY | {"form": {"holder": {"family_name": "", "nickname": "x"}, "weight_kg": 500, "iban": "DE00"}}
    answer = await desk.submit(wrong, accept_language="en")
    assert answer.headers["content-language"] == "en"
    assert {error["path"] for error in answer.json()["errors"]} == {
        "form.holder.family_name",
        "form.holder.given_names",
        "form.holder.nickname",
        "form.breed",
        "form.weight_kg",
        "form.kept_since",
        "form.iban",
    }
    assert all(error["de"] != error["en"] for error in answer.json()["errors"])
    assert desk.counted("ingest_records_total", connector="portal", outcome="rejected") == 2


async def test_problems_of_the_envelope_and_of_the_form_are_said_together_and_each_entry_once(desk: Desk) -> None:
    answer = await desk.submit({"service": BODY["service"], "form": {}, "x": 1})
    assert answer.status_code == 422
    paths = [error["path"] for error in answer.json()["errors"]]
    assert paths == ["municipality", "body", "form.holder", "form.breed", "form.kept_since"]
    answer = await desk.submit({"service": 7, "municipality": "atlantis", "form": []})
    assert [error["path"] for error in answer.json()["errors"]] == ["service", "form", "municipality"]


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"x_api_key": ""}, 401),
        ({"x_api_key": "wrong"}, 401),
        ({"authorization": "Bearer key-of-the-portal"}, 401),
        ({"key": ""}, 400),
        ({"key": "a b"}, 400),
        ({"content_type": ""}, 415),
        ({"content_type": "application/xml"}, 415),
        ({"content_encoding": "gzip"}, 415),
        ({"content_length": "1000001"}, 413),
    ],
)
async def test_what_is_wrong_outside_the_body(desk: Desk, change: dict[str, str], status: int) -> None:
    answer = await desk.submit(**change)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert not desk.bus.records(CASE_REQUESTS)
    assert desk.counted("ingest_requests_total", connector="portal", code=str(status)) == 1
    assert desk.counted("auth_failures_total", listener="intake") == (status == 401)


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS", "BREW"])
async def test_only_post_is_allowed(desk: Desk, method: str) -> None:
    answer = await desk.client.request(method, SUBMISSIONS)
    assert answer.status_code == 405
    assert answer.headers["allow"] == "POST"


async def test_a_portal_in_a_hurry_is_slowed_down_and_the_others_are_not(tmp_path: Path, book: Kochbuch) -> None:
    async with open_desk(tmp_path, book, portal_rate=0.01, portal_burst=2) as desk:
        answers = [await desk.submit(key=str(number)) for number in range(3)]
        other = await desk.submit(x_api_key=OTHER_KEY)
    assert [answer.status_code for answer in answers] == [202, 202, 429]
    assert int(answers[2].headers["retry-after"]) > 1
    assert other.status_code == 202


async def test_without_the_broker_nothing_is_accepted_and_the_repeat_is(desk: Desk) -> None:
    desk.bus.available = False
    answer = await desk.submit()
    assert answer.status_code == 503
    assert int(answer.headers["retry-after"]) >= 1
    desk.bus.available = True
    assert (await desk.submit()).status_code == 202
    assert len(desk.bus.records(CASE_REQUESTS)) == 1


async def test_what_became_durable_counts_as_accepted_also_where_the_portal_was_told_503(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish = MemoryPublisher.publish

    async def publish_in_vain(self: MemoryPublisher, messages: Sequence[Message]) -> None:
        await publish(self, messages)
        raise Unavailable("the answer came too late")

    with monkeypatch.context() as late:
        late.setattr(MemoryPublisher, "publish", publish_in_vain)
        assert (await desk.submit()).status_code == 503
    assert (await desk.submit()).status_code == 202
    assert desk.counted("ledger_accepted_total") == len(desk.bus.records(CASE_REQUESTS)) == 2


async def test_a_broker_that_owes_answers_too_long_makes_intake_unready(
    tmp_path: Path, book: Kochbuch, monkeypatch: pytest.MonkeyPatch
) -> None:
    publisher = HeldPublisher(silent=5.0)
    monkeypatch.setattr(MemoryBus, "publisher", lambda *_: publisher)
    async with open_desk(tmp_path, book) as desk:
        broker = desk.intake.checks()["broker"]
        assert broker() is None
        publisher.silent = 12.0
        assert broker() == "has not answered for 12 s"


async def test_before_the_keys_are_known_nothing_is_accepted(desk: Desk) -> None:
    desk.intake.tail.caught_up.clear()
    answer = await desk.submit()
    assert answer.status_code == 503
    assert "retry-after" in answer.headers


async def test_the_bytes_in_flight_are_bounded(tmp_path: Path, book: Kochbuch) -> None:
    async with open_desk(tmp_path, book, intake_buffer_bytes=1024 * 1024) as desk:
        with desk.intake.endpoint.budget.lease("portal") as lease:
            lease.hold(512 * 1024)
            assert desk.counted("ingest_buffer_bytes") == 512 * 1024
            busy, other = await desk.submit(), await desk.submit(x_api_key=OTHER_KEY)
            lease.hold(1024 * 1024)
            full = await desk.submit(x_api_key=OTHER_KEY, key="2")
        free = await desk.submit()
    assert [answer.status_code for answer in (busy, other, full, free)] == [503, 202, 503, 202]
    assert "retry-after" in busy.headers


async def test_a_bug_is_a_problem_too_and_ends_the_process_where_the_publisher_has_it(
    tmp_path: Path, book: Kochbuch, monkeypatch: pytest.MonkeyPatch
) -> None:
    publisher, broken = HeldPublisher(error=RuntimeError("lost")), list[BaseException]()
    publisher.released.set()
    monkeypatch.setattr(MemoryBus, "publisher", lambda *_: publisher)
    async with open_desk(tmp_path, book, broken=broken.append) as desk:
        answer = await desk.submit()
    assert answer.status_code == 500
    assert answer.headers["content-type"] == "application/problem+json"
    assert broken == [publisher.error]


async def test_nothing_personal_and_no_key_reaches_the_log(desk: Desk) -> None:
    with capture_logs() as lines:
        await desk.submit(key="erika.muster@example.org".replace("@", "-"))
        await desk.submit(BODY | {"form": SMALL | {"breed": "Geheim" * 30}}, key="erika-muster")
        await desk.submit(b'{"form": "Geheim', key="erika-muster")
    assert [line["code"] for line in lines if line["event"] == "request_refused"] == [422, 400]
    assert not [line for line in lines if "Geheim" in str(line) or "muster" in str(line).lower()]
