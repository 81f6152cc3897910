"""Deadline: until when something must happen, as a recipe declares it; services.router.deadlines does the arithmetic.

Exactly one of ``within``, ``before``, ``fixed`` and ``by`` says which kind it is:

    deadline: {within: 3 months, starts: completeness, check_within: 10 working days, basis: "§ 42a VwVfG"}
    due:      {within: 10 working days, on_silence: consent}
    deadline: {before: {field: begins_on, length: 3 days, clear: true}, basis: "BVerwG 3 C 25.16"}
    deadline: {fixed: 2026-11-30, basis: "§ 31 Abs. 5 VwVfG"}
    due:      {by: first working day of next month, basis: "§ 3 Abs. 5 GewAnzV"}
"""

import datetime as dt
from typing import Annotated, Literal, Self

from pydantic import AliasChoices, BeforeValidator, ConfigDict, Field, model_validator

from schemas.fields import Strict
from schemas.length import Length, LengthText, Unit

Starts = Literal["receipt", "completeness"]
"""What sets the period going: receipt, or receipt of the complete papers. What came in at the single contact counts
as received on the third day after (§ 71b Abs. 2 VwVfG); that is a matter of the case's channel, not of the recipe.

Whether papers are complete says the lead; who asks for none within ``check_within`` has found them complete.
"""

OnExpiry = Literal["escalate", "consent", "inform-lead", "close"]
"""Silence is escalated, counts as consent (deemed approval or opinion), is told to the lead, or closes the station."""

Counting = Literal["after-event", "from-day"]
"""The day of the event does not count (§ 187 Abs. 1 BGB), or the period begins with a day that counts (Abs. 2)."""


class Before(Strict):
    """A deadline counted backwards from a date in the form: on the n-th day before it, or with n clear days between."""

    field: str
    length: LengthText
    clear: bool = False


def _as_date(value: object) -> object:
    if not isinstance(value, str):
        return value
    try:
        return dt.date.fromisoformat(value)
    except ValueError:
        raise ValueError(f"„{value}“ ist kein Datum (JJJJ-MM-TT). | “{value}” is not a date (YYYY-MM-DD)") from None


class Deadline(Strict):
    """One deadline; ``moves: false`` where § 31 Abs. 3 VwVfG does not apply (§ 31 Abs. 4, or a special law)."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    within: LengthText | None = None
    before: Before | None = None
    fixed: Annotated[dt.date, BeforeValidator(_as_date)] | None = None
    by: Literal["first working day of next month"] | None = None
    basis: str = ""
    starts: Starts = "receipt"
    counting: Counting = "after-event"
    moves: bool = True
    on_expiry: OnExpiry = Field("escalate", validation_alias=AliasChoices("on_expiry", "on_silence"))
    escalate_to: str = Field("", description="The role that is told of a missed deadline; triage where none is named")
    extension: LengthText | None = Field(None, description="The most by which it may be extended, once; or not at all")
    extended_by: Literal["lead", "station"] = Field(
        "lead", description="Who may extend a station's time; itself where the law says so (§ 36a Abs. 2 BauGB)"
    )
    check_within: LengthText | None = Field(
        None, description="Until when, after papers came, the lead may still say that some are missing"
    )
    resume: Literal["continue", "restart"] = "continue"
    waits_for_papers: bool = Field(
        False, description="Whether a station's time begins anew with papers that were missing when it was asked"
    )
    suspends: bool = Field(True, description="Whether the clock of a period stands still while papers are missing")
    remind: LengthText | None = None

    @property
    def can_stop(self) -> bool:
        """Whether missing papers stop it; a date does not wait, nor does a period that the law lets run on."""
        return self.suspends and self.within is not None

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        kinds = (self.within, self.before, self.fixed, self.by)
        if sum(kind is not None for kind in kinds) != 1:
            raise ValueError(
                "Genau eine Angabe ist nötig: within, before, fixed oder by."
                " | exactly one of within, before, fixed and by is needed"
            )
        if self.before and self.before.length.unit is Unit.HOURS:
            raise ValueError(
                "Rückwärts wird in Tagen, Wochen, Monaten, Werktagen oder Arbeitstagen gezählt, nicht in Stunden."
                " | backward deadlines are counted in days, weeks, months, Werktage or working days, not in hours"
            )
        if self.extension and self.within and (self.extension.unit is Unit.HOURS) != (self.within.unit is Unit.HOURS):
            raise ValueError(
                "Eine Stundenfrist wird um Stunden verlängert, eine andere nicht."
                " | a period of hours is extended by hours, any other is not"
            )
        if (self.starts == "completeness") != (self.check_within is not None):
            raise ValueError(
                "Eine Frist ab Vollständigkeit (starts: completeness) braucht check_within: bis wann gesagt wird, was"
                " fehlt."
                " | a period from completeness (starts: completeness) has check_within: by when what is missing is said"
            )
        return self


DEFAULT_DEADLINE = Deadline(
    within=Length(3, Unit.MONTHS), basis="§ 75 Satz 2 VwGO", suspends=False, remind=Length(2, Unit.WEEKS)
)
"""For a recipe without a deadline of its own: three months after the application the applicant may sue for inaction.

Nothing stops or extends that time but a court (§ 75 Satz 3 VwGO).
"""
