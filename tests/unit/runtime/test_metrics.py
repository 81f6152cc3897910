import re

import pytest
from prometheus_client import CollectorRegistry, Metric

from services.runtime.metrics import Metrics, process_metrics

PERSONAL = {"case", "case_id", "person", "name", "reference", "tenant", "error", "key"}


def declared() -> list[Metric]:
    registry = CollectorRegistry()
    Metrics(registry)
    return list(registry.collect())


@pytest.mark.parametrize("metric", declared(), ids=lambda metric: metric.name)
def test_every_series_has_the_prefix_a_sentence_and_a_base_unit(metric: Metric) -> None:
    assert metric.name.startswith("laufzettel_")
    assert re.fullmatch(r"[A-Z].*[.]", metric.documentation)
    assert not re.search(r"_(ms|millis|milliseconds|minutes|kb|mb|percent)(_|$)", metric.name)
    if metric.type == "histogram":
        assert re.search(r"_(seconds|bytes|records)$", metric.name)


def test_there_are_as_many_as_people_were_promised() -> None:
    names = {metric.name for metric in declared()}
    assert {
        "laufzettel_ingest_requests",
        "laufzettel_ingest_request_duration_seconds",
        "laufzettel_ingest_records",
        "laufzettel_stage_records_in",
        "laufzettel_stage_records_out",
        "laufzettel_stage_duration_seconds",
        "laufzettel_consumer_lag_records",
        "laufzettel_consumer_lag_seconds",
        "laufzettel_dlq_records",
        "laufzettel_ledger_accepted",
        "laufzettel_ledger_terminal",
        "laufzettel_ledger_in_flight",
        "laufzettel_ledger_unaccounted",
        "laufzettel_case_e2e_duration_seconds",
        "laufzettel_build",
    } <= names


def test_no_label_can_hold_a_case_or_a_person() -> None:
    metrics = Metrics(CollectorRegistry())
    groups = (metrics.ingest, metrics.source, metrics.stage, metrics.cases, metrics.ledger)
    labels = {label for group in groups for series in vars(group).values() for label in series._labelnames}
    assert labels
    assert not labels & PERSONAL


def test_a_process_shows_its_memory() -> None:
    assert process_metrics().registry.get_sample_value("process_resident_memory_bytes")
