"""Case view: one case as its log tells it, for citizen, clerk and operator; pure. Holds nothing that people wrote."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from schemas.cloudevent import instant
from schemas.codec import Codec
from schemas.errors import Rejected
from schemas.kochbuch import Kochbuch
from schemas.message import Stored
from services.commands.readable import readable
from services.router.case import Case, StationState
from services.router.deadlines.instant import day_of, from_us
from services.router.deadlines.steps import Step
from services.router.derivation import derivation, objection_derivation, station_derivation
from services.router.event import Event
from services.router.evolve import replay
from services.router.plan import Plan, plan_of

Document = dict[str, Any]

_STATE = ("reference", "municipality", "recipe", "recipe_version", "status", "version", "lead", "outcome")
_STATION = ("station", "task", "department", "status", "holder", "opinion", "delivery", "hops", "returned_by")


def events_in(records: Iterable[Stored], codec: Codec) -> list[Event]:
    """The case's events, decoded; what a newer Kochbuch wrote and cannot be read here is left out."""
    found = []
    for record in records:
        try:
            schema, body = codec.decode(record.value)
        except Rejected:
            continue
        found.append(Event(schema.name.rpartition(".")[2], body))
    return found


def case_view(case_id: str, events: Sequence[Event], book: Kochbuch) -> Document:
    """The document of `laufzettel case show`. ``status`` is erased after retention, unknown without the first event."""
    case = replay(events)
    shown: Document = {"case_id": case_id, "status": _ended(events)} | dict.fromkeys(_STATE[:4])
    stations: list[Document] = []
    if case is not None:
        shown |= {name: case[name] for name in _STATE}  # type: ignore[literal-required]
        shown |= {"received_at": instant(case["received_at"]), **_due(case["due_at"])}
        plan = _plan(case, book)
        shown |= {
            "derivation": _said(derivation(case, plan)) if plan else [],
            "objection_derivation": _said(objection_derivation(events, plan)) if plan else [],
        }
        stations = [_station(each, case, events, plan) for each in case["stations"]]
    return {
        **shown,
        "citizen": _citizen(events) if case is not None else None,
        "stations": stations,
        "proposal": case["proposal"] if case is not None else None,
        "deputies": _deputies(case),
        "ahead": _ahead(case),
        "events": [event_document(event) for event in events],
    }


def event_document(event: Event) -> Document:
    """An event as people and scripts read it, its type first."""
    from schemas.events import event_schema

    return {"event": event.kind, **readable(event_schema(event.kind), event.body)}


def _ended(events: Sequence[Event]) -> str:
    return "erased" if events and events[-1].kind == "CaseErased" else "unknown"


def _station(station: StationState, case: Case, events: Sequence[Event], plan: Plan | None) -> Document:
    own = case["due_at"] if station["station"] == case["lead"] and station["due_at"] is None else station["due_at"]
    office = plan.town.departments.get(station["department"]) if plan else None
    return {
        **{name: station[name] for name in _STATION},  # type: ignore[literal-required]
        "name": office.name.de if office else station["department"],
        "phone": office.contact.phone if office else "",
        **_due(own),
        "derivation": _said(station_derivation(station, events, plan)) if plan else [],
    }


def _due(at: int | None) -> Document:
    """The first instant that is too late, and the last day that is not."""
    return {"due_at": None, "due_date": None} if at is None else {"due_at": instant(at), "due_date": last_day(at)}


def _said(steps: Iterable[Step]) -> list[Document]:
    return [{"de": step.de, "en": step.en} for step in steps]


def _plan(case: Case, book: Kochbuch) -> Plan | None:
    recipe = book.versions.get((case["recipe"], case["recipe_version"]))
    town = book.municipalities.get(case["municipality"])
    return plan_of(recipe, town) if recipe and town else None


def last_day(at: int) -> str:
    """The day in Berlin on which a period that ends at this instant can still be kept."""
    return day_of(from_us(at - 1)).isoformat()


def _citizen(events: Sequence[Event]) -> Document | None:
    """What the citizen was told last."""
    told: Mapping[str, Any] | None = None
    for kind, body in events:
        told = body["citizen"] if kind == "CaseReceived" else body if kind == "CitizenStatusChanged" else told
    if told is None:
        return None
    until = None if told["until"] is None else last_day(told["until"])
    return {**{name: told[name] for name in ("status", "details", "next_step", "contact")}, "until": until}


def _deputies(case: Case | None) -> list[Document]:
    from schemas.form import day

    return [
        {**each, "since": day(each["since"]).isoformat(), "until": day(each["until"]).isoformat()}
        for each in (case["substitutes"] if case else ())
    ]


def _ahead(case: Case | None) -> list[Document]:
    """What the router will do by itself unless somebody acts before, the next first."""
    timers = sorted(case["timers"], key=lambda timer: timer["at"]) if case else []
    return [{"by_itself": each["kind"], "at": instant(each["at"]), "station": each["station"]} for each in timers]
