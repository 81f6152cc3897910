"""The structure holds, and every rule that holds it is proved to bite by a planted violation."""

import re
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("schemas", "connectors", "services")
ALLOWED = {
    "services",
    "schemas",
    "connectors",
    "deploy",
    "tests",
    "pyproject.toml",
    "README.md",
    "LICENSE",
    "CHANGELOG.md",
}


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    for package in PACKAGES:
        shutil.copytree(ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def lint_imports(folder: Path) -> subprocess.CompletedProcess[str]:
    program = (
        "import sys; sys.path.insert(0, '.'); from importlinter.cli import lint_imports_command; lint_imports_command()"
    )
    command = [sys.executable, "-P", "-c", program, "--no-cache"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def test_dependencies_point_one_way(copy: Path) -> None:
    result = lint_imports(copy)
    assert result.returncode == 0, result.stdout


@pytest.mark.parametrize(
    ("file", "line", "contract"),
    [
        ("schemas/errors.py", "import connectors.hotfolder", "connectors may use schemas"),
        ("schemas/errors.py", "import services.runtime.bus", "never the other way"),
        ("connectors/portal.py", "import services.runtime.bus", "never the other way"),
        ("connectors/portal.py", "import connectors.hotfolder", "connectors do not know each other"),
        ("services/router/core.py", "import services.intake.core", "siblings never meet"),
        ("services/runtime/bus.py", "import services.router.core", "siblings never meet"),
        ("services/runtime/bus.py", "import services.cli", "siblings never meet"),
        ("services/router/core.py", "import aiokafka", "only services.runtime and app.py know Kafka"),
        ("schemas/errors.py", "import kafka", "only services.runtime and app.py know Kafka"),
        ("connectors/portal.py", "import faust", "only services.runtime and app.py know Kafka"),
        ("services/router/processor.py", "import aiokafka", "only services.runtime and app.py know Kafka"),
        ("services/commands/submit.py", "import kafka", "only services.runtime and app.py know Kafka"),
        ("services/intake/endpoint.py", "from aiokafka.errors import KafkaError", "app.py know Kafka"),
        ("services/cli.py", "import mode", "only services.runtime and app.py know Kafka"),
        ("services/router/core.py", "import services.runtime.kafka", "no way leads from a core to Kafka"),
        ("connectors/newcomer.py", "import connectors.hotfolder", "connectors do not know each other"),
        ("services/newcomer/__init__.py", "", "siblings never meet"),
    ],
)
def test_a_planted_import_is_caught(copy: Path, file: str, line: str, contract: str) -> None:
    path = copy / file
    path.parent.mkdir(exist_ok=True)
    path.write_text((path.read_text(encoding="utf-8") if path.exists() else "") + f"\n{line}\n", encoding="utf-8")
    result = lint_imports(copy)
    assert result.returncode == 1, result.stdout
    broken = [row for row in result.stdout.splitlines() if " BROKEN" in row]
    assert any(contract in row for row in broken), result.stdout


@pytest.mark.parametrize(
    ("tool", "source"),
    [
        ("mypy", "def double(n: int) -> int:\n    return n + 'x'\n"),
        ("mypy", "def untyped(n):\n    return n\n"),
        ("ruff", "import logging\n"),
        ("ruff", "print('hello')\n"),
        ("ruff", "def public() -> None:\n    pass\n"),
        ("ruff", "try:\n    pass\nexcept Exception:\n    pass\n"),
    ],
)
def test_type_checker_and_linter_bite(tmp_path: Path, tool: str, source: str) -> None:
    (tmp_path / "planted.py").write_text(source, encoding="utf-8")
    config = str(ROOT / "pyproject.toml")
    options = {
        "mypy": ["--config-file", config, "--cache-dir", str(tmp_path / "cache")],
        "ruff": ["check", "--config", config],
    }
    command = [sys.executable, "-m", tool, *options[tool], "planted.py"]
    result = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert result.returncode == 1, result.stdout + result.stderr
    assert "planted.py" in result.stdout


def test_a_warning_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "test_planted.py").write_text(
        "import warnings\n\ndef test_it():\n    warnings.warn('x')\n", encoding="utf-8"
    )
    config = [
        "-c",
        str(ROOT / "pyproject.toml"),
        "--rootdir",
        str(tmp_path),
        "-p",
        "no:cacheprovider",
        "--confcutdir",
        str(tmp_path),
    ]
    command = [sys.executable, "-m", "pytest", "-q", *config, "test_planted.py"]
    result = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert result.returncode == 1, result.stdout
    assert "UserWarning" in result.stdout


def test_the_top_level_holds_nothing_else() -> None:
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split(
        "\n"
    )
    top = {line.split("/")[0].strip('"') for line in tracked if line}
    assert {name for name in top if not name.startswith(".")} <= ALLOWED


def test_our_package_names_are_ours() -> None:
    for package in PACKAGES:
        spec = find_spec(package)
        assert spec is not None
        assert spec.origin is not None
        assert Path(spec.origin).is_relative_to(ROOT), f"another distribution brings a top-level package {package}"


def test_no_file_names_a_registry_and_lock_files_name_no_host() -> None:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    hosts = re.compile(
        "|".join(
            (
                "py" + r"pi\.org",
                "pythonhosted" + r"\.org",
                "repo1" + r"\.maven",
                "maven" + r"\.org",
                "registry" + r"\.npmjs",
            )
        )
    )
    for name in filter(None, listed.split("\0")):
        path = ROOT / name
        text = path.read_text(encoding="utf-8", errors="ignore") if path.is_file() else ""
        assert not hosts.search(text), name
        if name.startswith("deploy/locks/"):
            assert "//" not in text, name
