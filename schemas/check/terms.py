"""Terms: what a deadline says has an effect, and silence grants only where a statute says so (§ 42a VwVfG)."""

import re
from collections.abc import Iterator

from schemas.deadline import Deadline
from schemas.errors import Problem
from schemas.length import Length, Unit
from schemas.recipe import Recipe, Station

_STATUTE = re.compile(r"§|\bArt\.")
_INACTION = re.compile(r"§ 75\b.*VwGO")
_DAYS = {
    Unit.HOURS: (1 / 24, 1 / 24), Unit.DAYS: (1, 1), Unit.WEEKS: (7, 7), Unit.MONTHS: (28, 31),
    Unit.YEARS: (365, 366), Unit.WERKTAGE: (1, 2), Unit.ARBEITSTAGE: (1, 3),
}  # fmt: skip
"""How many days a unit has at least and, holidays generously included, at most."""


def problems_of(recipe: Recipe) -> Iterator[Problem]:
    """Deadlines of which a part is in vain, or that grant what only a statute can grant."""
    if recipe.deadline is not None:
        yield from _of_any("deadline", recipe.deadline)
        yield from _of_case(recipe.deadline)
    for number, station in enumerate(recipe.route):
        if station.due is not None:
            yield from _of_any(f"route.{number}.due", station.due)
            yield from _of_station(f"route.{number}.due", station, station.due)


def _of_any(where: str, deadline: Deadline) -> Iterator[Problem]:
    if deadline.within is None:
        for name in ("starts", "extension", "resume", "suspends", "waits_for_papers"):
            if getattr(deadline, name) != Deadline.model_fields[name].default:
                yield _in_vain(f"{where}.{name}", name, "gilt nur mit within", "works with within only")
    elif deadline.remind is not None and not _before_the_end(deadline.remind, deadline.within):
        yield Problem(
            f"{where}.remind",
            f"Erinnert würde vor dem Beginn der Frist: {deadline.remind.de} vor dem Ende von {deadline.within.de}.",
            f"the reminder would come before the period begins: {deadline.remind} before the end of {deadline.within}",
        )
    if deadline.escalate_to and deadline.on_expiry != "escalate":
        yield _in_vain(
            f"{where}.escalate_to", "escalate_to", "gilt nur mit on_expiry: escalate", "works with on_expiry: escalate"
        )


def _before_the_end(remind: Length, within: Length) -> bool:
    return remind.count * _DAYS[remind.unit][0] < within.count * _DAYS[within.unit][1] + 15 * within.half_month


def _of_case(deadline: Deadline) -> Iterator[Problem]:
    for name in ("extended_by", "waits_for_papers"):
        if getattr(deadline, name) != Deadline.model_fields[name].default:
            yield _in_vain(f"deadline.{name}", name, "gilt nur für die Frist einer Station", "is for a station's time")
    if _INACTION.search(deadline.basis) and (deadline.can_stop or deadline.extension or deadline.starts != "receipt"):
        yield Problem(
            "deadline",
            "Die drei Monate des § 75 Satz 2 VwGO laufen ab dem Antrag; nur das Gericht hält sie an (Satz 3):"
            " suspends: false, ohne starts und extension.",
            "the three months of § 75 VwGO run from the application, and nothing but a court stops them:"
            " suspends: false, neither starts nor extension",
        )
    if deadline.on_expiry != "consent":
        return
    if not _STATUTE.search(deadline.basis):
        yield Problem(
            "deadline.basis",
            "Schweigen genehmigt nur, wo eine Rechtsvorschrift es anordnet (§ 42a Abs. 1 VwVfG); bitte basis mit der"
            " Vorschrift (§ oder Art.) angeben.",
            "silence grants only where a statute says so (§ 42a (1) VwVfG); give it as the basis (§ or Art.)",
        )
    if deadline.within is not None and deadline.starts == "receipt":
        yield Problem(
            "deadline",
            "Die Frist der Genehmigungsfiktion beginnt mit den vollständigen Unterlagen (§ 42a Abs. 2 Satz 2 VwVfG):"
            " starts: completeness.",
            "the period of a deemed approval begins with the complete papers (§ 42a (2) sentence 2 VwVfG):"
            " starts: completeness",
        )


def _of_station(where: str, station: Station, due: Deadline) -> Iterator[Problem]:
    for name in ("starts", "resume", "suspends"):
        if getattr(due, name) != Deadline.model_fields[name].default:
            german = "gilt nur für die Frist des Vorgangs; die einer Station läuft, sobald sie geöffnet ist"
            yield _in_vain(
                f"{where}.{name}", name, german, "is for the case's deadline; a station's runs once it opens"
            )
    if station.task == "decide" and due.on_expiry in {"consent", "close"}:
        yield _in_vain(
            f"{where}.on_expiry",
            f"on_expiry: {due.on_expiry}",
            "gilt nicht für die entscheidende Station, sondern gehört an deadline",
            "is not for the deciding station; it belongs to deadline",
        )


def _in_vain(where: str, name: str, german: str, english: str) -> Problem:
    return Problem(where, f"„{name}“ {german}.", f"“{name}” {english}")
