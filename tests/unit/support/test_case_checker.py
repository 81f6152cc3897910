"""The checker of the real services is proved first: each planted fault must be found, and nothing else."""

import random
from dataclasses import replace

import pytest

from schemas.kochbuch import Kochbuch, read_kochbuch
from schemas.message import Stored
from schemas.topics import CASE_EVENTS, CASE_REQUESTS, DEAD_LETTERS, ROUTER_STATE
from services.router.outbox import SLIP
from services.router.store import CaseCodec
from tests.support.answers import Answer, wrong_answers
from tests.support.case_checker import Verdict, judge
from tests.support.hurry import CASE_HOURS, HOUR, write_hurried
from tests.support.restored import restored
from tests.support.twin import Twin

Records = list[Stored]


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Kochbuch:
    folder = tmp_path_factory.mktemp("book")
    write_hurried(folder)
    return read_kochbuch(folder / "kochbuch", folder / "municipalities")


@pytest.fixture(scope="module")
def twin(book: Kochbuch) -> Twin:
    """Some dozens of cases with everything that people do, deadlines that passed, and poison."""
    town = Twin(book)
    for number in range(60):
        town.submit(number)
    for number in range(5):
        town.submit(number, CASE_HOURS)
    town.poison(7)
    town.tick()
    town.work()
    return town


def judged(twin: Twin, records: Records) -> Verdict:
    return judge(twin.book, records, twin.promised)


def chosen(twin: Twin, topic: str, kind: bytes | None = None) -> Stored:
    """Any record of a topic that begins so, and of that type."""
    return random.choice(
        [r for r in twin.records if r.topic.startswith(topic) and (kind is None or r.header("ce_type") == kind)]
    )


def without(twin: Twin, victim: Stored) -> Records:
    return [record for record in twin.records if record is not victim]


def doubled(twin: Twin, victim: Stored) -> Records:
    return [*twin.records, replace(victim, offset=10_000)]


def test_a_faultless_run_is_clean(twin: Twin) -> None:
    verdict = judged(twin, twin.records)
    assert verdict.clean, str(verdict)
    assert str(verdict) == "clean"
    assert not restored(twin.book, (r for r in twin.records if r.topic == ROUTER_STATE), verdict.folds)
    assert verdict.counts["timer:case_due"] == 5


def test_the_clerks_do_everything(twin: Twin) -> None:
    done = judged(twin, twin.records).counts
    wanted = """
        CaseReceived StationsOpened StationClaimed StationReleased CaseForwarded CaseReturned RoutingCorrected NoteAdded
        DepartmentConsulted OpinionGiven ApplicantAsked DocumentsSupplied ApplicantDeadlineExpired CaseDecided
        CaseWithdrawn CaseClosed CaseReopened CommandRefused DeadlineMissed DeadlineEscalated StationLapsed ReminderDue
    """
    assert not set(wanted.split()) - done.keys()


@pytest.mark.parametrize(
    ("topic", "kind"), [(CASE_EVENTS, b"CaseReceived"), ("department.", SLIP.encode()), (DEAD_LETTERS, None)]
)
def test_one_planted_loss_is_found(twin: Twin, topic: str, kind: bytes | None) -> None:
    assert judged(twin, without(twin, chosen(twin, topic, kind))).effects.lost


def test_the_loss_of_a_last_event_is_found_by_the_state(twin: Twin) -> None:
    last = _told(twin, chosen(twin, CASE_EVENTS, b"NoteAdded").key)[-1]
    verdict = judged(twin, without(twin, last))
    assert verdict.deviating or verdict.effects.lost


def test_a_case_of_which_nothing_is_there_is_lost(twin: Twin) -> None:
    key = random.choice([*twin.promised.cases])
    left = [record for record in twin.records if record.key != key or record.topic == CASE_REQUESTS]
    assert judged(twin, left).effects.lost


def test_a_lost_refusal_is_found(twin: Twin) -> None:
    verdict = judged(twin, without(twin, chosen(twin, CASE_EVENTS, b"CommandRefused")))
    assert len(verdict.unanswered) == 1
    assert not verdict.effects.lost


def test_a_lost_state_is_found(twin: Twin) -> None:
    last = next(record for record in reversed(twin.records) if record.topic == ROUTER_STATE)
    verdict = judged(twin, without(twin, last))
    assert len(verdict.deviating) == 1
    states = (record for record in without(twin, last) if record.topic == ROUTER_STATE)
    assert restored(twin.book, states, verdict.folds) == [(last.key or b"").decode()]


