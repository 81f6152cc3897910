"""Scale: how much of everything one run does."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Scale:
    """Sizes of one run; ``rounds`` is how often value and floor take turns."""

    rounds: int
    cases: int
    """Backlog of the router, each round."""
    rows: int
    requests: int
    """To intake, for each number of connections and each round."""
    seconds: float
    """Of steady load, for each rate and each round."""
    rates: tuple[int, ...]
    decisions: int
    departments: int
    open_cases: int
    few_open_cases: int
    idle_seconds: float
    install: bool
    """Whether the wheel is installed anew, which takes a minute and the network."""


FULL = Scale(
    rounds=3,
    cases=40_000,
    rows=60_000,
    requests=8_000,
    seconds=15.0,
    rates=(200, 1_000),
    decisions=20_000,
    departments=5_000,
    open_cases=1_000_000,
    few_open_cases=10_000,
    idle_seconds=15.0,
    install=True,
)
QUICK = Scale(
    rounds=2,
    cases=10_000,
    rows=15_000,
    requests=2_000,
    seconds=4.0,
    rates=(200, 1_000),
    decisions=4_000,
    departments=5_000,
    open_cases=100_000,
    few_open_cases=10_000,
    idle_seconds=4.0,
    install=False,
)
TINY = Scale(
    rounds=1,
    cases=300,
    rows=300,
    requests=50,
    seconds=0.5,
    rates=(50,),
    decisions=200,
    departments=100,
    open_cases=2_000,
    few_open_cases=200,
    idle_seconds=0.2,
    install=False,
)
