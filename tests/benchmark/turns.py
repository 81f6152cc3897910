"""Turns: value and floor measured alternately, so that what else the machine does falls on both."""

from collections.abc import Callable
from statistics import median
from time import process_time
from typing import Any

Measure = Callable[[], float]


def alternately(rounds: int, *measures: Measure) -> tuple[float, ...]:
    """A B A B …; the median of each."""
    taken = [tuple(measure() for measure in measures) for _ in range(rounds)]
    return tuple(median(column) for column in zip(*taken, strict=True))


def cpu_micros(work: Callable[[], Any], count: int) -> float:
    """CPU microseconds of this process for each of ``count`` pieces of work."""
    began = process_time()
    work()
    return (process_time() - began) * 1e6 / count
