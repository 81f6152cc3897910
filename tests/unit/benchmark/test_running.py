import pytest

from tests.benchmark.running import sum_of, until

TEXT = """\
# HELP laufzettel_ingest_records_total Records taken from outside.
# TYPE laufzettel_ingest_records_total counter
laufzettel_ingest_records_total{connector="a",outcome="accepted"} 3.0
laufzettel_ingest_records_total{connector="b",outcome="accepted"} 4.0
laufzettel_ingest_records_total{connector="a",outcome="rejected"} 5.0
laufzettel_ingest_buffer_bytes 1.5e+03
"""


def test_the_series_of_a_metric_are_added_up() -> None:
    name = "laufzettel_ingest_records_total"
    assert sum_of(TEXT, name, {}) == 12
    assert sum_of(TEXT, name, {"outcome": "accepted"}) == 7
    assert sum_of(TEXT, name, {"outcome": "accepted", "connector": "b"}) == 4
    assert sum_of(TEXT, "laufzettel_ingest_buffer_bytes", {}) == 1500
    assert sum_of(TEXT, "laufzettel_ingest_records", {}) == 0


def test_waiting_ends_with_the_condition_or_with_patience() -> None:
    answers = iter((False, False, True))
    until(lambda: next(answers), 0)
    with pytest.raises(TimeoutError):
        until(lambda: False, 0, within=0.01)
