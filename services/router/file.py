"""File: what goes into the case's file without moving it: notes, and who stands in for whom."""

from typing import Any

from schemas.actor import is_staff
from services.router.absence import not_over
from services.router.authority import as_involved
from services.router.briefing import brief
from services.router.draft import Draft
from services.router.refusal import Why, refuse_unless

MAX_SUBSTITUTES = 20

_Body = dict[str, Any]


def add_note(draft: Draft, body: _Body) -> None:
    """A note, which the writer's department and the lead receive."""
    as_involved(draft, body)
    refuse_unless(body["text"].strip(), Why.REASON_MISSING)
    draft.happened("NoteAdded", department=body["department"])
    for department in dict.fromkeys((body["department"], draft.lead_department)):
        draft.tell(department, "NoteAdded", text=body["text"])


def substitute(draft: Draft, body: _Body) -> None:
    """A person or the actor's own department is away from this case, first and last day included."""
    as_involved(draft, body)
    who, deputy = body["who"], body["deputy"]
    if is_staff(who):
        refuse_unless(is_staff(deputy), Why.MALFORMED)
    else:
        refuse_unless(draft.department(who) == body["department"], Why.NOT_YOUR_DEPARTMENT)
        draft.department(deputy)
    refuse_unless(who != deputy, Why.SAME_PERSON)
    refuse_unless(body["since"] <= body["until"], Why.DATE)
    refuse_unless(sum(1 for _ in not_over(draft.case["substitutes"], draft.now)) < MAX_SUBSTITUTES, Why.TOO_MANY)
    draft.happened("SubstituteNamed", who=who, deputy=deputy, since=body["since"], until=body["until"])
    draft.tell(draft.lead_department, "SubstituteNamed")
    if not is_staff(who):
        draft.tell(who, "SubstituteNamed", deputy=deputy)
        for station in draft.case["stations"]:
            if station["department"] == who and station["status"] != "revoked":
                brief(draft, station, "SubstituteNamed", deputy)
