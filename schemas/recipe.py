"""Recipe: one administrative service, from paper to digital; the routing slip of its cases.

The single source for the service: Avro schemas, JSON Schema, form, route, deadlines, tests and a page of the Kochbuch
follow from it. Read it with :func:`schemas.kochbuch.read_recipe`, which reports every problem at once.
"""

from collections.abc import Iterator
from functools import cached_property
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, ConfigDict, Field

from schemas import avro, fields, plausibility
from schemas.codec import Schema, schema_of
from schemas.deadline import Deadline
from schemas.errors import Problem
from schemas.fields import Strict, Wording
from schemas.form import FormValidator
from schemas.plausibility import Implausible
from schemas.rules import RESERVED, All, Condition, Predicate, compile_condition, parse_condition

NAME = r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$"
Name = Annotated[str, Field(pattern=NAME, max_length=50)]
LEIKA = r"^99[0-9]{12}$"

Task = Literal["decide", "consult", "inform"]
Kind = Literal["application", "certificate", "enquiry", "registration", "declaration"]
"""What the citizen hands in: Antrag, Antrag auf eine Urkunde, Anfrage, Anmeldung or Anzeige; it chooses the words."""
ON_REQUEST = "on-request"
"""The station under which a department works that the recipe did not name."""


def _as_list(value: object) -> object:
    return [value] if isinstance(value, str) else value


class Station(Strict):
    """One stop of the routing slip: which role does what, when, until when, and what it may see for that purpose.

    ``hears`` are stations before it whose opinion, with its text, it is told; otherwise only the lead is.
    """

    station: Name
    role: Name
    task: Task
    sees: tuple[str, ...] = Field(min_length=1)
    when: Any = None
    after: Annotated[tuple[str, ...], BeforeValidator(_as_list)] = ()
    hears: Annotated[tuple[str, ...], BeforeValidator(_as_list)] = ()
    due: Deadline | None = None
    purpose: Wording | None = None
    basis: str = ""
    four_eyes: bool = False
    title: Wording | None = None


class OnRequest(Strict):
    """What a department may see that the recipe did not name but that is consulted or receives a forwarded case."""

    sees: tuple[str, ...] = ()
    purpose: Wording | None = None
    basis: str = ""


class Retention(Strict):
    """How long a closed case is kept, and the rule that says so (content and proof keep different clocks)."""

    years: int = Field(2, ge=0, le=120)
    basis: str = ""


class Example(Strict):
    """A submission and where it must go; runs as a test, and as ``laufzettel recipe test``."""

    name: str
    form: dict[str, Any]
    stations: tuple[str, ...] = ()
    municipality: str = ""
    land: str = Field("", description="Code of the Land, where the example is about Land law")
    channel: str = "portal"
    opinions: dict[str, str] = Field(default_factory=dict)
    received: str | None = Field(None, description="ISO instant of receipt, where the example is about a deadline")
    due: str | None = Field(None, description="The case's due date that must follow from it")
    rejected: Annotated[tuple[str, ...], BeforeValidator(_as_list)] = ()

    def holds_in(self, municipality: str, land: str) -> bool:
        """Whether the example says what happens there; one that names neither holds everywhere."""
        return self.municipality in {"", municipality} and self.land in {"", land}


