"""Letter: what a department is to receive, before it is encoded: the case itself as a slip, or a notice about it."""

from typing import NamedTuple


class Slip(NamedTuple):
    """The case under one station, with the fields of ``view``."""

    station: str
    task: str
    department: str
    view: str
    due_at: int | None
    opened_by: str
    deputy: str | None = None

    @property
    def to(self) -> str:
        """Whose topic it goes to: that of the department, or of one that stands in for it and gets a copy."""
        return self.deputy or self.department


class Notice(NamedTuple):
    """What happened, and what people wrote about it."""

    department: str
    what: str
    station: str = ""
    text: str | None = None
    papers: tuple[str, ...] = ()
    due_at: int | None = None
    detail: str | None = None
    mark: str | None = None
    deputy: str | None = None

    @property
    def to(self) -> str:
        """Whose topic it goes to, as for a slip."""
        return self.deputy or self.department


Letter = Slip | Notice
ACCESS_ENDED = "AccessEnded"
"""The department no longer takes part; it must not show the case any more."""
