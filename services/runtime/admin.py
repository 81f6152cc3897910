"""Admin: topics, offsets and lag of a cluster, by kafka-python."""

import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from time import monotonic, sleep
from types import TracebackType
from typing import Any, Self

with warnings.catch_warnings():
    # kafka-python 3.0.12 reads its protocol files through functions that Python 3.11 deprecates.
    warnings.simplefilter("ignore", DeprecationWarning)
    from kafka import KafkaAdminClient, TopicPartition
    from kafka.admin import ConfigResource, ConfigResourceType, OffsetSpec
    from kafka.errors import (
        CoordinatorLoadInProgressError,
        CoordinatorNotAvailableError,
        KafkaError,
        NotCoordinatorError,
    )
    from kafka.protocol.consumer import IsolationLevel

from schemas.errors import Problem, Unavailable, raise_if_any
from services.runtime.topic_plan import Creation, Drift, Existing

_PAUSE_S = 0.05
Offsets = dict[tuple[str, int], int]
"""Offsets by topic and partition."""


@contextmanager
def translated(bootstrap: str) -> Iterator[None]:
    """Kafka's errors as Unavailable, with the address in words; what a bug raises passes through."""
    try:
        yield
    except (KafkaError, OSError) as error:
        raise Unavailable(away(bootstrap, error)) from error


def away(bootstrap: str, error: Exception) -> Problem:
    """What to say when a client cannot work with the cluster."""
    name = type(error).__name__
    why = f"{name}: {str(error).removeprefix(f'{name}: ')}".removesuffix(": ")
    return Problem(
        bootstrap,
        f"Der Kafka-Cluster antwortet nicht wie erwartet ({why}). Abhilfe: LAUFZETTEL_KAFKA, LAUFZETTEL_KAFKA_SECURITY "
        "und den Broker prüfen; „laufzettel doctor“ sagt mehr.",
        f"The Kafka cluster does not answer as expected ({why}). Remedy: check LAUFZETTEL_KAFKA, "
        "LAUFZETTEL_KAFKA_SECURITY and the broker; “laufzettel doctor” says more.",
    )


class Admin:
    """One connection for administration; every method raises Unavailable when the cluster does not answer."""

    def __init__(self, client: Mapping[str, Any], timeout_ms: int = 15_000) -> None:
        """``client`` holds what all clients share: Connection.client()."""
        self._bootstrap = str(client["bootstrap_servers"])
        self._timeout_ms = timeout_ms
        with translated(self._bootstrap):
            self._client = KafkaAdminClient(
                **client,
                client_id="laufzettel-admin",
                bootstrap_timeout_ms=min(timeout_ms, 5_000),
                request_timeout_ms=timeout_ms,
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._client.close()

    def brokers(self) -> int:
        """How many brokers the cluster has."""
        with translated(self._bootstrap):
            return len(self._client.describe_cluster()["brokers"])

    def topics(self, names: Iterable[str]) -> dict[str, Existing]:
        """Those of the topics that exist."""
        with translated(self._bootstrap):
            here = sorted(set(names) & set(self._client.list_topics()))
            if not here:
                return {}
            described = {topic["name"]: len(topic["partitions"]) for topic in self._client.describe_topics(here)}
            resources = [ConfigResource(ConfigResourceType.TOPIC, name) for name in here]
            configs = self._client.describe_configs(resources, config_filter="all")["topic"]
        return {name: Existing(described[name], _values(configs[name])) for name in here}

    def create(self, topics: Iterable[Creation], replication: int = -1) -> None:
        """Creates topics and returns when they can be used."""
        wanted = {
            topic.topic: {
                "num_partitions": topic.partitions,
                "replication_factor": replication,
                "configs": dict(topic.config),
            }
            for topic in topics
        }
        if wanted:
            with translated(self._bootstrap):
                self._client.create_topics(wanted, wait_for_metadata=True)

    def await_coordinators(self, group: str, transactional_id: str) -> None:
        """Returns when groups and transactions can begin.

        A fresh broker makes their topics when the first client asks, and refuses that client: services that start
        against it would all back off for seconds.
        """
        deadline = monotonic() + self._timeout_ms / 1000
        for ask in (
            lambda: self._client.describe_groups([group]),
            lambda: self._client.describe_transactions([transactional_id]),
        ):
            while not _is_coordinated(ask):
                if monotonic() > deadline:
                    raise Unavailable(away(self._bootstrap, TimeoutError("no coordinator")))
                sleep(_PAUSE_S)

    def configure(self, changes: Iterable[Drift]) -> None:
        """Sets what differs."""
        settings: dict[str, dict[str, str]] = {}
        for change in changes:
            settings.setdefault(change.topic, {})[change.setting] = change.desired
        resources = [ConfigResource(ConfigResourceType.TOPIC, name, values) for name, values in settings.items()]
        if resources:
            with translated(self._bootstrap):
                outcome = self._client.alter_configs(resources)["topic"]
            raise_if_any(_not_set(name, why) for name, why in outcome.items() if why != "OK")

    def partitions(self, topics: Iterable[str]) -> dict[str, int]:
        """The number of partitions of those topics that exist."""
        with translated(self._bootstrap):
            here = sorted(set(topics) & set(self._client.list_topics()))
            return {t["name"]: len(t["partitions"]) for t in self._client.describe_topics(here)} if here else {}

    def groups(self) -> list[str]:
        """Every consumer group."""
        with translated(self._bootstrap):
            return sorted(str(group["group_id"]) for group in self._client.list_groups())

    def committed(self, group: str) -> Offsets:
        """The offsets that a group has committed; empty for a group that does not exist."""
        if group not in self.groups():
            # Asking for its coordinator would fail on a cluster that has never had any group.
            return {}
        with translated(self._bootstrap):
            found = self._client.list_group_offsets(group)[group]
        return {(tp.topic, tp.partition): entry.offset for tp, entry in found.items() if entry.offset >= 0}

    def ends(self, partitions: Iterable[tuple[str, int]], *, committed: bool = True) -> Offsets:
        """Where each partition ends: for readers of committed records, or with open transactions."""
        return self._offsets(partitions, OffsetSpec.LATEST, committed=committed)

    def starts(self, partitions: Iterable[tuple[str, int]]) -> Offsets:
        """Where each partition begins."""
        return self._offsets(partitions, OffsetSpec.EARLIEST, committed=False)

    def _offsets(self, partitions: Iterable[tuple[str, int]], spec: Any, *, committed: bool) -> Offsets:  # noqa: ANN401
        wanted = {TopicPartition(topic, number): spec for topic, number in partitions}
        level = IsolationLevel.READ_COMMITTED if committed else IsolationLevel.READ_UNCOMMITTED
        if not wanted:
            return {}
        with translated(self._bootstrap):
            found = self._client.list_partition_offsets(wanted, level)
        return {(tp.topic, tp.partition): entry.offset for tp, entry in found.items()}


def _is_coordinated(ask: Callable[[], Any]) -> bool:
    """Unknown ids are an answer as well: there is somebody who knows that they are unknown."""
    try:
        ask()
    except (CoordinatorNotAvailableError, CoordinatorLoadInProgressError, NotCoordinatorError):
        return False
    except KafkaError:
        return True
    return True


def _not_set(name: str, why: str) -> Problem:
    return Problem(
        name,
        f"Der Broker nimmt die Einstellungen nicht an: {why}. Abhilfe: Rechte des Zugangs prüfen.",
        f"The broker does not accept the settings: {why}. Remedy: check what this account may do.",
    )


def _values(config: Mapping[str, Any]) -> dict[str, str]:
    return {name: str(entry["value"]) for name, entry in config.items()}