class Recipe(Strict):
    """A whole recipe file; everything below is checked by :func:`problems_of`."""

    model_config = ConfigDict(extra="forbid", frozen=True, ignored_types=(cached_property,))

    recipe: Name
    version: int = Field(ge=1)
    service: str = Field(pattern=LEIKA)
    title: Wording
    kind: Kind = "application"
    legal_basis: tuple[str, ...] = Field(min_length=1)
    form: fields.Form = Field(min_length=1)
    refuse: tuple[Implausible, ...] = ()
    deadline: Deadline | None = None
    route: tuple[Station, ...] = Field(min_length=1)
    on_request: OnRequest = OnRequest()
    examples: tuple[Example, ...] = Field(min_length=2)
    retention: Retention = Retention()
    objection: str = Field("1 month", description="How long a decided case stays open for reopening, § 70 VwGO")
    notified_by: Literal["post", "tax-post", "social"] = Field(
        "post", description="How decisions go out: by post under the VwVfG, the AO (taxes) or the SGB X"
    )
    book: dict[str, Wording] = Field(default_factory=dict, description="The page of the Kochbuch, section by section")

    @cached_property
    def station(self) -> dict[str, Station]:
        """The stations by name."""
        return {station.station: station for station in self.route}

    @cached_property
    def conditions(self) -> dict[str, Condition]:
        """The condition of each station; a station without ``when`` has one that always holds."""
        return {s.station: self._condition(s, n, []) for n, s in enumerate(self.route)}

    @cached_property
    def predicates(self) -> dict[str, Predicate]:
        """The conditions as closures."""
        return {name: compile_condition(condition) for name, condition in self.conditions.items()}

    def _condition(self, station: Station, number: int, problems: list[Problem]) -> Condition:
        if station.when is None:
            return All(())
        return parse_condition(station.when, self.form, f"route.{number}.when", problems)

    @cached_property
    def validator(self) -> FormValidator:
        """The form's validator."""
        return FormValidator(self.recipe.replace("-", "_"), self.form, plausibility.judge_of(self.refuse, self.form))

    @cached_property
    def submission(self) -> Schema:
        """The schema of CaseSubmitted for this recipe."""
        return schema_of(avro.submission_schema(self.recipe, self.version, self.form))

    @cached_property
    def messages(self) -> dict[str, Schema]:
        """The schema of each station's message, and of one that was asked ad hoc."""
        return {
            name: schema_of(avro.station_schema(self.recipe, self.version, name, self.form, sees))
            for name, sees in self.sees.items()
        }

    @cached_property
    def sees(self) -> dict[str, tuple[str, ...]]:
        """The field paths that each station sees, the ad hoc one included."""
        return {s.station: s.sees for s in self.route} | {ON_REQUEST: self.on_request.sees}

    @cached_property
    def trees(self) -> dict[str, avro.Tree]:
        """The projections that go with ``messages``."""
        return {name: avro.projection(sees) for name, sees in self.sees.items()}

    @property
    def roles(self) -> tuple[str, ...]:
        """Every role on the route, in its order, then those to whom it escalates; each once."""
        deadlines = (self.deadline, *(station.due for station in self.route))
        told = (deadline.escalate_to for deadline in deadlines if deadline and deadline.escalate_to)
        return tuple(dict.fromkeys((*(station.role for station in self.route), *told)))


def problems_of(recipe: Recipe) -> Iterator[Problem]:
    """What pydantic cannot see: unknown fields and stations, no lead, circles. ``where`` is a key path of the file."""
    for name in recipe.form:
        if name in RESERVED:
            yield Problem(
                f"form.{name}",
                f"„{name}“ hat in Bedingungen eine eigene Bedeutung; bitte umbenennen.",
                f"“{name}” has a meaning of its own in conditions; rename it",
            )
    yield from plausibility.problems_of(recipe.refuse, recipe.form)
    yield from _route_problems(recipe)
    yield from _sees_problems("on_request.sees", recipe.on_request.sees, recipe)
    found: list[Problem] = []
    for number, station in enumerate(recipe.route):
        recipe._condition(station, number, found)  # noqa: SLF001 - same module
    yield from found
    if not any(station.task == "decide" for station in recipe.route):
        yield Problem("route", "Keine Station entscheidet (task: decide).", "no station decides (task: decide)")


def _route_problems(recipe: Recipe) -> Iterator[Problem]:
    seen: set[str] = set()
    for number, station in enumerate(recipe.route):
        where = f"route.{number}"
        if station.station in seen or station.station == ON_REQUEST:
            yield Problem(
                f"{where}.station",
                f"Die Station „{station.station}“ gibt es schon.",
                f"the station “{station.station}” exists already",
            )
        for before in station.after:
            if before not in seen:
                yield Problem(
                    f"{where}.after",
                    f"„{before}“ ist keine Station davor.",
                    f"“{before}” is not a station above this one",
                )
        seen.add(station.station)
        yield from _sees_problems(f"{where}.sees", station.sees, recipe)


def _sees_problems(where: str, sees: tuple[str, ...], recipe: Recipe) -> Iterator[Problem]:
    for path in sees:
        if fields.find(recipe.form, path) is None:
            yield Problem(where, f"Das Formular hat kein Feld „{path}“.", f"the form has no field “{path}”")
