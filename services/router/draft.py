"""Draft: a decision while it is being made. Every event is applied at once, so that what follows sees its effect."""

from collections.abc import Callable
from typing import Any, Literal

from services.router.absence import deputies
from services.router.case import Case, StationState, Timer, involved, station_of
from services.router.event import AUDIENCE, Event
from services.router.evolve import evolve
from services.router.letter import ACCESS_ENDED, Letter, Notice, Slip
from services.router.plan import Plan
from services.router.refusal import Why, refuse_unless
from services.router.terms import Due


class Draft:
    """Events, letters and the case so far; used within one call of ``decide`` and dropped."""

    __slots__ = (
        "_case", "_content", "_read", "acted_for", "actor", "asked_at", "cause", "events", "letters", "now", "plan"
    )  # fmt: skip

    def __init__(
        self,
        case: Case | None,
        plan: Plan,
        now: int,
        *,
        cause: str,
        actor: str,
        read: Callable[[bytes], dict[str, Any]],
        asked_at: int | None = None,
    ) -> None:
        self._case = case
        self._read = read
        self._content: dict[str, Any] | None = None
        self.plan, self.now, self.cause, self.actor = plan, now, cause, actor
        self.asked_at = now if asked_at is None else min(now, asked_at)
        """When the request was taken in; what follows from it counts from then, however late we come to it."""
        self.acted_for: list[str] = []
        self.events: list[Event] = []
        self.letters: list[Letter] = []

    @property
    def case(self) -> Case:
        """The case as all events so far have left it."""
        if self._case is None:
            raise LookupError("no case yet, or none any more")
        return self._case

    @property
    def result(self) -> Case | None:
        """The case at the end of the decision; None when it was erased."""
        return self._case

    @property
    def content(self) -> dict[str, Any]:
        """The submission, decoded when first asked for."""
        if self._content is None:
            self._content = self._read(self.case["submission"])
        return self._content

    @property
    def lead_department(self) -> str:
        """The department that decides; before its station is open, the one that will."""
        lead = station_of(self.case, self.case["lead"])
        return lead["department"] if lead else self.plan.stop[self.case["lead"]].department

    def deputies(self, who: str) -> tuple[str, ...]:
        """Those who stand in today for a person or a department."""
        return deputies(who, self.plan.town, self.case["substitutes"], self.asked_at)

    def received(self, content: dict[str, Any], raw: bytes, **facts: Any) -> None:  # noqa: ANN401 - the record of CaseReceived
        """Records that the case exists; keeps its submission as it came."""
        self._content = content
        case_id = content["case_id"]
        body = {
            "event_id": f"{case_id}:1:1", "case_id": case_id, "version": 1, "at": self.now, "audience": "applicant",
            "cause": self.cause, "actor": self.actor, "acted_for": [], **facts,
        }  # fmt: skip
        event = Event("CaseReceived", body)
        self.events.append(event)
        case = evolve(None, event)
        if case is not None:
            case["submission"] = raw
        self._case = case

    def happened(self, kind: str, /, **fields: Any) -> None:  # noqa: ANN401 - the record of any event type
        """Records an event and applies it."""
        case = self.case
        version = case["version"] if self.events else case["version"] + 1
        case_id = case["case_id"]
        body = {
            "event_id": f"{case_id}:{version}:{len(self.events) + 1}", "case_id": case_id, "version": version,
            "at": self.now, "audience": AUDIENCE[kind], "cause": self.cause, "actor": self.actor,
            "acted_for": self.acted_for, **fields,
        }  # fmt: skip
        event = Event(kind, body)
        self.events.append(event)
        self._case = evolve(case, event)

    def keep(self, station: str, **content: str) -> None:
        """Keeps what people wrote with the station, outside the events."""
        case = self.case.copy()
        case["stations"] = [
            {**s, **content} if s["station"] == station else s  # type: ignore[typeddict-item]
            for s in case["stations"]
        ]
        self._case = case

    def slip(self, station: StationState, opened_by: str, deputy: str | None = None) -> None:
        """Sends the case to the department that holds the station, or to one deputy alone."""
        due_at = station["due_at"]
        if due_at is None and station["task"] == "decide" and self.case["suspended_at"] is None:
            due_at = self.case["due_at"]
        self._post(
            Slip(station["station"], station["task"], station["department"], station["view"], due_at, opened_by, deputy)
        )

    def tell(self, department: str, what: str, station: str = "", **more: Any) -> None:  # noqa: ANN401 - Notice's fields
        """Tells a department what happened."""
        self._post(Notice(department, what, station, **more))

    def tell_everybody(self, what: str, **more: Any) -> None:  # noqa: ANN401 - Notice's fields
        """Tells every department that takes part, the one that decides first."""
        for department in dict.fromkeys((self.lead_department, *involved(self.case))):
            self.tell(department, what, **more)

    def _post(self, letter: Letter) -> None:
        self.letters.append(letter)
        if letter.deputy is None:
            self.letters += [letter._replace(deputy=deputy) for deputy in self.deputies(letter.department)]

    def tell_if_out(self, department: str, station: str) -> None:
        """Tells a department that its access has ended, unless it is still involved."""
        if department not in involved(self.case):
            self.tell(department, ACCESS_ENDED, station)

    def department(self, name: str) -> str:
        """The name itself, if the municipality has such a department."""
        refuse_unless(name in self.plan.town.departments, Why.UNKNOWN_DEPARTMENT)
        return name


def check_timers(plan: Plan, since: int, due: Due) -> list[Timer]:
    """The timer after which papers that came at ``since`` count as complete: at the latest when the period ends."""
    if plan.check is None:
        return []
    return [{"at": min(plan.check.starting(since).at, due.at), "kind": "papers_check", "station": ""}]


def timers_of(due: Due | None, scope: Literal["case", "station"], station: str, since: int) -> list[Timer]:
    """The timers that watch one deadline; a reminder whose moment had passed at ``since`` is left out."""
    if due is None:
        return []
    timers: list[Timer] = []
    if due.remind_at is not None and since < due.remind_at < due.at:
        timers.append({"at": due.remind_at, "kind": f"{scope}_reminder", "station": station})  # type: ignore[typeddict-item]
    timers.append({"at": due.at, "kind": f"{scope}_due", "station": station})  # type: ignore[typeddict-item]
    return timers
