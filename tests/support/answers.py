"""Answers: what the router said to the commands for one case, against what it was asked. Pure."""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from services.router.event import Event


class Answer(NamedTuple):
    """To which command, and whether it had an effect or was refused."""

    command: str
    effect: bool


def answers_in(told: Iterable[Event]) -> Iterator[Answer]:
    """All answers in the events of a case, in order; what timers and submissions led to is among them."""
    version = 0
    for kind, body in told:
        if kind == "CommandRefused":
            yield Answer(body["command_id"], effect=False)
        elif body["version"] != version:
            yield Answer(body["cause"], effect=True)
            version = body["version"]


def wrong_answers(asked: list[str], answers: Iterable[Answer]) -> Iterator[str]:
    """``asked`` are the deliveries in their order, some of them more than once.

    Each is refused, or has the one effect of its command, or repeats what had an effect before and so has no answer.
    """
    known = [answer for answer in answers if answer.command in set(asked)]
    effects = Counter(answer.command for answer in known if answer.effect)
    refusals = Counter(answer.command for answer in known if not answer.effect)
    for command, times in Counter(asked).items():
        last = [answer.effect for answer in known if answer.command == command][-1:]
        fits = refusals[command] == times if not effects[command] else refusals[command] < times and last == [True]
        if not fits or effects[command] > 1:
            yield f"{command}: asked {times} times, {effects[command]} effects, {refusals[command]} refusals"
    deliveries = iter(asked)
    if not all(answer.command in deliveries for answer in known):
        yield f"asked {asked}, answered in another order: {[answer.command for answer in known]}"


def misjudged(told: Iterable[Event]) -> Iterator[str]:
    """Refusals that speak of another version than the one before them."""
    version = 0
    for kind, body in told:
        if kind == "CommandRefused" and body["version"] != version:
            yield f"{body['command_id']} was refused in version {body['version']}, not {version}"
        version = body["version"]
