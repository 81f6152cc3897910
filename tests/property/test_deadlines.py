import datetime as dt

from hypothesis import given
from hypothesis import strategies as st

from schemas.deadline import Before, Deadline
from schemas.errors import Rejected
from schemas.length import Length, Unit
from services.router.calendar import LAND_NAMES, calendar_of
from services.router.deadlines import (
    BERLIN,
    Computed,
    Course,
    Question,
    Suspension,
    as_data,
    compute,
    day_of,
    explain,
    from_us,
    reminder,
    steps,
)
from services.router.deadlines.hours import hours
from tests.support.feasts import is_free
from tests.support.walk import DAY, settle, walk

LANDS = st.sampled_from(sorted(LAND_NAMES))
STARTS = st.dates(dt.date(2019, 1, 1), dt.date(2040, 12, 31))
FREE_RUNNING = (Unit.DAYS, Unit.WEEKS, Unit.MONTHS, Unit.YEARS)
COUNTERS = (Unit.WERKTAGE, Unit.ARBEITSTAGE)
COUNTINGS = st.sampled_from(("after-event", "from-day"))
MOST = {Unit.YEARS: 3, Unit.MONTHS: 30, Unit.WEEKS: 60}


@st.composite
def lengths(draw: st.DrawFn, units: tuple[Unit, ...] = (*FREE_RUNNING, *COUNTERS)) -> Length:
    unit = draw(st.sampled_from(units))
    return Length(draw(st.integers(1, MOST.get(unit, 90))), unit)


@st.composite
def suspensions(draw: st.DrawFn, start: dt.date) -> tuple[Suspension, ...]:
    pairs = draw(st.lists(st.tuples(st.integers(-10, 120), st.integers(0, 30)), max_size=4))
    return tuple(Suspension(start + n * DAY, start + (n + days) * DAY) for n, days in pairs)


def plain(length: Length, start: dt.date, land: str, **more: str | bool) -> Computed:
    return compute(Deadline(within=length, **more), Course(start), calendar_of(land))


@given(LANDS, STARTS, lengths(), COUNTINGS)
def test_the_end_is_where_a_finger_on_the_wall_calendar_arrives(
    land: str, start: dt.date, length: Length, counting: str
) -> None:
    end = walk(start, length, land, after_event=counting == "after-event")
    assert plain(length, start, land, counting=counting).date == settle(end, land)
    assert plain(length, start, land, counting=counting, moves=False).date == end


@given(LANDS, STARTS, lengths(), lengths(), COUNTINGS, st.data())
def test_suspended_and_extended_periods_end_where_the_walk_does(
    land: str, start: dt.date, length: Length, more: Length, counting: str, data: st.DataObject
) -> None:
    halts = data.draw(suspensions(start))
    days = [(day_of(halt.since), day_of(halt.until)) for halt in halts]
    course = Course(start, halts, more)
    computed = compute(Deadline.model_validate({"within": length, "counting": counting}), course, calendar_of(land))
    end = walk(start, length, land, after_event=counting == "after-event", stops=days)
    end = walk(settle(end, land, days) + DAY, more, land, after_event=False, stops=days)
    assert computed.date == settle(end, land, days)


@given(LANDS, STARTS, lengths(FREE_RUNNING), st.data())
def test_a_suspension_adds_exactly_the_days_suspended(
    land: str, start: dt.date, length: Length, data: st.DataObject
) -> None:
    halts = data.draw(suspensions(start))
    without = plain(length, start, land, moves=False)
    course = Course(start, halts)
    computed = compute(Deadline(within=length, moves=False), course, calendar_of(land))
    suspended = {
        day
        for day in (start + n * DAY for n in range(1, (computed.date - start).days + 1))
        if any(day_of(halt.since) <= day <= day_of(halt.until) for halt in halts)
    }
    assert computed.date == without.date + len(suspended) * DAY
    assert sum(step.days for step in computed.steps if isinstance(step, steps.Suspended)) == len(suspended)


