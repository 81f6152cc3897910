"""Every connector of the registry keeps the contract of connectors/base.py; a new one is found by itself."""

import json
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

import connectors
from connectors import CONNECTORS
from connectors.base import Connector, Delivery, Item, Mark, Pull, Translator
from connectors.hotfolder import FolderInlet, HotFolder
from connectors.sources import read_sources
from schemas.errors import Rejected, Unavailable
from schemas.kochbuch import Kochbuch, read_kochbuch
from schemas.rules import CHANNELS
from schemas.submission import Submission
from tests.support import conformance, conformance_keeping
from tests.support.conformance import FOR_ALL, FOR_PULL, Check
from tests.support.connector_examples import Example, all_examples, examples_of, records

HERE = Path(connectors.__file__).parent
HOTFOLDER: Connector[Any] = CONNECTORS["hotfolder"]
CASES = [
    pytest.param(check, example, id=f"{example.connector.name}-{example.folder.name}-{check.__name__}")
    for example in all_examples()
    for check in (*FOR_ALL, *(FOR_PULL if example.connector.pull else ()))
]


@pytest.fixture(scope="module")
def book() -> Kochbuch:
    return read_kochbuch()


@pytest.mark.parametrize(("check", "example"), CASES)
def test_every_connector_keeps_its_promises(check: Check, example: Example, book: Kochbuch, tmp_path: Path) -> None:
    check(example, book, tmp_path)


def test_the_registry_is_alphabetical_and_names_agree() -> None:
    assert list(CONNECTORS) == sorted(CONNECTORS)
    assert all(name == connector.name for name, connector in CONNECTORS.items())


def test_every_module_with_a_connector_is_in_the_registry() -> None:
    declared = {path.stem for path in HERE.glob("*.py") if "\nCONNECTOR = " in path.read_text(encoding="utf-8")}
    assert declared == set(CONNECTORS)


@pytest.mark.parametrize("name", CONNECTORS)
def test_every_connector_has_examples_and_a_row_in_the_table(name: str) -> None:
    connector = CONNECTORS[name]
    row = f"| [{name}]({name}.py) | {'pull' if connector.pull else 'push'} | {connector.summary} |"
    assert row in (HERE / "README.md").read_text(encoding="utf-8").splitlines()
    assert examples_of(connector)


@pytest.mark.parametrize("name", CONNECTORS)
def test_every_setting_of_every_connector_is_described(name: str) -> None:
    undescribed = list(_undescribed(CONNECTORS[name].config.model_json_schema()))
    assert not undescribed


@pytest.mark.parametrize("example", all_examples(), ids=lambda example: example.folder.name)
def test_rules_can_name_the_channel_of_every_connector(example: Example, tmp_path: Path) -> None:
    made = [content for _, content, _ in records(example, tmp_path) if isinstance(content, Submission)]
    assert {submission.channel for submission in made} <= set(CHANNELS)


def _undescribed(schema: Mapping[str, Any]) -> Iterator[str]:
    for owner in (schema, *schema.get("$defs", {}).values()):
        for name, entry in owner.get("properties", {}).items():
            if not entry.get("description"):
                yield f"{owner.get('title')}.{name}"


def test_the_sources_that_ship_are_those_of_the_examples(book: Kochbuch) -> None:
    shipped = {source.name: source.config for source in read_sources(book)}
    assert shipped == {example.source: example.config for example in examples_of(HOTFOLDER)}


# What follows proves that the suite bites: each planted fault is found by the check that names it.


def _reading(inlet: type[FolderInlet]) -> Connector[Any]:
    return replace(HOTFOLDER, pull=Pull(inlet))


def _explodes(_config: HotFolder, _source: str) -> Translator:
    return lambda raw: Submission(**json.loads(raw.data))


