"""The contract of every connector: a channel adapter and a message translator. It never sees Kafka.

Push: the outside calls us, as portals do; a pure ``translator`` is all there is.
Pull: we go and look, as in a hot folder; an ``inlet`` hands out deliveries, and their items from any mark on.

services/importer drains inlets: it publishes items and marks together, and only then says ``done``. tests/contract
holds every connector of the registry to all of this; nobody has to write a test for it.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

from pydantic import BaseModel

from schemas.dead_letter import Origin
from schemas.errors import Rejected
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


@dataclass(frozen=True, slots=True)
class Item:
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
        """Pure: no clock, no I/O, the same for the same. Raises Rejected with every problem, and nothing else."""
        ...


class Inlet(Protocol):
    """The outside of a pull connector. Every method may raise Unavailable: the caller backs off and asks again."""

    def poll(self) -> Delivery | None:
        """Takes the next complete delivery, one left over from an earlier process first; None when there is none."""
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


@dataclass(frozen=True, slots=True)
class Connector(Generic[Config]):
    """One line of the registry. ``translator`` and ``inlet`` take the declared source and the name it is known by."""

    name: str
    summary: str
    config: type[Config]
    translator: Callable[[Config, str], Translator]
    inlet: Callable[[Config, str, Any], Inlet] | None = None
