import datetime as dt
from typing import get_args

import pytest

from schemas.errors import Rejected
from schemas.municipality import LocalHoliday
from services.router.calendar import FIRST_YEAR, GAPS, LAND_NAMES, LAST_YEAR, calendar_of
from tests.support.feasts import easter, is_feast

YEARS = range(2010, 2060)


def days(year: int) -> list[dt.date]:
    first = dt.date(year, 1, 1)
    return [first + dt.timedelta(days=n) for n in range((dt.date(year + 1, 1, 1) - first).days)]


@pytest.mark.parametrize("land", LAND_NAMES)
def test_every_day_of_fifty_years_is_free_exactly_where_the_statutes_say_so(land: str) -> None:
    calendar = calendar_of(land)
    weekdays = [day for year in YEARS for day in days(year) if day.weekday() != 6]
    assert [d for d in weekdays if calendar.holiday(d)] == [d for d in weekdays if is_feast(d, land)]


def test_easter_falls_where_the_almanac_says() -> None:
    assert [easter(year).isoformat() for year in (2025, 2026, 2027, 2028)] == [
        "2025-04-20",
        "2026-04-05",
        "2027-03-28",
        "2028-04-16",
    ]


def test_a_werktag_may_be_a_saturday_an_arbeitstag_not() -> None:
    calendar, saturday = calendar_of("NW"), dt.date(2026, 3, 7)
    assert calendar.is_werktag(saturday)
    assert not calendar.is_arbeitstag(saturday)
    assert not calendar.is_werktag(saturday + dt.timedelta(days=1))
    assert not calendar.is_werktag(dt.date(2026, 6, 4))


@pytest.mark.parametrize(
    ("code", "land"),
    [
        ("NW", "NW"),
        ("nw", "NW"),
        ("DE-NW", "NW"),
        ("053580008008", "NW"),
        ("05358008", "NW"),
        ("05", "NW"),
        ("010600063063", "SH"),
        ("150020000000", "ST"),
        ("083175010096", "BW"),
    ],
)
def test_the_land_follows_from_a_code_or_a_regional_key(code: str, land: str) -> None:
    assert calendar_of(code).land == land


@pytest.mark.parametrize("code", ["", "XX", "17", "00", "1", "0535", "99999999", "Düren", "DE-"])
def test_what_is_no_land_is_refused_with_an_example(code: str) -> None:
    with pytest.raises(Rejected, match="053580008008"):
        calendar_of(code)


def test_a_holiday_has_its_name_in_both_languages_whatever_the_locale(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANG", "en_US.UTF-8")
    holiday = calendar_of("NW").holiday(dt.date(2026, 6, 4))
    assert holiday is not None
    assert (holiday.de, holiday.en) == ("Fronleichnam", "Corpus Christi")


@pytest.mark.parametrize("year", [FIRST_YEAR - 1, LAST_YEAR + 1])
def test_years_without_known_holidays_are_refused(year: int) -> None:
    with pytest.raises(Rejected, match=str(year)):
        calendar_of("NW").holiday(dt.date(year, 6, 1))


@pytest.mark.parametrize(
    ("land", "day", "name"),
    [
        ("BY", dt.date(2025, 8, 15), "Mariä Himmelfahrt"),
        ("BY", dt.date(2025, 8, 8), "Augsburger Hohes Friedensfest"),
        ("SN", dt.date(2026, 6, 4), "Fronleichnam"),
        ("TH", dt.date(2026, 6, 4), "Fronleichnam"),
    ],
)
def test_a_regional_holiday_is_a_doubt_until_the_municipality_has_said(land: str, day: dt.date, name: str) -> None:
    unknown, here, elsewhere = (calendar_of(land, local) for local in (None, (name,), ()))
    gap = unknown.unsure(day)
    assert gap is not None
    assert gap.name == name
    assert unknown.is_arbeitstag(day)
    assert here.unsure(day) is None
    assert not here.is_arbeitstag(day)
    assert elsewhere.unsure(day) is None
    assert elsewhere.is_arbeitstag(day)


def test_the_city_of_augsburg_is_known_by_its_key() -> None:
    augsburg = calendar_of("097610000000")
    assert not augsburg.is_arbeitstag(dt.date(2025, 8, 8))
    assert not augsburg.is_arbeitstag(dt.date(2025, 8, 15))
    assert calendar_of("097720000000").is_arbeitstag(dt.date(2025, 8, 8)), "the Landkreis is another"


def test_every_gap_that_is_named_is_one_that_the_package_can_date() -> None:
    for gap in GAPS:
        calendar = calendar_of(gap.land)
        assert any((found := calendar.unsure(day)) and found.name == gap.name for day in days(2026))


def test_a_municipality_can_name_each_gap_in_its_file() -> None:
    assert {gap.name for gap in GAPS} == set(get_args(LocalHoliday))


def test_lands_without_gaps_have_no_doubts() -> None:
    lands = set(LAND_NAMES) - {gap.land for gap in GAPS}
    assert not any(calendar_of(land).unsure(day) for land in lands for day in days(2026))
