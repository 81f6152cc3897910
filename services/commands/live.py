"""Live: the demo's view; a table that grows on a terminal, one line for each arrival elsewhere."""

from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from services.commands.journeys import Arrival, Journeys, rows
from services.commands.terminal import out, printable

if TYPE_CHECKING:
    from rich.live import Live as RichLive

_COLUMNS = ("reference", "service", "source", "department", "rule", "seconds")


class Live:
    """Shows journeys while the context lasts."""

    def __init__(self, journeys: Journeys, *, quiet: bool = False) -> None:
        self._journeys = journeys
        self._quiet = quiet
        self._console = out()
        self._live: RichLive | None = None

    def __enter__(self) -> Self:
        if self._console.is_terminal and not self._quiet:
            from rich.live import Live as RichLive

            self._live = RichLive(
                self._table(), console=self._console, refresh_per_second=8, vertical_overflow="visible"
            )
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._live is not None:
            self._live.update(self._table(), refresh=True)
            self._live.stop()

    def arrived(self, arrival: Arrival) -> None:
        """A case is with a department."""
        if self._live is not None:
            self._live.update(self._table())
            return
        delivery = arrival.delivery
        self._line(
            arrival.reference, arrival.service, arrival.source, f"{delivery.department} ({delivery.station})",
            arrival.rule, f"{arrival.seconds:.3f} s",
        )  # fmt: skip

    def died(self, place: str, line: int, why: str) -> None:
        """A row or record went to the dead letters."""
        if self._live is not None:
            self._live.console.print(f"dead letter: {place} line {line}: {printable(why)}")
            return
        self._line("dead letter", place, f"line {line}", why)

    def _line(self, *cells: str) -> None:
        if not self._quiet:
            self._console.print("  ".join(map(printable, cells)))

    def _table(self) -> Any:  # noqa: ANN401 - rich's table
        from rich import box
        from rich.table import Table
        from rich.text import Text

        drawn = Table(box=box.SIMPLE_HEAD, pad_edge=False)
        for name in _COLUMNS:
            drawn.add_column(name, no_wrap=True, overflow="ellipsis", justify="right" if name == "seconds" else "left")
        for row in rows(self._journeys):
            drawn.add_row(*(Text(printable(cell)) for cell in row))
        return drawn
