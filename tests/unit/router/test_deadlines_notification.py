import datetime as dt

import pytest

from services.router.calendar import calendar_of
from services.router.deadlines import Course, Way, compute, from_us, notified
from services.router.deadlines.statutes import OBJECTION

# Way, day of posting, sending, providing or retrieving, Land, day of notification, source.
FICTIONS = [
    (Way.POST, "2026-03-02", "NW", "2026-03-06", "§ 41 Abs. 2 Satz 1 VwVfG: the fourth day, a Friday"),
    (Way.POST, "2026-03-04", "NW", "2026-03-08", "a Sunday stands: VGH München, NJW 1991, 1250"),
    (Way.POST, "2026-12-21", "NW", "2026-12-25", "a holiday stands too"),
    (Way.ELECTRONIC, "2024-12-31", "NW", "2025-01-03", "three days until the end of 2024: PostModG"),
    (Way.ELECTRONIC, "2025-01-01", "NW", "2025-01-05", "four days from 2025 on, a Sunday"),
    (Way.RETRIEVED, "2026-03-06", "NW", "2026-03-07", "§ 41 Abs. 2a Satz 3 VwVfG: the day after retrieval"),
    (Way.RETRIEVED, "2024-03-06", "NW", "2024-03-07", "which was so before 2025"),
    (Way.ACCOUNT, "2026-04-01", "NW", "2026-04-05", "§ 9 Abs. 1 Satz 4 OZG: the fourth day, Easter Sunday"),
    (Way.PUBLIC, "2026-03-04", "NW", "2026-03-18", "§ 41 Abs. 4 Satz 3 VwVfG: two weeks"),
    (Way.ABROAD, "2026-01-31", "NW", "2026-02-28", "§ 71b Abs. 6 VwVfG: one month, a Saturday stands"),
    (Way.SOCIAL, "2026-03-04", "NW", "2026-03-08", "§ 37 Abs. 2 Satz 1 SGB X"),
    (Way.TAX_POST, "2026-03-04", "NW", "2026-03-09", "§ 122 Abs. 2 Nr. 1 with § 108 Abs. 3 AO: Sunday moves"),
    (Way.TAX_POST, "1997-12-18", "SH", "1997-12-22", "BFH, 14.10.2003, IX R 68/98, the case itself"),
    (Way.TAX_ELECTRONIC, "2026-04-01", "NW", "2026-04-07", "§ 122 Abs. 2a AO: over Easter"),
    (Way.TAX_RETRIEVAL, "2026-05-31", "NW", "2026-06-05", "§ 122a Abs. 4 AO: 4 June is Fronleichnam in NW"),
    (Way.TAX_RETRIEVAL, "2026-05-31", "SH", "2026-06-04", "and a Thursday in SH"),
]


@pytest.mark.parametrize(("way", "sent", "land", "day", "source"), FICTIONS)
def test_a_decision_is_deemed_notified_on_the_day_that_the_law_names(
    way: Way, sent: str, land: str, day: str, source: str
) -> None:
    computed = notified(way, dt.date.fromisoformat(sent), calendar_of(land))
    assert computed.date.isoformat() == day, source
    assert computed.steps[-1].date == computed.date
    assert from_us(computed.at_us).isoformat().startswith(f"{day}T00:00:00")


def test_every_way_is_tried() -> None:
    assert {way for way, *_ in FICTIONS} == set(Way)


def test_the_objection_runs_from_the_day_of_notification() -> None:
    deemed = notified(Way.POST, dt.date(2026, 3, 4), calendar_of("NW"))
    assert compute(OBJECTION, Course(deemed.date), calendar_of("NW")).date == dt.date(2026, 4, 8)


def test_the_month_after_a_tax_decision_of_the_federal_court_ends_when_the_court_says() -> None:
    deemed = notified(Way.TAX_POST, dt.date(1997, 12, 18), calendar_of("SH"))
    assert compute(OBJECTION, Course(deemed.date), calendar_of("SH")).date == dt.date(1998, 1, 22)


def test_the_note_cites_the_law_and_the_move() -> None:
    note = " ".join(step.de for step in notified(Way.TAX_POST, dt.date(2026, 3, 4), calendar_of("NW")).steps)
    assert "§ 122 Abs. 2 Nr. 1 AO" in note
    assert "§ 108 Abs. 3 AO" in note
    assert note.endswith("Bekannt gegeben: Montag, 09.03.2026.")
