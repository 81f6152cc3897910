"""Spread: a histogram whose values come by the hundred, at a fifth of what prometheus_client takes for each."""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from itertools import accumulate

from prometheus_client import CollectorRegistry
from prometheus_client.metrics_core import HistogramMetricFamily
from prometheus_client.utils import floatToGoString


class Spread:
    """One series for each value of its one label; to be fed in the thread in which it is collected."""

    def __init__(
        self, name: str, meaning: str, label: str, buckets: Sequence[float], registry: CollectorRegistry
    ) -> None:
        self._name, self._meaning, self._labelnames = name, meaning, (label,)
        self._bounds = tuple(buckets)
        self._edges = [*map(floatToGoString, buckets), "+Inf"]
        self._counts: dict[str, list[int]] = {}
        self._sums: dict[str, float] = {}
        registry.register(self)

    def observe(self, value: str, seconds: Sequence[float]) -> None:
        """Adds observations to the series with this value of the label."""
        counts = self._counts.setdefault(value, [0] * len(self._edges))
        for each in seconds:
            counts[bisect_left(self._bounds, each)] += 1
        self._sums[value] = self._sums.get(value, 0.0) + sum(seconds)

    def collect(self) -> Iterator[HistogramMetricFamily]:
        """See prometheus_client.registry.Collector."""
        family = HistogramMetricFamily(self._name, self._meaning, labels=self._labelnames)
        for value, counts in self._counts.items():
            reached = map(float, accumulate(counts))
            family.add_metric([value], list(zip(self._edges, reached, strict=True)), self._sums[value])
        yield family
