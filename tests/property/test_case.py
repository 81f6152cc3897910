"""Random sequences of requests and clock moves: what must hold after every step of every history."""

from collections import Counter
from collections.abc import Iterator
from functools import reduce
from itertools import groupby
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.kochbuch import Kochbuch
from schemas.municipality import Department
from schemas.recipe import Recipe
from schemas.submission import SINGLE_CONTACT
from services.router.case import Case, open_stations, station_of
from services.router.core import decide
from services.router.draft import Draft
from services.router.event import AUDIENCE, Event
from services.router.evolve import evolve, replay
from services.router.facts import DETAILS, NEXT_STEP
from services.router.request import Context, Request
from services.router.store import key_of, text_of
from services.router.transitions import FOLLOWING, TRANSITIONS
from tests.support.casework import Office
from tests.support.history import REPEAT, STALE, Past, step
from tests.support.procedure import DRY, ONE, RECIPE, THREE, TWO, WET, building_office, procedure_book

_CONTENT = ("question", "answer")
_STEPS = 60
_PERIOD = "within: 3 months, basis: § 71 BauO, extension: 1 month,"
_WATER = "      - station: water\n"
_LEAD = RECIPE[RECIPE.index("      - station: assess") : RECIPE.index("      - station: fire")]
_EXPIRY = "on_expiry: escalate}\n    route"
_COMPLETE = RECIPE.replace("within: 3 months,", "within: 3 months, starts: completeness, check_within: 2 weeks,")
_RUNS_ON = RECIPE.replace("basis: § 71 BauO,", "basis: § 71 BauO, suspends: false,")
VARIANTS = {
    "as it is": RECIPE,
    "one person decides": RECIPE.replace("four_eyes: true", "four_eyes: false"),
    "deemed": RECIPE.replace(_EXPIRY, "on_expiry: consent}\n    route").replace("four_eyes: true", "four_eyes: false"),
    "ends by itself": RECIPE.replace(_EXPIRY, "on_expiry: close}\n    route"),
    "begins anew": RECIPE.replace("basis: § 71 BauO,", "basis: § 71 BauO, resume: restart,"),
    "complete papers": _COMPLETE,
    "complete papers, deemed": _COMPLETE.replace(_EXPIRY, "on_expiry: consent}\n    route"),
    "stations wait": RECIPE.replace("basis: § 36 BauGB,", "basis: § 36 BauGB, waits_for_papers: true,"),
    "runs on": _RUNS_ON,
    "runs on, deemed": _RUNS_ON.replace(_EXPIRY, "on_expiry: consent}\n    route"),
    "runs on, ends by itself": _RUNS_ON.replace(_EXPIRY, "on_expiry: close}\n    route"),
    "hours": RECIPE.replace(_PERIOD, "within: 900 hours, basis: § 71 BauO, extension: 100 hours,"),
    "counted back": RECIPE.replace(_PERIOD, "before: {field: starts_on, length: 1 week}, basis: Satzung,"),
    "a date": RECIPE.replace(_PERIOD, "fixed: 2026-06-30, basis: § 31 Abs. 5 VwVfG,"),
    "the lead waits": RECIPE.replace(_LEAD, "").replace(_WATER, f"{_LEAD}        after: fire\n{_WATER}"),
}
STARTS = (None, "0001-01-01", "2026-03-01", "2026-04-30", "2027-02-28", "9999-12-31")

_NOT_IN_EVERY_VARIANT = {
    "DecisionProposed", "DecisionSentBack", "DeadlineMissed", "DeadlineEscalated", "DeadlineExtended"
}  # fmt: skip


