"""Municipality: who does what in one town, so that one recipe serves every town of the network."""

import datetime as dt
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from schemas.actor import is_staff
from schemas.errors import Problem
from schemas.fields import Strict, Wording
from schemas.land import LAENDER
from schemas.recipe import Name, Recipe

Status = Literal["live", "preparation", "planned"]
LocalHoliday = Literal["Mariä Himmelfahrt", "Fronleichnam", "Augsburger Hohes Friedensfest"]
"""Public holidays that hold in parts of a Land only: of Bavaria, of Saxony and Thuringia, of Bavaria."""
TRIAGE = "triage"
"""The role that receives what was returned as 'not ours'; every municipality has it."""


def _as_list(value: object) -> object:
    return [value] if isinstance(value, str) else value


class Contact(Strict):
    """The public contact of a department, as citizens may see it; never a person's name."""

    phone: str = ""
    email: str = ""
    hours: Wording | None = None
    address: str = ""


class Department(Strict):
    """A department: its name, the roles it fills, whom citizens may call, and who stands in for it."""

    name: Wording
    roles: Annotated[tuple[Name, ...], BeforeValidator(_as_list)] = ()
    contact: Contact = Contact()
    deputy: Name | None = None


class Absence(Strict):
    """A department or a person is away, first and last day included; the deputy acts, and it stays visible."""

    who: str
    deputy: str
    since: str = Field(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$")
    until: str = Field(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$")


class Municipality(Strict):
    """One file of ``deploy/municipalities``."""

    municipality: Name
    code: str = Field(pattern=r"^[A-Z]{2,3}$", description="Head of the human reference")
    name: Wording
    ars: str = Field(pattern=r"^[0-9]{12}$", description="Amtlicher Regionalschlüssel, 12 digits")
    departments: dict[Name, Department] = Field(min_length=1)
    recipes: dict[Name, Status] = Field(default_factory=dict)
    absences: tuple[Absence, ...] = ()
    sources: dict[Name, dict[str, Any]] = Field(
        default_factory=dict, description="Pull connectors; each connector types its own"
    )
    local_holidays: tuple[LocalHoliday, ...] | None = Field(
        None,
        description="Holidays that hold here but not in the whole Land; () for none, left out where nobody has said",
    )
    waives: dict[Name, tuple[Name, ...]] = Field(
        default_factory=dict,
        description="By recipe the stations whose department has waived being informed (§ 3 Abs. 1 Satz 2 GewAnzV)",
    )
    note: Wording | None = None

    @property
    def land(self) -> str:
        """The Land's code from the ARS, e.g. NW."""
        return LAENDER[self.ars[:2]]

    @property
    def ags(self) -> str:
        """The eight-digit AGS that follows from the ARS."""
        return self.ars[:5] + self.ars[9:]

    def department_for(self, role: str) -> str | None:
        """The first department in the file's order that fills the role."""
        return next((name for name, department in self.departments.items() if role in department.roles), None)

    @property
    def offices(self) -> dict[str, Wording]:
        """For each role that is filled here, the name of the department that fills it."""
        filled = reversed([(role, office.name) for office in self.departments.values() for role in office.roles])
        return dict(filled)

    def topic(self, department: str) -> str:
        """The topic of one department."""
        return f"department.{self.municipality}.{department}"

    def waived(self, recipe: Recipe) -> tuple[str, ...]:
        """The stations of the recipe that are told nothing here, because whoever would be informed has waived it."""
        return self.waives.get(recipe.recipe, ())

    def offers(self, recipe: Recipe) -> bool:
        """Whether citizens can use the recipe here today."""
        return self.recipes.get(recipe.recipe) == "live"


def missing_roles(municipality: Municipality, recipe: Recipe) -> tuple[str, ...]:
    """Roles of the recipe that no department of the municipality fills, though it has something to send them."""
    waived = municipality.waived(recipe)
    told = {station.role for station in recipe.route if station.station not in waived}
    idle = {station.role for station in recipe.route} - told
    return tuple(r for r in (*recipe.roles, TRIAGE) if r not in idle and municipality.department_for(r) is None)


def problems_of(municipality: Municipality, recipes: dict[str, Recipe]) -> list[Problem]:
    """What keeps this municipality from running its live recipes; ``where`` is a key path of its file."""
    return [
        *_key_problems(municipality),
        *_recipe_problems(municipality, recipes),
        *_waiver_problems(municipality, recipes),
        *_deputy_problems(municipality),
        *_absence_problems(municipality),
    ]


def _key_problems(municipality: Municipality) -> list[Problem]:
    if municipality.ars[:2] in LAENDER:
        return []
    return [
        Problem(
            "ars",
            "Die ersten zwei Ziffern sind kein Land (01 bis 16).",
            "the first two digits are no Land (01 to 16)",
        )
    ]


def _recipe_problems(municipality: Municipality, recipes: dict[str, Recipe]) -> list[Problem]:
    problems = []
    for name, status in municipality.recipes.items():
        where = f"recipes.{name}"
        if name not in recipes:
            problems.append(
                Problem(where, "Dieses Rezept steht nicht im Kochbuch.", "this recipe is not in the Kochbuch")
            )
        elif status == "live":
            problems += [
                Problem(
                    where,
                    f"Für die Rolle „{role}“ ist keine Stelle benannt; bitte einer Stelle zuordnen"
                    " oder das Rezept auf „preparation“ setzen.",
                    f"no department fills the role “{role}”; give it to one, or set the recipe to “preparation”",
                )
                for role in missing_roles(municipality, recipes[name])
            ]
    return problems


def _waiver_problems(municipality: Municipality, recipes: dict[str, Recipe]) -> list[Problem]:
    informed = {name: {s.station for s in recipe.route if s.task == "inform"} for name, recipe in recipes.items()}
    return [
        Problem(
            f"waives.{name}",
            f"„{station}“ ist keine Station dieses Rezepts, die nur unterrichtet wird; auf anderes verzichtet niemand.",
            f"“{station}” is no station of this recipe that is informed only; nothing else can be waived",
        )
        for name, waived in municipality.waives.items()
        for station in waived
        if station not in informed.get(name, ())
    ]


def _deputy_problems(municipality: Municipality) -> list[Problem]:
    return [
        Problem(
            f"departments.{name}.deputy",
            f"Die Stelle „{department.deputy}“ gibt es nicht.",
            f"there is no department “{department.deputy}”",
        )
        for name, department in municipality.departments.items()
        if department.deputy is not None and department.deputy not in municipality.departments
    ]


def _absence_problems(municipality: Municipality) -> list[Problem]:
    found: list[Problem] = []
    for number, absence in enumerate(municipality.absences):
        where, both = f"absences.{number}", (absence.who, absence.deputy)
        people, offices = sum(map(is_staff, both)), sum(name in municipality.departments for name in both)
        if absence.who == absence.deputy or len(both) not in {people, offices}:
            found.append(
                Problem(
                    where,
                    "Eine Person vertritt eine andere (sb-…), eine Stelle dieser Kommune eine andere.",
                    "a person (sb-…) stands in for another, a department of this municipality for another",
                )
            )
        if absence.until < absence.since or not all(map(_is_day, (absence.since, absence.until))):
            found.append(
                Problem(
                    where,
                    "Die Abwesenheit braucht zwei Tage (JJJJ-MM-TT), den ersten zuerst.",
                    "an absence needs two days (YYYY-MM-DD), the first one first",
                )
            )
    return found


def _is_day(text: str) -> bool:
    try:
        dt.date.fromisoformat(text)
    except ValueError:
        return False
    return True
