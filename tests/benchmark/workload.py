"""Workload: seeded synthetic submissions from the examples of the shipped Kochbuch."""

import random
from collections.abc import Iterator
from dataclasses import dataclass

from schemas.kochbuch import Kochbuch
from schemas.message import Message, Stored, partition_for
from schemas.submission import Acceptance, Submission

START = 1_772_000_000_000_000
"""2026-02-25T06:13:20Z in microseconds."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One example of a live recipe in a municipality that offers it."""

    service: str
    municipality: str
    form: dict[str, object]


def samples(book: Kochbuch) -> list[Sample]:
    """Every accepted example of every recipe, in every municipality where it is live."""
    return [
        Sample(recipe.service, town.municipality, example.form)
        for recipe in book.recipes.values()
        for town in book.municipalities.values()
        if town.offers(recipe)
        for example in recipe.examples
        if not example.rejected
    ]


def one_of_each(book: Kochbuch, *, start: int = START) -> Iterator[Message]:
    """Every sample once."""
    acceptance = Acceptance(book)
    for number, sample in enumerate(samples(book)):
        yield _message(acceptance, sample, f"each-{number}", start + number)


def submissions(book: Kochbuch, count: int, *, seed: int = 1, start: int = START) -> Iterator[Message]:
    """That many different cases, drawn evenly from the samples."""
    acceptance, chosen, known = Acceptance(book), random.Random(seed), samples(book)
    for number in range(count):
        yield _message(acceptance, chosen.choice(known), f"{seed}-{number}", start + number)


def _message(acceptance: Acceptance, sample: Sample, origin: str, received_at: int) -> Message:
    where = (sample.service, sample.municipality)
    return acceptance.accept(Submission(*where, sample.form, "portal", "bench", origin, received_at)).message


def stored(messages: Iterator[Message], partitions: int = 4) -> list[Stored]:
    """The messages as a topic would hold them."""
    offsets = [0] * partitions
    records = []
    for message in messages:
        partition = partition_for(message.key or b"", partitions)
        place = (message.topic, partition, offsets[partition])
        records.append(Stored(*place, message.key, message.value, tuple(message.headers), 0))
        offsets[partition] += 1
    return records
