"""Feasts: the public holidays as the statutes name them, and Easter by its own arithmetic; checks the calendar."""

import datetime as dt

BY_LAND = {
    (1, 6): {"BW", "BY", "ST"},
    (11, 1): {"BW", "BY", "NW", "RP", "SL"},
    (8, 15): {"SL"},
}
EVERYWHERE = {(1, 1), (5, 1), (10, 3), (12, 25), (12, 26)}
MOVABLE = {-2: None, 1: None, 39: None, 50: None, 60: {"BW", "BY", "HE", "NW", "RP", "SL"}}
SINCE = {
    (3, 8): {"BE": 2019, "MV": 2023},
    (9, 20): {"TH": 2019},
    (10, 31): {
        **dict.fromkeys(("BB", "MV", "SN", "ST", "TH"), 1992),
        **dict.fromkeys(("HB", "HH", "NI", "SH"), 2018),
    },
}
ONCE = {dt.date(2020, 5, 8): "BE", dt.date(2025, 5, 8): "BE", dt.date(2028, 6, 17): "BE"}


def easter(year: int) -> dt.date:
    """Easter Sunday by the rule of Meeus, Jones and Butcher."""
    a, b, c = year % 19, year // 100, year % 100
    d, e, f = b // 4, b % 4, (b + 8) // 25
    g = (b - f + 1) // 3
    h = (19 * a + b - d - g + 15) % 30
    i, k = c // 4, c % 4
    el = (32 + 2 * e + 2 * i - h - k) % 7
    m = (a + 11 * h + 22 * el) // 451
    month, day = divmod(h + el - 7 * m + 114, 31)
    return dt.date(year, month, day + 1)


def is_feast(day: dt.date, land: str) -> bool:
    """Whether the day is a public holiday in the whole Land, Sundays that are holidays by law left aside."""
    key = (day.month, day.day)
    if key in EVERYWHERE or land in BY_LAND.get(key, ()) or ONCE.get(day) == land:
        return True
    if key in SINCE and day.year >= SINCE[key].get(land, 9999):
        return True
    if day == dt.date(2017, 10, 31):
        return True
    after_easter = (day - easter(day.year)).days
    if after_easter in MOVABLE:
        lands = MOVABLE[after_easter]
        return lands is None or land in lands
    return land == "SN" and 16 <= day.day <= 22 and day.month == 11 and day.weekday() == 2


def is_free(day: dt.date, land: str) -> bool:
    """Whether no period can end on the day."""
    return day.weekday() >= 5 or is_feast(day, land)