def _asks_the_clock(config: HotFolder, source: str) -> Translator:
    sound = HOTFOLDER.translator(config, source)
    return lambda raw: replace(sound(raw), received_at=time.time_ns() // 1000)


def _remembers(config: HotFolder, source: str) -> Translator:
    sound, seen = HOTFOLDER.translator(config, source), count()
    return lambda raw: replace(sound(raw), origin=f"{raw.origin}-{next(seen)}")


class ForgetsTheMark(FolderInlet):
    def read(self, delivery: Delivery, mark: Mark, received_at: int) -> Iterator[Item]:
        del mark
        return super().read(delivery, (), received_at)


class SkipsARecord(FolderInlet):
    def read(self, delivery: Delivery, mark: Mark, received_at: int) -> Iterator[Item]:
        items = super().read(delivery, mark, received_at)
        if mark:
            next(items, None)
        return items


class SaysNothingOfAnOutage(FolderInlet):
    def poll(self, now: float) -> Delivery | None:
        return super().poll(now) if self._folder.path.exists() else None


class ChangesTheFingerprint(FolderInlet):
    count = 0

    def poll(self, now: float) -> Delivery | None:
        delivery = super().poll(now)
        ChangesTheFingerprint.count += 1
        return replace(delivery, fingerprint=str(ChangesTheFingerprint.count)) if delivery else None


class PutsAwayWhatIsOnlyRead(FolderInlet):
    def read(self, delivery: Delivery, mark: Mark, received_at: int) -> Iterator[Item]:
        yield from super().read(delivery, mark, received_at)
        super().done(delivery, duplicate=False)


class ReadsAllAtOnce(FolderInlet):
    def read(self, delivery: Delivery, mark: Mark, received_at: int) -> Iterator[Item]:
        return iter(list(super().read(delivery, mark, received_at)))


class IsDoneWhateverHappens(FolderInlet):
    def done(self, delivery: Delivery, *, duplicate: bool) -> None:
        with suppress(Unavailable):
            super().done(delivery, duplicate=duplicate)


class DeletesWhatIsDone(FolderInlet):
    def done(self, delivery: Delivery, *, duplicate: bool) -> None:
        del duplicate
        (self._folder.path / "work" / delivery.name).unlink()


class DeletesWhatIsPaused(FolderInlet):
    def pause(self, delivery: Delivery, why: Rejected) -> None:
        super().pause(delivery, why)
        (self._folder.path / "paused" / delivery.name).unlink()


class PausesWithoutAWord(FolderInlet):
    def pause(self, delivery: Delivery, why: Rejected) -> None:
        super().pause(delivery, Rejected(why.reason, "paused"))


class PausesNothing(FolderInlet):
    def pause(self, delivery: Delivery, why: Rejected) -> None:
        del delivery, why


class StampsAnotherSource(FolderInlet):
    def __init__(self, config: HotFolder, source: str, root: Path) -> None:
        super().__init__(config, f"{source}-2", root)


PLANTED: list[tuple[Check, Connector[Any]]] = [
    (conformance.nonsense_is_rejected, replace(HOTFOLDER, translator=_explodes)),
    (conformance.translating_is_pure, replace(HOTFOLDER, translator=_asks_the_clock)),
    (conformance.translating_is_pure, replace(HOTFOLDER, translator=_remembers)),
    (conformance.one_record_alone_gives_the_same, replace(HOTFOLDER, translator=_remembers)),
    (conformance.reading_goes_on_at_every_mark, _reading(ForgetsTheMark)),
    (conformance.reading_goes_on_at_every_mark, _reading(SkipsARecord)),
    (conformance_keeping.an_outage_is_unavailable, _reading(SaysNothingOfAnOutage)),
    (conformance_keeping.an_outage_while_it_is_taken_is_unavailable, _reading(ReadsAllAtOnce)),
    (conformance_keeping.an_outage_while_it_is_taken_is_unavailable, _reading(IsDoneWhateverHappens)),
    (conformance_keeping.what_is_paused_stays_until_a_person_acts, _reading(DeletesWhatIsPaused)),
    (conformance_keeping.what_is_paused_stays_until_a_person_acts, _reading(PausesWithoutAWord)),
    (conformance_keeping.what_is_paused_stays_until_a_person_acts, _reading(PausesNothing)),
    (conformance_keeping.what_is_done_is_kept, _reading(DeletesWhatIsDone)),
    (conformance.a_kill_at_any_moment_loses_and_doubles_nothing, _reading(ForgetsTheMark)),
    (conformance.a_kill_at_any_moment_loses_and_doubles_nothing, _reading(SkipsARecord)),
    (conformance.a_kill_at_any_moment_loses_and_doubles_nothing, _reading(PutsAwayWhatIsOnlyRead)),
    (conformance.the_same_content_again_sends_nothing, _reading(ChangesTheFingerprint)),
    (conformance.the_source_is_stamped_and_origins_differ, _reading(StampsAnotherSource)),
]


@pytest.mark.parametrize(("check", "faulty"), PLANTED)
def test_the_suite_finds_a_planted_fault(check: Check, faulty: Connector[Any], book: Kochbuch, tmp_path: Path) -> None:
    example = replace(examples_of(HOTFOLDER)[0], connector=faulty)
    with pytest.raises((AssertionError, ValueError, pytest.fail.Exception)) as found:
        check(example, book, tmp_path)
    assert not isinstance(found.value, Rejected)


def test_the_suite_finds_a_setting_without_description() -> None:
    class Bare(BaseModel):
        folder: str

    assert list(_undescribed(Bare.model_json_schema())) == ["Bare.folder"]
