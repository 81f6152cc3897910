"""``tests/bench``: the sections, and the table that they fill."""

import sys
from collections.abc import Callable, Iterator
from time import monotonic
from typing import Annotated

import typer
from rich.console import Console

from tests.benchmark.importing import importing
from tests.benchmark.intake import intake
from tests.benchmark.latency import latency
from tests.benchmark.machine import disturbance
from tests.benchmark.router import router
from tests.benchmark.scale import FULL, QUICK, TINY, Scale
from tests.benchmark.site import Rig, open_rig
from tests.benchmark.size import size
from tests.benchmark.state import state
from tests.benchmark.table import Figure, show
from tests.benchmark.takeover import takeover

Section = Callable[[Rig, Scale], Iterator[Figure]]

SECTIONS: dict[str, Section] = {
    "state": state,
    "router": router,
    "import": importing,
    "intake": intake,
    "latency": latency,
    "takeover": takeover,
    "size": size,
}


def main(
    sections: Annotated[list[str] | None, typer.Argument(help=f"Which: {', '.join(SECTIONS)}; all by default.")] = None,
    quick: Annotated[bool, typer.Option("--quick", help="Smaller, in under three minutes.")] = False,
    tiny: Annotated[bool, typer.Option("--tiny", help="So small that the figures mean nothing: does it work?")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """Measures each section beside its floor, and prints value, floor and ratio."""
    wanted = sections or list(SECTIONS)
    if unknown := [name for name in wanted if name not in SECTIONS]:
        raise typer.BadParameter(f"no section {', '.join(unknown)}; there are {', '.join(SECTIONS)}")
    scale = TINY if tiny else QUICK if quick else FULL
    progress = Console(stderr=True)
    if sentence := disturbance():
        progress.print(sentence)
    with open_rig() as rig:
        for name in wanted:
            began = monotonic()
            with progress.status(f"{name} …"):
                figures = list(SECTIONS[name](rig, scale))
            show(name, figures, seconds=monotonic() - began, as_json=as_json)


if __name__ == "__main__":
    sys.argv[0] = "tests/bench"
    app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    app.command()(main)
    app()