@given(LANDS, STARTS, lengths(), st.data())
def test_the_order_of_suspensions_does_not_matter(
    land: str, start: dt.date, length: Length, data: st.DataObject
) -> None:
    halts = data.draw(suspensions(start))
    shuffled = tuple(data.draw(st.permutations(halts)))
    one, other = (
        compute(Deadline(within=length), Course(start, order), calendar_of(land)) for order in (halts, shuffled)
    )
    assert one == other


@given(LANDS, STARTS, lengths(), st.data())
def test_a_restarted_period_is_a_period_from_the_last_suspended_day(
    land: str, start: dt.date, length: Length, data: st.DataObject
) -> None:
    halts = data.draw(suspensions(start))
    computed = compute(Deadline(within=length, resume="restart"), Course(start, halts), calendar_of(land))
    begun = [start, *(step.date for step in computed.steps if isinstance(step, steps.Restarted))]
    assert begun == sorted(set(begun))
    assert computed.date == plain(length, begun[-1], land).date
    assert all(day_of(halt.since) > computed.date or day_of(halt.until) <= begun[-1] for halt in halts)


@given(LANDS, STARTS, lengths(), COUNTINGS)
def test_no_period_ends_on_a_free_day(land: str, start: dt.date, length: Length, counting: str) -> None:
    assert not is_free(plain(length, start, land, counting=counting).date, land)


@given(LANDS, STARTS, st.integers(0, 40), lengths(), COUNTINGS)
def test_who_starts_later_ends_no_earlier(land: str, start: dt.date, later: int, length: Length, counting: str) -> None:
    one, other = (plain(length, day, land, counting=counting) for day in (start, start + later * DAY))
    assert one.date <= other.date
    assert one.at_us <= other.at_us


@given(LANDS, STARTS, lengths(), st.integers(1, 30))
def test_a_longer_period_ends_no_earlier(land: str, start: dt.date, length: Length, more: int) -> None:
    longer = Length(length.count + more, length.unit)
    assert plain(length, start, land).date <= plain(longer, start, land).date


@given(LANDS, STARTS, lengths((Unit.DAYS, Unit.WEEKS)))
def test_backwards_in_days_and_weeks_undoes_forwards(land: str, target: dt.date, length: Length) -> None:
    assert plain(length, _before(target, length, land, moves=False), land, moves=False).date == target


@given(LANDS, STARTS, lengths(COUNTERS))
def test_backwards_in_working_days_undoes_forwards_to_a_day_that_counts(
    land: str, target: dt.date, length: Length
) -> None:
    target = settle(target, land)
    assert plain(length, _before(target, length, land, moves=False), land, moves=False).date == target


@given(LANDS, STARTS, lengths(), st.booleans())
def test_a_backward_deadline_leaves_the_time_it_protects_and_ends_on_a_working_day(
    land: str, target: dt.date, length: Length, clear: bool
) -> None:
    end, unmoved = (_before(target, length, land, clear=clear, moves=moves) for moves in (True, False))
    assert end <= unmoved < target
    assert not is_free(end, land)
    assert all(is_free(end + n * DAY, land) for n in range(1, (unmoved - end).days + 1)), "no further back than needed"
    assert unmoved == _before(target, length, land, moves=False) - clear * DAY


def _before(target: dt.date, length: Length, land: str, *, clear: bool = False, moves: bool) -> dt.date:
    deadline = Deadline(before=Before(field="date", length=length, clear=clear), moves=moves)
    return compute(deadline, Course(target, target=target), calendar_of(land)).date


INSTANTS = st.integers(1_577_836_800_000_000, 2_208_988_800_000_000)
"""Microseconds of the years 2020 to 2039."""


