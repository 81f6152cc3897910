"""The checker is proved before anything is proved with it: planted faults must be found, and nothing else."""

import random
from dataclasses import replace

import pytest

from tests.support.checker import Balance, Effect, Seen, check

CASES, STEPS = 20, 5


@pytest.fixture
def must() -> list[Effect]:
    return [Effect(b"case-%d" % case, f"{case}/{step}", "output") for step in range(STEPS) for case in range(CASES)]


@pytest.fixture
def seen(must: list[Effect]) -> list[Seen]:
    ends = [0] * 4
    found = []
    for effect in must:
        partition = int(effect.key.removeprefix(b"case-")) % 4
        found.append(Seen(effect, "out", partition, ends[partition]))
        ends[partition] += random.choice((1, 2))  # markers leave gaps
    random.shuffle(found)
    return found


def test_a_faultless_run_is_clean(must: list[Effect], seen: list[Seen]) -> None:
    assert check(must, [], seen).clean


def test_one_planted_loss_is_found(must: list[Effect], seen: list[Seen]) -> None:
    victim = seen.pop()
    findings = check(must, [], seen)
    assert findings.lost == [victim.effect]
    assert not findings.clean
    assert str(findings) == "lost 1, duplicated 0, unexpected 0, reordered 0, scattered 0"


def test_one_planted_duplicate_is_found(must: list[Effect], seen: list[Seen]) -> None:
    last = max(seen, key=lambda s: (s.partition, s.offset))
    twin = replace(last, offset=last.offset + 1)
    findings = check(must, [], [*seen, twin])
    assert findings.duplicated == [last.effect]
    assert not findings.reordered


def test_one_planted_reordering_is_found(must: list[Effect], seen: list[Seen]) -> None:
    mine = sorted((s for s in seen if s.effect.key == b"case-7"), key=lambda s: s.offset)
    first, second = mine[1], mine[2]
    swapped = [s for s in seen if s not in (first, second)]
    swapped += [replace(first, offset=second.offset), replace(second, offset=first.offset)]
    findings = check(must, [], swapped)
    assert [(a.effect, b.effect) for a, b in findings.reordered] == [(second.effect, first.effect)]
    assert not findings.lost


def test_an_effect_that_nobody_caused_is_found(must: list[Effect], seen: list[Seen]) -> None:
    ghost = Effect(b"case-1", "nobody", "output")
    assert check(must, [], [*seen, Seen(ghost, "out", 1, 999)]).unexpected == [ghost]


def test_a_key_on_two_partitions_is_found(must: list[Effect], seen: list[Seen]) -> None:
    stray = seen.pop()
    elsewhere = replace(stray, partition=(stray.partition + 1) % 4, offset=999)
    assert check(must, [], [*seen, elsewhere]).scattered == [stray.effect.key]


def test_an_unknown_outcome_may_be_there_once_or_not_at_all(must: list[Effect], seen: list[Seen]) -> None:
    unknown = Effect(b"case-1", "unacknowledged", "output")
    once = Seen(unknown, "out", 1, 999)
    assert check(must, [unknown], seen).clean
    assert check(must, [unknown], [*seen, once]).clean
    assert check(must, [unknown], [*seen, once, replace(once, offset=1000)]).duplicated == [unknown]


def test_the_balance_counts_what_is_missing() -> None:
    assert Balance(accepted=10, delivered=7, filtered=1, dead_lettered=1, in_flight=1).difference == 0
    assert Balance(accepted=10, delivered=7, filtered=1, dead_lettered=1).difference == 1
