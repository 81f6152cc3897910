import errno
import hashlib
import os
from pathlib import Path
from threading import Event

import pytest

from schemas.errors import Misconfigured, Unavailable
from services.runtime.broker import download
from services.runtime.broker.download import Jar
from services.runtime.broker.jars import pinned, provide

CONTENT = b"a jar"


def jar(name: str, content: bytes = CONTENT) -> Jar:
    return Jar("org.example", name, "1.0", hashlib.sha256(content).hexdigest())


class Repository:
    """Stands where jgo's resolver stands: writes the file and returns its path, or fails."""

    def __init__(self, failures: dict[str, BaseException]) -> None:
        self.failures = failures
        self.asked: list[str] = []
        self.content = CONTENT

    def resolve(self, name: str, path: Path) -> Path:
        self.asked.append(name)
        if (failure := self.failures.get(name)) is not None:
            raise failure
        path.parent.mkdir(parents=True)
        path.write_bytes(self.content)
        return path


@pytest.fixture
def repository(monkeypatch: pytest.MonkeyPatch) -> Repository:
    import jgo.maven

    repository = Repository({})

    def resolve(artifact: jgo.maven.Artifact) -> Path:
        assert artifact.cached_path is not None
        return repository.resolve(artifact.artifactId, artifact.cached_path)

    monkeypatch.setattr(jgo.maven.Artifact, "resolve", resolve)
    return repository


def silent(_what: str, _done: int, _of: int) -> None:
    pass


def test_what_is_there_is_not_fetched_again_and_what_is_damaged_is(repository: Repository, tmp_path: Path) -> None:
    jars = [jar("whole"), jar("damaged"), jar("absent")]
    (tmp_path / "whole-1.0.jar").write_bytes(CONTENT)
    (tmp_path / "damaged-1.0.jar").write_bytes(CONTENT[:2])
    paths = provide(jars, tmp_path, silent)
    assert sorted(repository.asked) == ["absent", "damaged"]
    assert [path.read_bytes() for path in paths] == [CONTENT] * 3
    assert sorted(path.name for path in tmp_path.iterdir()) == ["absent-1.0.jar", "damaged-1.0.jar", "whole-1.0.jar"]


def test_progress_counts_what_has_to_be_fetched(repository: Repository, tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    provide([jar("a"), jar("b")], tmp_path, lambda _what, done, of: seen.append((done, of)))
    assert (seen[0], seen[-1]) == ((0, 2), (2, 2))
    assert seen == sorted(seen)
    assert len(repository.asked) == 2


class EnoughError(Exception):
    pass


def test_a_download_that_hangs_can_be_broken_off(
    repository: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    network = Event()
    answer = repository.resolve

    def hang(name: str, path: Path) -> Path:
        if name == "hangs":
            network.wait(60)
        return answer(name, path)

    def break_off(_what: str, done: int, _of: int) -> None:
        if done:
            raise EnoughError

    monkeypatch.setattr(repository, "resolve", hang)
    monkeypatch.setattr(download, "_FAREWELL_S", 0.0)
    try:
        with pytest.raises(EnoughError):
            provide([jar("fine"), jar("hangs")], tmp_path, break_off)
        assert [path.name for path in tmp_path.iterdir()] == ["fine-1.0.jar"]
    finally:
        network.set()


def test_what_was_left_by_a_process_that_was_killed_is_swept(repository: Repository, tmp_path: Path) -> None:
    left, running = tmp_path / "incoming-left", tmp_path / "incoming-now"
    for folder in (left, running):
        (folder / "org").mkdir(parents=True)
    os.utime(left, (1_000, 1_000))
    provide([jar("a")], tmp_path, silent)
    assert repository.asked
    assert not left.exists()
    assert running.exists(), "it belongs to another process"


def test_another_content_is_refused_and_not_kept(repository: Repository, tmp_path: Path) -> None:
    repository.content = b"something else"
    with pytest.raises(Unavailable, match="SHA-256"):
        provide([jar("a")], tmp_path, silent)
    assert not list(tmp_path.iterdir())


def test_an_interrupted_download_goes_on_where_it_stopped(repository: Repository, tmp_path: Path) -> None:
    import requests

    repository.failures["b"] = requests.ConnectionError("away")
    with pytest.raises(Unavailable, match=r"b-1\.0\.jar could not be downloaded\. Remedy"):
        provide([jar("a"), jar("b")], tmp_path, silent)
    repository.failures.clear()
    provide([jar("a"), jar("b")], tmp_path, silent)
    assert repository.asked.count("a") == 1


@pytest.mark.parametrize("wrapped", [False, True])
def test_a_full_disk_is_told_as_such(repository: Repository, tmp_path: Path, wrapped: bool) -> None:
    import requests

    full = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    failure: BaseException = full
    if wrapped:
        failure = requests.RequestException("write failed")
        failure.__cause__ = full
    repository.failures["a"] = failure
    with pytest.raises(Misconfigured, match=r"disk is full.*LAUFZETTEL_CACHE_DIR"):
        provide([jar("a")], tmp_path, silent)


def test_a_cache_that_cannot_be_written_is_told_as_such(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(Misconfigured, match=r"cannot be written.*LAUFZETTEL_CACHE_DIR"):
        provide([jar("a")], tmp_path / "file", silent)


def test_45_jars_are_pinned_each_once() -> None:
    jars = pinned()
    assert len({(jar.group, jar.artifact) for jar in jars}) == len(jars) == 45
    assert {jar.version for jar in jars if jar.group == "org.apache.kafka"} == {"4.3.1"}
    assert all(len(jar.sha256) == 64 for jar in jars)
