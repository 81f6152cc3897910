"""Move: what free days do to an end."""

import datetime as dt
from dataclasses import dataclass
from typing import Literal

from services.router.calendar import LAND_NAMES, Gap, Holiday
from services.router.deadlines.phrases import cited, day, grund, reason, tag


@dataclass(frozen=True, slots=True)
class Moved:
    """The end moved over free days: a holiday by its name, None for a weekend's day."""

    date: dt.date
    law: str
    over: tuple[tuple[dt.date, Holiday | None], ...]
    land: str
    backwards: bool = False

    @property
    def de(self) -> str:
        """The sentence in German."""
        over = ", ".join(grund(date, holiday, self.land) for date, holiday in self.over)
        to = "vorhergehenden" if self.backwards else "nächstfolgenden"
        return f"Kein Fristende am {over}. Ende am {to} Werktag, {tag(self.date)}{cited(self.law)}."

    @property
    def en(self) -> str:
        """The sentence in English."""
        over = ", ".join(reason(date, holiday, self.land) for date, holiday in self.over)
        to = "preceding" if self.backwards else "next"
        return f"No end on {over}. Ends on the {to} working day, {day(self.date)}{cited(self.law)}."


@dataclass(frozen=True, slots=True)
class Stood:
    """The end stays where it is; ``free`` says which free day that is, if it is one."""

    date: dt.date
    law: str
    free: Holiday | Literal["weekend"] | None
    land: str

    @property
    def de(self) -> str:
        """The sentence in German."""
        if self.free is None:
            return f"Der {tag(self.date)} steht fest{cited(self.law)}."
        why = "Wochenende" if self.free == "weekend" else f"{self.free.de}, Feiertag in {LAND_NAMES[self.land]}"
        return f"Der {tag(self.date)} ({why}) bleibt maßgebend und verschiebt sich nicht{cited(self.law)}."

    @property
    def en(self) -> str:
        """The sentence in English."""
        if self.free is None:
            return f"{day(self.date)} is fixed{cited(self.law)}."
        why = "weekend" if self.free == "weekend" else f"{self.free.en}, public holiday in {LAND_NAMES[self.land]}"
        return f"{day(self.date)} ({why}) stands and does not move{cited(self.law)}."


@dataclass(frozen=True, slots=True)
class Unsure:
    """A day of the calculation may be a holiday in this very municipality; it was not taken for one."""

    date: dt.date
    day: dt.date
    gap: Gap
    law: str = "Feiertagsrecht des Landes"

    @property
    def de(self) -> str:
        """The sentence in German."""
        return (
            f"Hinweis: {self.gap.name}, {tag(self.day)}, ist nur in {self.gap.where} Feiertag und hier nicht"
            f" berücksichtigt; gilt er in dieser Gemeinde, kann die Frist anders enden{cited(self.law)}."
        )

    @property
    def en(self) -> str:
        """The sentence in English."""
        return (
            f"Note: {self.gap.name}, {day(self.day)}, is a holiday only in {self.gap.where_en} and was not taken for"
            f" one here; where it holds, the end may differ{cited(self.law)}."
        )
