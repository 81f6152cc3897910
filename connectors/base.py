"""The contract of every connector: a channel adapter and a message translator. It never sees Kafka.

Push: the outside calls us, as portals do; a pure ``translator`` is all there is.
Pull: we go and look, as in a hot folder; an ``inlet`` hands out deliveries, and their items from any mark on.

services/importer drains inlets: it publishes items and marks together, and only then says ``done``. tests/contract
holds every connector of the registry to all of this; nobody has to write a test for it.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, NamedTuple, Protocol, TypeVar

from pydantic import BaseModel, Field

from schemas.dead_letter import Origin
from schemas.errors import Problem, Rejected
from schemas.fields import Strict
from schemas.kochbuch import Kochbuch
from schemas.municipality import Municipality
from schemas.submission import Submission

Config = TypeVar("Config", bound=BaseModel)
Mark = Sequence[int]
"""Where reading goes on: whatever whole numbers the inlet needs to find the place again."""


@dataclass(frozen=True, slots=True)
class Raw:
    """One record as it arrived. ``origin`` is the key or the position that makes a repeat the same case."""

    data: bytes
    origin: str
    received_at: int


class Item(NamedTuple):
    """One record of a delivery: a submission, or why it is none; its bytes, its place, and the mark after it."""

    content: Submission | Rejected
    raw: bytes
    place: Origin
    after: Mark


@dataclass(frozen=True, slots=True)
class Delivery:
    """Something complete that waits to be read. ``fingerprint`` names its content, whatever the thing is called."""

    name: str
    fingerprint: str
    size: int
    taken_before: bool = False


class Translator(Protocol):
    """Turns one record into a submission."""

    def __call__(self, raw: Raw) -> Submission:
        """Pure: no clock, no I/O, the same for the same. Raises Rejected with every problem, and nothing else.

        Instead it may hand on the problems with the submission: then the rest of it is checked as well.
        """
        ...


class Inlet(Protocol):
    """The outside of a pull connector. Every method may raise Unavailable: the caller backs off and asks again."""

    def poll(self, now: float) -> Delivery | None:
        """Takes the next complete delivery, one left over from an earlier process first; None when there is none.

        ``now``: seconds on a clock that only goes forward, for whoever must see that something rests.
        """
        ...

    def read(self, delivery: Delivery, mark: Mark, received_at: int) -> Iterator[Item]:
        """The items after ``mark`` (empty: from the start), lazily. Raises Rejected when the whole is unreadable."""
        ...

    def done(self, delivery: Delivery, *, duplicate: bool) -> None:
        """Puts the delivery away; called when all of it is durable, or was before (``duplicate``). Never deletes."""
        ...

    def pause(self, delivery: Delivery, why: Rejected) -> None:
        """Puts the delivery aside with an explanation, so that a person can look and hand it in again."""
        ...


class Limit(Strict):
    """How many bad records pause a delivery: then it is not the data but the declaration that is wrong."""

    records: int | None = Field(None, ge=1, description="So many altogether; left out: the installation's setting")
    in_a_row: int = Field(50, ge=1, description="So many one after the other")
    percent: float = Field(10, gt=0, le=100, description="Such a share, as soon as “after” records were read")
    after: int = Field(200, ge=1, description="How many records make a share worth looking at")


class PullSource(Strict):
    """What every pull source declares, whatever its kind."""

    limit: Limit = Field(default_factory=Limit, description="How many bad records pause a delivery")


def municipality_of(source: str) -> str:
    """The municipality that a pull source belongs to; its name is ``<municipality>.<name in its file>``."""
    return source.partition(".")[0]


@dataclass(frozen=True, slots=True)
class Pull(Generic[Config]):
    """What a pull connector adds: its inlet (paths are below the given folder), and what does not fit book and town."""

    inlet: Callable[[Config, str, Path], Inlet]
    problems: Callable[[Config, Kochbuch, Municipality], Iterable[Problem]] = lambda _config, _book, _town: ()


@dataclass(frozen=True, slots=True)
class Connector(Generic[Config]):
    """One line of the registry. The translator is compiled from what is declared and the name of the source."""

    name: str
    summary: str
    config: type[Config]
    translator: Callable[[Config, str], Translator]
    pull: Pull[Config] | None = None
