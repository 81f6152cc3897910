"""deploy/setup with a Python that only pretends: what it skips, what it refuses, and in which words."""

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
NEEDED = ("bash", "sh", "env", "cat", "cksum", "dirname", "df", "grep", "tail", "tee", "mkdir", "cp", "chmod")

# Every call is written down; "-m venv DIR" installs itself there; "-m pip" fails as $FAILURE says.
PYTHON = """#!/bin/sh
echo "$*" >>"$CALLS"
case "$*" in
  *"-m venv"*) for last; do :; done; mkdir -p "$last/bin"; cp "$0" "$last/bin/python" ;;
  *"-m pip"*) echo "Collecting something==1"
    echo "  Downloading something-1-py3-none-any.whl (12.3 MB)"
    [ -z "$FAILURE" ] || { echo "ERROR: $FAILURE"; exit 1; } ;;
esac
"""


@dataclass(frozen=True)
class Checkout:
    root: Path
    tools: Path
    calls: Path

    def setup(self, *arguments: str, failure: str = "") -> subprocess.CompletedProcess[str]:
        environ = {"PATH": str(self.tools), "CALLS": str(self.calls), "FAILURE": failure}
        return subprocess.run(
            [self.root / "deploy" / "setup", *arguments], env=environ, capture_output=True, text=True, check=False
        )


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    root, tools = tmp_path / "checkout", tmp_path / "tools"
    for part in ("deploy/setup", "deploy/locks", "services/runtime/broker/jars.txt", "pyproject.toml"):
        copy = shutil.copytree if (ROOT / part).is_dir() else shutil.copy
        (root / part).parent.mkdir(parents=True, exist_ok=True)
        copy(ROOT / part, root / part)
    tools.mkdir()
    for tool in NEEDED:
        (tools / tool).symlink_to(shutil.which(tool) or pytest.fail(f"no {tool}"))
    (tools / "python3").write_text(PYTHON, encoding="ascii")
    (tools / "python3").chmod(0o755)
    calls = tmp_path / "calls"
    calls.touch()
    return Checkout(root, tools, calls)


def test_the_second_start_skips_everything(checkout: Checkout) -> None:
    assert checkout.setup().returncode == 0
    before = checkout.calls.read_text(encoding="utf-8")
    assert "--require-hashes -r deploy/locks/build.txt -r deploy/locks/runtime.txt" in before
    assert checkout.setup().returncode == 0
    assert checkout.calls.read_text(encoding="utf-8") == before


def test_a_large_download_is_announced_with_its_size_where_nobody_looks(checkout: Checkout) -> None:
    lines = checkout.setup().stderr.splitlines()
    assert any(line.endswith(": something-1-py3-none-any.whl (12.3 MB)") for line in lines), lines


def test_what_suffices_to_test_suffices_to_run_but_not_the_other_way(checkout: Checkout) -> None:
    checkout.setup()
    checkout.setup("development")
    before = checkout.calls.read_text(encoding="utf-8")
    assert "--require-hashes -r deploy/locks/development.txt\n" in before
    checkout.setup()
    assert checkout.calls.read_text(encoding="utf-8") == before


def test_the_browser_comes_on_top_and_only_when_asked_for(checkout: Checkout) -> None:
    checkout.setup("development")
    assert "browser.txt" not in checkout.calls.read_text(encoding="utf-8")
    checkout.setup("browser")
    before = checkout.calls.read_text(encoding="utf-8")
    assert "-r deploy/locks/development.txt -r deploy/locks/browser.txt" in before
    for kind in ("browser", "development", "runtime"):
        assert checkout.setup(kind).returncode == 0
    assert checkout.calls.read_text(encoding="utf-8") == before


def test_a_kind_that_does_not_exist_is_refused_with_those_that_do(checkout: Checkout) -> None:
    done = checkout.setup("everything")
    assert done.returncode == 1
    assert "'deploy/setup development'" in done.stderr


def test_another_lock_is_installed(checkout: Checkout) -> None:
    checkout.setup()
    before = len(checkout.calls.read_text(encoding="utf-8"))
    with (checkout.root / "deploy" / "locks" / "runtime.txt").open("a", encoding="ascii") as lock:
        lock.write("# changed\n")
    checkout.setup()
    assert len(checkout.calls.read_text(encoding="utf-8")) > before


@pytest.mark.parametrize(
    ("failure", "sentence"),
    [
        ("Max retries exceeded, Connection refused", "a package could not be downloaded"),
        ("[Errno 28] No space left on device", "the disk is full"),
        ("THESE PACKAGES DO NOT MATCH THE HASHES", "another content than the lock file expects"),
        ("[Errno 13] Permission denied", "cannot be written"),
        ("who knows", "pip failed"),
    ],
)
def test_a_failure_is_one_sentence_and_a_remedy(checkout: Checkout, failure: str, sentence: str) -> None:
    done = checkout.setup(failure=failure)
    assert done.returncode == 1
    assert sentence in done.stderr.splitlines()[-2]
    assert done.stderr.splitlines()[-1].startswith("Remedy: ")
    assert checkout.setup().returncode == 0  # and nothing is left that hinders the next attempt


def test_without_a_suitable_python_it_says_which_to_install(checkout: Checkout) -> None:
    (checkout.tools / "python3").write_text("#!/bin/sh\nexit 1\n", encoding="ascii")
    done = checkout.setup()
    assert done.returncode == 1
    assert "no Python 3.11, 3.12 or 3.13" in done.stderr


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_checkout_that_cannot_be_written_is_told_as_such(checkout: Checkout) -> None:
    checkout.root.chmod(0o555)
    try:
        assert "cannot be written" in checkout.setup().stderr
    finally:
        checkout.root.chmod(0o755)
