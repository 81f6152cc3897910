import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from schemas.errors import Misconfigured
from services.intake.gate import Gate
from services.intake.keyring import new_key, read_keyring
from services.intake.problems import Refused
from services.intake.rotation import watch_keyring
from tests.support.intake import digest_of


def portals(folder: Path, text: str) -> Path:
    path = folder / "portals.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_several_keys_open_for_one_portal(tmp_path: Path) -> None:
    path = portals(
        tmp_path, f"portals: {{a: {{keys: [{digest_of('old')}, {digest_of('new')}]}}, b: {{keys: {digest_of('b')}}}}}"
    )
    ring = read_keyring(path)
    assert [ring.portal_of(key) for key in (b"old", b"new", b"b", b"c", b"")] == ["a", "a", "b", None, None]


def test_a_new_key_opens_with_its_digest() -> None:
    key, digest = new_key()
    assert digest == digest_of(key)
    assert new_key() != new_key()


def test_every_problem_of_the_file_is_said_and_no_key_repeated(tmp_path: Path) -> None:
    path = portals(tmp_path, "portals:\n  Big: {keys: secret-in-clear}\n  a: {keys: []}\n  b: {key: x, rate: -1}\n")
    with pytest.raises(Misconfigured) as caught:
        read_keyring(path)
    said = str(caught.value)
    assert [line for line in (2, 3, 4) if f"portals.yaml:{line}:" not in said] == []
    assert "secret-in-clear" not in said


def test_a_missing_file_and_an_ambiguous_key_are_misconfigured(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match=r"portals\.yaml"):
        read_keyring(tmp_path / "portals.yaml")
    with pytest.raises(Misconfigured, match="twice"):
        read_keyring(portals(tmp_path, f"portals: {{a: {{keys: {digest_of('k')}}}, b: {{keys: {digest_of('k')}}}}}"))


def test_a_portal_has_its_own_rate(tmp_path: Path) -> None:
    path = portals(
        tmp_path, f"portals: {{slow: {{keys: {digest_of('s')}, rate: 1, burst: 1}}, quick: {{keys: {digest_of('q')}}}}}"
    )
    gate = Gate(read_keyring(path), rate=10.0, burst=2.0)
    assert gate.admit({b"x-api-key": b"s"}, 0.0) == "slow"
    with pytest.raises(Refused) as caught:
        gate.admit({b"x-api-key": b"s"}, 0.5)
    assert caught.value.kind.status == 429
    assert caught.value.retry_after == pytest.approx(0.5)
    assert gate.admit({b"x-api-key": b"q"}, 0.5) == "quick"


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not condition():  # noqa: ASYNC110 - nobody sets an event for it
            await asyncio.sleep(0.001)


def opens(gate: Gate, key: bytes) -> bool:
    try:
        gate.admit({b"x-api-key": key}, 0.0)
    except Refused:
        return False
    return True


async def test_a_changed_file_takes_effect_and_a_broken_one_does_not(tmp_path: Path) -> None:
    path = portals(tmp_path, f"portals: {{a: {{keys: {digest_of('old')}}}}}")
    gate = Gate(read_keyring(path), 10.0, 10.0)
    with capture_logs() as lines:
        watching = asyncio.create_task(watch_keyring(path, gate, every=0.001))
        portals(tmp_path, "portals: {")
        await until(lambda: "portal_keys_unreadable" in [line["event"] for line in lines])
        assert opens(gate, b"old")
        portals(tmp_path, f"portals: {{a: {{keys: {digest_of('new')}}}}}")
        await until(lambda: opens(gate, b"new"))
        assert not opens(gate, b"old")
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)