@pytest.mark.parametrize("kind", [b"CaseReceived", SLIP.encode(), b"DepartmentNotice"])
def test_one_planted_duplicate_is_found(twin: Twin, kind: bytes) -> None:
    victim = chosen(twin, "", kind)
    assert judged(twin, doubled(twin, victim)).effects.duplicated


def test_a_doubled_refusal_is_found(twin: Twin) -> None:
    victim = chosen(twin, CASE_EVENTS, b"CommandRefused")
    assert judged(twin, doubled(twin, victim)).unanswered


def test_a_doubled_dead_letter_is_found(twin: Twin) -> None:
    assert judged(twin, doubled(twin, chosen(twin, DEAD_LETTERS))).effects.duplicated


def test_a_dead_letter_that_nobody_planted_is_found(twin: Twin) -> None:
    place = random.choice([*twin.promised.planted])
    fewer = replace(twin.promised, planted={p: v for p, v in twin.promised.planted.items() if p != place})
    assert judge(twin.book, twin.records, fewer).effects.unexpected


def _told(twin: Twin, key: bytes | None) -> Records:
    """What happened to a case, in order."""
    events = (record for record in twin.records if record.key == key and record.topic == CASE_EVENTS)
    return [record for record in events if record.header("ce_type") != b"CommandRefused"]


def test_one_planted_reordering_is_found(twin: Twin) -> None:
    key = next(r.key for r in twin.records if r.header("ce_type") == b"CaseDecided")
    first, second = _told(twin, key)[2:4]
    rest = [record for record in twin.records if record not in (first, second)]
    swapped = [replace(first, offset=second.offset), replace(second, offset=first.offset)]
    assert judged(twin, rest + swapped).effects.reordered


def test_a_slip_in_another_department_is_found(twin: Twin) -> None:
    victim = chosen(twin, "department.", SLIP.encode())
    effects = judged(twin, [*without(twin, victim), replace(victim, topic="department.dueren.elsewhere")]).effects
    assert effects.lost
    assert effects.unexpected


def test_one_planted_deviation_of_a_state_is_found(twin: Twin) -> None:
    cases = CaseCodec(twin.book.codec)
    victim = chosen(twin, ROUTER_STATE)
    case = cases.decode((victim.key or b"").decode(), victim.value or b"")
    wrong = replace(victim, value=cases.encode({**case, "begun": not case["begun"]}))
    verdict = judged(twin, [*without(twin, victim), wrong])
    assert len(verdict.deviating) == 1
    assert verdict.effects.clean


def test_a_timer_that_fires_twice_is_found(twin: Twin) -> None:
    """With a version of its own, as a router would write it that had forgotten the first time."""
    key = random.choice([*twin.promised.timers])
    codec, version = twin.book.codec, twin.versions[key.decode()]
    again = []
    for record in [r for r in twin.records if r.key == key and r.topic == CASE_EVENTS]:
        schema, body = codec.decode(record.value)
        if body["version"] == version:
            number = body["event_id"].rpartition(":")[2]
            body |= {"version": version + 1, "event_id": f"{key.decode()}:{version + 1}:{number}"}
            again.append(replace(record, offset=record.offset + 10_000, value=codec.encoder(schema)(body)))
    verdict = judged(twin, [*twin.records, *again])
    assert any("had no duty" in said for said in verdict.untimely)
    assert any("fired 2 times" in said for said in verdict.untimely)


def test_a_timer_that_never_fires_is_found(twin: Twin) -> None:
    later = replace(twin.promised, until=twin.now + 3 * HOUR)
    assert any("overdue" in said for said in judge(twin.book, twin.records, later).untimely)


def test_a_command_that_is_not_on_its_topic_is_found(twin: Twin) -> None:
    more = replace(twin.promised, commands={*twin.promised.commands, "command-lost"})
    assert judge(twin.book, twin.records, more).unanswered == ["command-lost is not on case-requests"]


@pytest.mark.parametrize(
    ("asked", "answers", "is_right"),
    [
        ("a b", "a+ b-", True),
        ("a a", "a+", True),
        ("a a", "a- a-", True),
        ("a a", "a- a+", True),
        ("a a", "a-", False),
        ("a a", "a+ a-", False),
        ("a a", "a+ a+", False),
        ("a b", "b+ a+", False),
        ("a", "", False),
        ("a", "timer:case_due:+ a+", True),
    ],
)
def test_answers_are_right_or_wrong(asked: str, answers: str, is_right: bool) -> None:
    given = [Answer(answer[:-1], answer.endswith("+")) for answer in answers.split()]
    assert (not [*wrong_answers(asked.split(), given)]) == is_right