@pytest.fixture(scope="module", params=VARIANTS)
def book(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Kochbuch:
    return procedure_book(Path(tmp_path_factory.mktemp("variant")), VARIANTS[request.param])


@pytest.fixture(scope="module", autouse=True)
def _forgetful() -> Iterator[None]:
    """What a case no longer remembers shows sooner where it remembers little."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("services.router.evolve.REMEMBERED", 2)
        yield


@settings(max_examples=12, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_whatever_happens_the_case_stays_sound(book: Kochbuch, seed: int) -> None:
    live(book, seed)


def test_the_histories_reach_every_event(book: Kochbuch) -> None:
    seen: Counter[str] = Counter()
    for seed in range(200):
        seen.update(kind for kind, _ in live(book, seed, check=False).events)
        if AUDIENCE.keys() - seen.keys() <= _NOT_IN_EVERY_VARIANT:
            return
    assert AUDIENCE.keys() - seen.keys() <= _NOT_IN_EVERY_VARIANT, seen


def live(book: Kochbuch, seed: int, *, check: bool = True) -> Office:
    """One case from its submission through sixty steps."""
    random, desk = Random(seed), building_office(book)
    form = {**random.choice((DRY, WET)), "starts_on": random.choice(STARTS)}
    case_id = desk.submit(form, channel=random.choice(("portal", SINGLE_CONTACT)))
    read, past = 0, Past()
    for _ in range(_STEPS):
        desk.wait(0)
        before = newest(desk, case_id)
        kind, followed = step(random, desk, case_id, before, past)
        if not check:
            continue
        assert kind not in {REPEAT, STALE} or set(followed) <= {"CommandRefused"}, (kind, followed)
        check_table(kind, before, followed)
        check_case(desk, case_id, newest(desk, case_id))
        check_alive(desk, newest(desk, case_id))
        check_letters(desk, read)
        read = len(desk.letters)
        if random.random() < 0.1:
            desk.router.forget(0)
            desk.router.restore(0, desk.log)
    check_log(desk, case_id)
    assert not desk.dead
    return desk


def newest(desk: Office, case_id: str) -> Case | None:
    """The last state that the router wrote."""
    value = next(record.value for record in reversed(desk.log) if record.key == case_id.encode())
    return desk.router._cases.decode(case_id, value) if value else None


def check_table(kind: str, before: Case | None, followed: list[str]) -> None:
    """A request does what the table says for the state of the case, or is refused."""
    if kind not in TRANSITIONS or not followed or followed == ["CommandRefused"]:
        return
    assert before is not None
    expected = TRANSITIONS[kind][before["status"]]
    assert followed[0] in expected, (kind, before["status"])
    allowed = iter((*FOLLOWING.get(followed[0], ()), "CitizenStatusChanged"))
    assert all(event in allowed for event in followed[1:]), followed


def check_case(desk: Office, case_id: str, case: Case | None) -> None:
    """One lead, nothing open that should not be, no timer without a duty; and a replay gives the same."""
    replayed = replay(Event(*pair) for pair in desk.of(case_id))
    assert without_content(replayed) == without_content(case)
    assert desk.router.open_cases() == (case is not None and case["status"] != "closed")
    if case is None:
        return
    still_open = list(open_stations(case))
    if case["status"] in {"open", "waiting"}:
        leads = [s["station"] for s in still_open if s["task"] == "decide"]
        assert leads == [case["lead"]] or (not leads and station_of(case, case["lead"]) is None)
    else:
        assert not still_open
    check_watched(desk, case)
    runs = case["status"] in {"open", "waiting"} and case["suspended_at"] is None
    duties = {
        "case_reminder": runs,
        "case_due": runs,
        "papers_due": case["status"] == "waiting",
        "papers_check": case["status"] == "open" and not case["papers_complete"],
        "objection_end": case["status"] == "decided",
        "retention_end": case["status"] == "closed",
    }
    for timer in case["timers"]:
        at_work = timer["station"] in {s["station"] for s in still_open}
        assert at_work if timer["station"] else duties[timer["kind"]], timer
    assert len({(timer["kind"], timer["station"]) for timer in case["timers"]}) == len(case["timers"])


def check_alive(desk: Office, case: Case | None) -> None:
    """Whatever is open, somebody can do it; whatever has ended, somebody can take up again."""
    if case is None:
        return
    lead = Draft(case, context_of(desk, case).plan, desk.now, cause="", actor="", read=lambda _: {}).lead_department
    if case["status"] in {"decided", "closed"}:
        assert possible(desk, case, "Reopen", department=lead)
    for station in open_stations(case):
        todo = "Decide" if station["task"] == "decide" else "GiveOpinion"
        at = {"station": station["station"], "department": station["department"]}
        assert possible(desk, case, todo, **at, opinion="consents", outcome="granted"), station
    if case["status"] == "waiting":
        assert possible(desk, case, "SupplyDocuments", department=lead, papers=["Plan"])
    if case["proposal"]:
        assert possible(desk, case, "CountersignDecision", department=lead, agrees=True)


def possible(desk: Office, case: Case, kind: str, **fields: Any) -> bool:  # noqa: ANN401 - any command's fields
    """Whether there is a member of staff who could do this now."""
    context = context_of(desk, case)
    given = {**fields, "expected_version": case["version"]}
    asked = (Request(kind, desk.command(kind, case["case_id"], **given, actor=actor)) for actor in (ONE, TWO, THREE))
    return any(decide(case, each, desk.now, context).events[0].kind != "CommandRefused" for each in asked)


def check_watched(desk: Office, case: Case) -> None:
    """Every open duty that has an end has its timer, until it was told that the end has passed."""
    watched = {(timer["kind"], timer["station"]) for timer in case["timers"]}
    told = {body["station"] for kind, body in desk.of(case["case_id"]) if kind == "DeadlineMissed"}

    def is_watched(kind: str, station: str, due_at: int | None) -> bool:
        return due_at is None or (kind, station) in watched or (station in told and due_at <= desk.now)

    assert all(is_watched("station_due", s["station"], s["due_at"]) for s in open_stations(case))
    if case["status"] in {"open", "waiting"} and case["suspended_at"] is None:
        assert is_watched("case_due", "", case["due_at"])
    recipe = desk.book.versions[case["recipe"], case["recipe_version"]]
    if recipe.deadline and recipe.deadline.check_within and case["status"] == "open":
        assert case["papers_complete"] == (("papers_check", "") not in watched)


def check_told_once(desk: Office, case_id: str) -> None:
    """The same end is not missed twice, unless the case was taken up again meanwhile."""
    missed: set[tuple[str, int]] = set()
    for kind, body in desk.of(case_id):
        if kind == "CaseReopened":
            missed.clear()
        elif kind == "DeadlineMissed":
            assert (body["station"], body["due_at"]) not in missed
            missed.add((body["station"], body["due_at"]))


def context_of(desk: Office, case: Case) -> Context:
    """What the router decides the case by."""
    context = desk.router._context(case)
    assert context is not None
    return context


def check_letters(desk: Office, read: int) -> None:
    """No department has received a field outside what the recipe shows to it at this station.

    One that does not fill the station's role sees what it sees elsewhere, or what anybody does on request. A copy goes
    to nobody but a deputy.
    """
    recipe, town = desk.book.recipes["permit"], desk.book.municipalities["town"]
    named = {(body["who"], body["deputy"]) for kind, body in desk.events if kind == "SubstituteNamed"}
    for letter in desk.letters[read:]:
        department, receiver = letter.body["department"], letter.topic.rpartition(".")[2]
        assert receiver == department or (department, receiver) in named, letter
        if letter.kind == "StationOpened":
            assert leaves(letter.body["form"]) <= shown_to(recipe, letter.body["station"], town.departments[department])


def check_log(desk: Office, case_id: str) -> None:
    """Ids are unique, versions have no gaps, the citizen is told within the limits."""
    check_told_once(desk, case_id)
    told = [(kind, body) for kind, body in desk.of(case_id) if kind != "CommandRefused"]
    assert len({body["event_id"] for _, body in told}) == len(told)
    versions = [body["version"] for _, body in told]
    assert versions == sorted(versions)
    assert set(versions) == set(range(1, versions[-1] + 1))
    case: Case | None = None
    for version, group in groupby(told, key=lambda pair: pair[1]["version"]):
        events = [Event(*pair) for pair in group]
        if events[0].body["cause"].startswith("timer:"):
            assert case is not None
            check_table("TimerFired", case, [event.kind for event in events])
        case = reduce(evolve, events, case)
        assert case is None or case["version"] == version
    for kind, body in told:
        if kind == "CitizenStatusChanged":
            assert len(body["details"]) <= DETAILS
            assert len(body["next_step"]) <= NEXT_STEP


def without_content(case: Case | None) -> Any:  # noqa: ANN401 - compared only
    """The state without what people wrote."""
    if case is None:
        return None
    stations = [{k: v for k, v in station.items() if k not in _CONTENT} for station in case["stations"]]
    return {**case, "stations": stations, "submission": b""}


def shown_to(recipe: Recipe, name: str, department: Department) -> set[str]:
    """All that the recipe shows to this department at this station."""
    own = recipe.station.get(name)
    if own is not None and own.role in department.roles:
        return set(own.sees)
    elsewhere = {path for s in recipe.route if s.role in department.roles for path in s.sees}
    return elsewhere | set(recipe.on_request.sees)


def leaves(form: dict[str, Any]) -> set[str]:
    """The paths in a form as this recipe's ``sees`` name them."""
    return {
        "applicant.family_name" if name == "applicant" and value and value.keys() == {"family_name"} else name
        for name, value in form.items()
    }


@given(st.uuids())
def test_a_case_id_is_sixteen_bytes(case_id: Any) -> None:  # noqa: ANN401 - a UUID
    assert key_of(str(case_id)) == case_id.bytes
    assert text_of(case_id.bytes) == str(case_id)
