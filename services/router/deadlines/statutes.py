"""Statutes: deadlines that federal law sets, for recipes, acknowledgements and tests to refer to."""

from schemas.deadline import DEFAULT_DEADLINE, Deadline
from schemas.length import Length, Unit

INACTION = DEFAULT_DEADLINE

DEEMED_APPROVAL = Deadline(
    within=Length(3, Unit.MONTHS),
    basis="§ 42a Abs. 2 VwVfG",
    starts="completeness",
    check_within=Length(10, Unit.ARBEITSTAGE),
    on_expiry="consent",
    extension=Length(3, Unit.MONTHS),
)
"""Only where a statute orders it (§ 6a GewO does); the one extension must be reasonable, reasoned and in time."""

MUNICIPAL_CONSENT = Deadline(within=Length(2, Unit.MONTHS), basis="§ 36 Abs. 2 Satz 2 BauGB", on_expiry="consent")
"""Einvernehmen: two months from the receipt of the request; neither extended nor suspended by agreement."""

MUNICIPAL_APPROVAL = Deadline(
    within=Length(3, Unit.MONTHS),
    basis="§ 36a Abs. 1 Satz 4 BauGB",
    on_expiry="consent",
    extension=Length(1, Unit.MONTHS),
    extended_by="station",
)
"""Zustimmung: three months; longer by the time given to the public, a month at most (§ 36a Abs. 2)."""

RECEIPT_CERTIFICATE = Deadline(within=Length(3, Unit.DAYS), basis="§ 15 Abs. 1 GewO")
TRADE_STATISTICS = Deadline(by="first working day of next month", basis="§ 3 Abs. 5 GewAnzV")
REGISTRATION = Deadline(within=Length(2, Unit.WEEKS), basis="§ 17 Abs. 1 BMG")
BIRTH_NOTICE = Deadline(within=Length(1, Unit.WEEKS), basis="§ 18 Abs. 1 PStG")
DEATH_NOTICE = Deadline(within=Length(3, Unit.WERKTAGE), basis="§ 28 PStG")
OBJECTION = Deadline(within=Length(1, Unit.MONTHS), basis="§ 70 Abs. 1 VwGO", on_expiry="close")
OBJECTION_UNINSTRUCTED = Deadline(within=Length(1, Unit.YEARS), basis="§ 58 Abs. 2 VwGO", on_expiry="close")
RETRIEVAL = Deadline(within=Length(10, Unit.DAYS), basis="§ 41 Abs. 2a Satz 4 VwVfG")
