"""Calendar: Werktage, Arbeitstage and public holidays of one Land, by the package ``holidays``, with its gaps named.

The holiday law of the place where the act is to be done decides (§ 193 BGB): the municipality's Land.
24 and 31 December are no public holidays, whatever an office's opening hours say.
"""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache

from holidays.countries.germany import Germany

from schemas.errors import Problem, Reason, Rejected
from schemas.land import LAENDER

FIRST_YEAR, LAST_YEAR = 1991, 2100
"""The years that ``holidays`` knows for Germany."""

LAND_NAMES = {
    "BB": "Brandenburg",
    "BE": "Berlin",
    "BW": "Baden-Württemberg",
    "BY": "Bayern",
    "HB": "Bremen",
    "HE": "Hessen",
    "HH": "Hamburg",
    "MV": "Mecklenburg-Vorpommern",
    "NI": "Niedersachsen",
    "NW": "Nordrhein-Westfalen",
    "RP": "Rheinland-Pfalz",
    "SH": "Schleswig-Holstein",
    "SL": "Saarland",
    "SN": "Sachsen",
    "ST": "Sachsen-Anhalt",
    "TH": "Thüringen",
}
_AUGSBURG = "09761"
_KEY_LENGTHS = {2, 3, 5, 8, 9, 12}
_SATURDAY, _SUNDAY = 5, 6
_DAY = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Holiday:
    """A public holiday's German and English name."""

    de: str
    en: str


@dataclass(frozen=True, slots=True)
class Gap:
    """A holiday that holds in a part of the Land only; the package cannot know whether in this municipality."""

    land: str
    name: str
    where: str
    where_en: str
    subdivision: str
    category: str


GAPS = (
    Gap(
        "BY",
        "Mariä Himmelfahrt",
        "Gemeinden mit überwiegend katholischer Bevölkerung (Art. 1 Abs. 1 Nr. 2 BayFTG)",
        "municipalities with a mostly Catholic population",
        "BY",
        "catholic",
    ),
    Gap(
        "BY",
        "Augsburger Hohes Friedensfest",
        "der Stadt Augsburg (Art. 1 Abs. 2 BayFTG)",
        "the city of Augsburg",
        "Augsburg",
        "public",
    ),
    Gap(
        "SN",
        "Fronleichnam",
        "einzelnen katholischen Gemeinden des sorbischen Siedlungsgebiets",
        "some Catholic municipalities of the Sorbian area",
        "SN",
        "catholic",
    ),
    Gap(
        "TH",
        "Fronleichnam",
        "Gemeinden mit überwiegend katholischer Bevölkerung, vor allem im Eichsfeld",
        "municipalities with a mostly Catholic population, above all in the Eichsfeld",
        "TH",
        "catholic",
    ),
)
"""What ``holidays`` 0.109 leaves open within a Land. Holidays enacted after its release are not in it either."""


class Calendar:
    """The days of one Land; ``local`` names the regional holidays that hold here, None means that nobody has said."""

    def __init__(self, land: str, local: tuple[str, ...] | None = None) -> None:
        self.land = land
        self._local = local
        self._holidays: dict[int, Mapping[dt.date, Holiday]] = {}
        self._unsure: dict[int, Mapping[dt.date, Gap]] = {}

    def holiday(self, day: dt.date) -> Holiday | None:
        """The public holiday on this day. Raises Rejected outside the years that the package knows."""
        year = self._holidays.get(day.year)
        return (self._load(day.year) if year is None else year).get(day)

    def is_werktag(self, day: dt.date) -> bool:
        """Monday to Saturday and no public holiday (as in § 3 Abs. 2 BUrlG)."""
        return day.weekday() != _SUNDAY and self.holiday(day) is None

    def is_arbeitstag(self, day: dt.date) -> bool:
        """Monday to Friday and no public holiday: a day on which a period can end (§ 31 Abs. 3 VwVfG)."""
        return day.weekday() < _SATURDAY and self.holiday(day) is None

    def unsure(self, day: dt.date) -> Gap | None:
        """The regional holiday that the day may be here, where the municipality has not said."""
        if self._local is not None:
            return None
        if day.year not in self._unsure:
            self._unsure[day.year] = {date: gap for gap in self._gaps() for date in _dates(gap, day.year)}
        return self._unsure[day.year].get(day)

    def arbeitstag_from(self, day: dt.date, step: dt.timedelta = _DAY) -> dt.date:
        """The day itself if it is an Arbeitstag, otherwise the next one in the direction of ``step``."""
        while not self.is_arbeitstag(day):
            day += step
        return day

    def _gaps(self) -> Iterable[Gap]:
        return (gap for gap in GAPS if gap.land == self.land)

    def _load(self, year: int) -> Mapping[dt.date, Holiday]:
        if not FIRST_YEAR <= year <= LAST_YEAR:
            raise _unknown_year(year)
        german = Germany(subdiv=self.land, years=year, language="de", expand=False)
        english = Germany(subdiv=self.land, years=year, language="en_US", expand=False)
        known = {day: Holiday(name, english[day]) for day, name in german.items()}
        for gap in self._gaps():
            if gap.name in (self._local or ()):
                known |= {day: Holiday(gap.name, gap.name) for day in _dates(gap, year)}
        self._holidays[year] = known
        return known


def _dates(gap: Gap, year: int) -> list[dt.date]:
    days = Germany(subdiv=gap.subdivision, categories=(gap.category,), years=year, language="de", expand=False)
    return [day for day, name in days.items() if name == gap.name]


def _unknown_year(year: int) -> Rejected:
    return Rejected(
        Reason.INVALID,
        Problem(
            "year",
            f"Feiertage sind nur für {FIRST_YEAR} bis {LAST_YEAR} bekannt, nicht für {year}.",
            f"public holidays are known from {FIRST_YEAR} to {LAST_YEAR}, not for {year}",
        ),
    )


@cache
def calendar_of(code: str, local: tuple[str, ...] | None = None) -> Calendar:
    """The calendar of a Land (NW, DE-NW) or of a municipality by its ARS or AGS. Raises Rejected for anything else."""
    land = LAENDER.get(code[:2]) if code.isdecimal() else code.upper().removeprefix("DE-")
    if land not in LAND_NAMES or (code.isdecimal() and len(code) not in _KEY_LENGTHS):
        raise Rejected(
            Reason.INVALID,
            Problem(
                "land",
                f"„{code}“ ist kein Land und kein Regionalschlüssel; zum Beispiel: NW oder 053580008008.",
                f"“{code}” is neither a Land nor a regional key; for example: NW or 053580008008",
            ),
        )
    if local is None and code.startswith(_AUGSBURG):
        local = tuple(gap.name for gap in GAPS if gap.land == "BY")
    return Calendar(land, local)
