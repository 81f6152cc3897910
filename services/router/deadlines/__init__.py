"""Deadlines: until when, and why, under § 31 VwVfG with §§ 187 to 193 BGB. Pure: every date follows from the arguments.

    calendar = calendar_of("053580008008")                                  # services.router.calendar, Düren: NW
    due = compute(recipe.deadline, Course(started=from_us(received_at)), calendar)
    due.date, due.at_us                                                     # last day; first instant that is too late
    [step.de for step in due.steps]                                         # the derivation, said only when asked

What was decided where the law leaves room stands in the module that does it: ``move``, ``backward``, ``hours``,
``notification``, ``course``, ``period``.
"""

from services.router.deadlines.compute import compute
from services.router.deadlines.computed import Computed
from services.router.deadlines.course import Course, Suspension
from services.router.deadlines.derivation import as_data
from services.router.deadlines.explain import Question, explain
from services.router.deadlines.instant import BERLIN, day_of, end_of, from_us, start_of, to_us
from services.router.deadlines.notification import Way, notified
from services.router.deadlines.reminder import reminder
from services.router.deadlines.schedule import month_of_application

__all__ = [
    "BERLIN",
    "Computed",
    "Course",
    "Question",
    "Suspension",
    "Way",
    "as_data",
    "compute",
    "day_of",
    "end_of",
    "explain",
    "from_us",
    "month_of_application",
    "notified",
    "reminder",
    "start_of",
    "to_us",
]
