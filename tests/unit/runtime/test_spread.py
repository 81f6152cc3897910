from prometheus_client import CollectorRegistry, Histogram, generate_latest

from services.runtime.spread import Spread

BUCKETS = (0.1, 0.5, 1, 10)


def test_it_shows_what_the_client_library_would_show() -> None:
    ours, theirs = CollectorRegistry(), CollectorRegistry()
    spread = Spread("waiting_seconds", "How long.", "place", BUCKETS, ours)
    histogram = Histogram("waiting_seconds", "How long.", ["place"], buckets=BUCKETS, registry=theirs)
    for place, seconds in (("here", [0.0, 0.1, 0.25, 5]), ("there", [10.0, 11]), ("here", [0.5])):
        spread.observe(place, seconds)
        for each in seconds:
            histogram.labels(place).observe(each)
    shown = [line for line in generate_latest(theirs).splitlines() if b"_created" not in line]
    assert generate_latest(ours).splitlines() == shown


def test_what_was_never_observed_has_no_series() -> None:
    registry = CollectorRegistry(auto_describe=True)
    Spread("waiting_seconds", "How long.", "place", BUCKETS, registry)
    assert [family.samples for family in registry.collect()] == [[]]
