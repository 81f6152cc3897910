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


def submissions(book: Kochbuch, count: int, *, seed: int = 1, start: int = START) -> Iterator[Message]:
    """That many different cases, drawn evenly from the samples."""
    acceptance, chosen, known = Acceptance(book), random.Random(seed), samples(book)
    for number in range(count):
        sample = chosen.choice(known)
        submission = Submission(
            sample.service, sample.municipality, sample.form, "portal", "bench", f"{seed}-{number}", start + number
        )
        yield acceptance.accept(submission).message


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