@given(LANDS, INSTANTS, INSTANTS, lengths())
def test_within_a_day_in_berlin_the_instant_does_not_matter(land: str, us: int, other: int, length: Length) -> None:
    at = from_us(us)
    midnight = dt.datetime(at.year, at.month, at.day, tzinfo=BERLIN)
    afternoon = at.replace(hour=12 + other % 12)
    same = [compute(Deadline(within=length), Course(moment), calendar_of(land)) for moment in (at, midnight, afternoon)]
    in_utc = compute(Deadline(within=length), Course(at.astimezone(dt.UTC)), calendar_of(land))
    assert {computed.date for computed in (*same, in_utc)} == {plain(length, at.date(), land).date}


@given(LANDS, STARTS, lengths())
def test_the_last_day_runs_out_at_the_next_midnight_on_berlins_clocks(
    land: str, start: dt.date, length: Length
) -> None:
    for computed in (plain(length, start, land), plain(length, start, land, moves=False)):
        out = from_us(computed.at_us)
        assert (out.date(), out.time()) == (computed.date + DAY, dt.time(0, 0))
        assert from_us(computed.at_us - 1).date() == computed.date


@given(INSTANTS, st.integers(1, 200), st.lists(st.tuples(st.integers(-20, 300), st.integers(0, 50)), max_size=3))
def test_hours_pass_at_their_natural_length_and_stand_still_while_suspended(
    us: int, count: int, pauses: list[tuple[int, int]]
) -> None:
    hour = dt.timedelta(hours=1)
    start = from_us(us).astimezone(dt.UTC)
    halts = tuple(Suspension(start + since * hour, start + (since + lasts) * hour) for since, lasts in pauses)
    computed = hours(Deadline(within=Length(count, Unit.HOURS)), Length(count, Unit.HOURS), Course(start, halts))
    left, now = count, 0
    while left:
        left -= not any(since <= now < since + lasts for since, lasts in pauses)
        now += 1
    assert computed.at_us == us + now * 3_600_000_000


@given(LANDS, STARTS, lengths(), COUNTINGS, st.data())
def test_the_derivation_ends_with_the_result_and_can_be_said(
    land: str, start: dt.date, length: Length, counting: str, data: st.DataObject
) -> None:
    course = Course(start, data.draw(suspensions(start)), data.draw(st.none() | lengths()), data.draw(st.booleans()))
    resume = data.draw(st.sampled_from(("continue", "restart")))
    content = {"within": length, "counting": counting, "resume": resume}
    computed = compute(Deadline.model_validate(content), course, calendar_of(land))
    assert computed.steps[-1].date == computed.date
    said = as_data(computed)
    assert f"{computed.date:%d.%m.%Y}" in said["derivation"][-1]
    assert all(each.endswith(".") for each in (*said["derivation"], *said["derivation_en"]))


@given(LANDS, STARTS, lengths(), lengths())
def test_a_reminder_comes_before_the_end(land: str, start: dt.date, length: Length, ahead: Length) -> None:
    due = plain(length, start, land)
    morning = reminder(due, ahead, calendar_of(land))
    assert morning.at_us < due.at_us
    assert not is_free(morning.date, land)


TEXTS = st.one_of(
    st.none(),
    st.text(max_size=30),
    st.sampled_from(
        ["3 months", "48 hours", "3 Werktage", "2026-03-04", "2026-03-04T10:00", "9999-12-31", "0001-01-01"]
    ),
)
RANGES = st.lists(st.builds("{}..{}".format, TEXTS, TEXTS) | st.text(max_size=30), max_size=2).map(tuple)


@given(st.builds(Question, LANDS, TEXTS, TEXTS, TEXTS, TEXTS, suspended=RANGES, extended=TEXTS, restart=st.booleans()))
def test_whatever_is_asked_is_answered_or_refused_in_words(question: Question) -> None:
    try:
        said = [step.de for step in explain(question).steps]
    except Rejected as rejected:
        said = [problem.text for problem in rejected.problems]
    assert said
    assert all(said)
