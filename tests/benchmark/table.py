"""Table: figures beside the floor measured in the same run; absolute numbers of a noisy machine say little."""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass

from rich.console import Console
from rich.table import Table

WIDTH = 170
"""Of a table that goes into a file."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured value; ``floor`` is the same work without what is being measured, in the same unit."""

    subject: str
    value: float
    unit: str
    floor: float | None = None
    floor_is: str = ""
    aim: str = ""

    @property
    def ratio(self) -> float | None:
        """Value by floor; for a rate below 1, for a cost above 1."""
        return self.value / self.floor if self.floor else None


def show(section: str, figures: Iterable[Figure], *, seconds: float, as_json: bool) -> None:
    """Prints one section, as a table for people or as JSON lines."""
    console = Console()
    if not console.is_terminal:
        console = Console(width=WIDTH)
    if as_json:
        for figure in figures:
            console.print_json(json.dumps({"section": section, **asdict(figure), "ratio": figure.ratio}), indent=None)
        return
    table = Table(title=f"{section}, measured in {seconds:.0f} s", title_justify="left")
    for name in ("what", "value", "floor", "ratio", "the floor is", "aim"):
        table.add_column(name, justify="right" if name in {"value", "floor", "ratio"} else "left")
    for f in figures:
        floor = f"{f.floor:,.4g}" if f.floor else ""
        ratio = f"{f.ratio:.2f}" if f.ratio else ""
        table.add_row(f.subject, f"{f.value:,.4g} {f.unit}", floor, ratio, f.floor_is, f.aim)
    console.print(table)
