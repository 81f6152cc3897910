"""Derivation: how a case's deadline came about, in sentences that a clerk can put into the file."""

from services.router.case import Case
from services.router.deadlines.steps import Step
from services.router.plan import Plan


def derivation(case: Case, plan: Plan) -> tuple[Step, ...]:
    """The steps to the case's end as it stands; none where it is counted back from a date in the form.

    None either where the calendar has changed since: what is shown must be how the date in the file came about.
    """
    term = plan.term
    if term.deadline.before is not None:
        return ()
    computed = term.computed(case["started_at"], case["suspensions"], case["extended"])
    return computed.steps if computed.at_us == case["due_at"] else ()
