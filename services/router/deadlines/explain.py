"""Explain: a deadline from the words of a clerk on the command line, every wrong word named at once."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from pydantic import ValidationError

from schemas.deadline import Counting, Deadline
from schemas.errors import Problem, Reason, Rejected
from schemas.length import parse_length
from schemas.wording import sentence
from services.router.calendar import calendar_of
from services.router.deadlines.compute import compute
from services.router.deadlines.computed import Computed
from services.router.deadlines.course import Course, Suspension
from services.router.deadlines.instant import BERLIN, Moment, day_of
from services.router.deadlines.schedule import month_of_application

Read = TypeVar("Read")

_NO_START = Problem(
    "starts", "Der Beginn fehlt, zum Beispiel: 2026-03-04.", "the start is missing, for example: 2026-03-04"
)
_NO_COURSE = Problem(
    "fixed, before",
    "Ein festes Datum und eine Rückwärtsfrist werden weder gehemmt noch verlängert; bitte das neue Datum angeben.",
    "a fixed date and a backward deadline are neither suspended nor extended; give the new date",
)


@dataclass(frozen=True, slots=True)
class Question:
    """What was asked, as text: moments in ISO 8601, suspensions as FROM..TO."""

    land: str
    starts: str | None = None
    length: str | None = None
    before: str | None = None
    fixed: str | None = None
    counting: Counting = "after-event"
    clear: bool = False
    suspended: tuple[str, ...] = ()
    restart: bool = False
    extended: str | None = None
    via_single_contact: bool = False
    basis: str = ""


def explain(question: Question) -> Computed:
    """The answer with its derivation. Raises Rejected with every problem of the question."""
    problems: list[Problem] = []
    calendar = _read(problems, "land", question.land, calendar_of)
    deadline = _deadline(problems, question)
    course = _course(problems, question, deadline)
    if (question.fixed or question.before) and (question.suspended or question.extended or question.via_single_contact):
        problems.append(_NO_COURSE)
    if problems or calendar is None or deadline is None or course is None:
        raise Rejected(Reason.INVALID, *problems)
    return compute(deadline, course, calendar)


def _course(problems: list[Problem], question: Question, deadline: Deadline | None) -> Course | None:
    starts = _read(problems, "starts", question.starts, moment)
    target = _read(problems, "before", question.before, moment)
    suspensions = [_read(problems, "suspended", text, suspension) for text in question.suspended]
    extended = _read(problems, "extended", question.extended, parse_length)
    if not (question.starts or question.before or question.fixed):
        problems.append(_NO_START)
    started = starts or target or (deadline.fixed if deadline else None)
    if started is None:
        return None
    via = question.via_single_contact
    return Course(started, tuple(each for each in suspensions if each), extended, via, target and day_of(target))


def _deadline(problems: list[Problem], question: Question) -> Deadline | None:
    content = {
        "within": None if question.before else question.length,
        "before": question.before and {"field": "before", "length": question.length, "clear": question.clear},
        "fixed": question.fixed,
        "counting": question.counting,
        "basis": question.basis,
        "resume": "restart" if question.restart else "continue",
        "extension": question.extended,
    }
    try:
        return Deadline.model_validate({key: value for key, value in content.items() if value})
    except ValidationError as error:
        for finding in error.errors(include_input=False):
            german, english = sentence(finding["type"], finding.get("ctx", {}), finding["msg"])
            problems.append(Problem(".".join(map(str, finding["loc"])) or "deadline", german, english))
        return None


def benefit(received: str) -> Computed:
    """From which day a housing benefit is paid that was applied for then. Raises Rejected for what is no moment."""
    problems: list[Problem] = []
    at = _read(problems, "received", received, moment)
    if at is None:
        raise Rejected(Reason.INVALID, *problems)
    return month_of_application(at)


def _read(problems: list[Problem], where: str, text: str | None, parse: Callable[[str], Read]) -> Read | None:
    try:
        return None if text is None else parse(text)
    except Rejected as rejected:
        problems += rejected.problems
    except ValueError as error:
        german, _, english = str(error).partition(" | ")
        problems.append(Problem(where, german, english))
    return None


def moment(text: str) -> Moment:
    """A date, or a date with a time; without an offset, the time is Berlin's. Raises ValueError("German | English")."""
    try:
        if len(text) == len("2026-03-04"):
            return dt.date.fromisoformat(text)
        at = dt.datetime.fromisoformat(text)
        return at.astimezone(BERLIN) if at.tzinfo else at.replace(tzinfo=BERLIN)
    except (ValueError, OverflowError):
        raise ValueError(
            f"„{text}“ ist weder Datum (2026-03-04) noch Zeitpunkt (2026-03-04T23:59:59)."
            f" | “{text}” is neither a date (2026-03-04) nor an instant (2026-03-04T23:59:59)"
        ) from None


def suspension(text: str) -> Suspension:
    """FROM..TO, both days included. Raises ValueError("German | English")."""
    since, dots, until = text.partition("..")
    if not dots:
        raise ValueError(
            f"„{text}“ ist kein Zeitraum; zum Beispiel: 2026-03-10..2026-03-20."
            f" | “{text}” is no range; for example: 2026-03-10..2026-03-20"
        )
    found = Suspension(moment(since), moment(until))
    if day_of(found.until) < day_of(found.since):
        raise ValueError(f"„{text}“ endet, bevor es beginnt. | “{text}” ends before it begins")
    return found
