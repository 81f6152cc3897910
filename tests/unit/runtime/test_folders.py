from pathlib import Path

import pytest

from services.runtime.folders import cache_dir, data_dir


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({"LAUFZETTEL_CACHE_DIR": "/own", "XDG_CACHE_HOME": "/xdg"}, Path("/own")),
        ({"XDG_CACHE_HOME": "/xdg"}, Path("/xdg/laufzettel")),
    ],
)
def test_the_own_setting_comes_before_the_systems(environ: dict[str, str], expected: Path) -> None:
    assert cache_dir(environ) == expected


@pytest.mark.parametrize(
    ("platform", "expected"), [("linux", ".local/share"), ("darwin", "Library/Application Support")]
)
def test_data_belongs_to_the_user_and_not_to_the_working_directory(
    platform: str, expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.platform", platform)
    assert data_dir({}) == Path.home() / expected / "laufzettel"
