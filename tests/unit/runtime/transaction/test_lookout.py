"""What the lookout makes of its looks; what it sees is proved on a broker."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

import pytest
from aiokafka.errors import KafkaConnectionError

from services.runtime.transaction import lookout as module
from services.runtime.transaction.lookout import Lookout
from services.runtime.transaction.waiting import Waiting

FOUND = {0: Waiting(5, 5, 6, received_us=0)}


@dataclass(slots=True)
class Scene:
    """A stage, what waits for it, and the clock."""

    found: Mapping[int, Waiting] = field(default_factory=lambda: FOUND)
    owned: Collection[int] | None = None
    restores: bool = False
    barks: list[float] = field(default_factory=list)
    now: float = 0.0
    asked: list[Collection[int] | None] = field(default_factory=list)
    fails: bool = False

    def partitions(self) -> Collection[int] | None:
        return self.owned

    def restoring(self) -> bool:
        return self.restores

    async def ask(self, partitions: Collection[int] | None) -> Mapping[int, Waiting]:
        self.asked.append(partitions)
        if self.fails:
            raise KafkaConnectionError
        return self.found


@pytest.fixture
def scene(monkeypatch: pytest.MonkeyPatch) -> Scene:
    scene = Scene()
    monkeypatch.setattr(module, "monotonic", lambda: scene.now)
    return scene


async def look(scene: Scene, lookout: Lookout, times: int = 1) -> None:
    for _ in range(times):
        await lookout.look()
        scene.now += 30.0


@pytest.fixture
def lookout(scene: Scene) -> Lookout:
    return Lookout(scene.ask, scene, scene.barks.append, patience=60.0)


async def test_it_barks_when_nothing_moves(scene: Scene, lookout: Lookout) -> None:
    await look(scene, lookout, 3)
    assert (scene.barks, scene.asked) == ([], [None, None, None])
    await look(scene, lookout)
    assert (scene.barks, lookout.found) == ([90.0], FOUND)


@pytest.mark.parametrize("excuse", [{"restores": True}, {"fails": True}, {"found": {}}])
async def test_it_does_not_bark_at_whoever_has_an_excuse(
    scene: Scene, lookout: Lookout, excuse: dict[str, object]
) -> None:
    await look(scene, lookout, 3)
    for name, value in excuse.items():
        setattr(scene, name, value)
    await look(scene, lookout, 3)
    assert scene.barks == []


async def test_a_new_assignment_begins_anew(scene: Scene, lookout: Lookout) -> None:
    async def assigned(partitions: Collection[int] | None) -> Mapping[int, Waiting]:
        scene.owned = {0}
        return await scene.ask(partitions)

    await look(scene, lookout, 3)
    lookout._ask = assigned
    await look(scene, lookout)
    assert scene.barks == []
    await look(scene, lookout)
    assert scene.asked[-2:] == [None, {0}]
