"""A Chromium of the machine, driven by playwright; nothing is downloaded, and without one its tests are skipped."""

import shutil
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache
from importlib.util import find_spec
from typing import Any

Page = Any
"""A playwright page; playwright is not installed everywhere."""

_NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
_OFFLINE = ("--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update")
_FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-sync", "--force-color-profile=srgb", *_OFFLINE)
SCHEMES: dict[str, dict[str, str]] = {
    "light": {"color_scheme": "light"},
    "dark": {"color_scheme": "dark"},
    "forced": {"color_scheme": "dark", "forced_colors": "active"},
}


@cache
def find_chromium() -> str | None:
    """The first Chromium on the PATH that can say its version; some distributions install a hint instead."""
    for path in filter(None, map(shutil.which, _NAMES)):
        try:
            asked = subprocess.run([path, "--version"], capture_output=True, timeout=30, check=False)
        except (OSError, subprocess.TimeoutExpired):
            continue
        if asked.returncode == 0:
            return path
    return None


def missing() -> str | None:
    """What it takes to open a browser and is not here, in a sentence."""
    if find_chromium() is None:
        return "pages are not tested: there is no Chromium on the PATH (Debian, Ubuntu: apt install chromium)"
    if find_spec("playwright") is None or find_spec("axe_playwright_python") is None:
        return "pages are not tested: their packages are missing; 'deploy/setup browser' installs them"
    return None


@asynccontextmanager
async def open_browser() -> AsyncIterator["Browser"]:
    """A browser with a profile of its own, gone afterwards; only where nothing is missing."""
    from playwright.async_api import async_playwright

    async with (
        async_playwright() as driver,
        await driver.chromium.launch(executable_path=find_chromium(), args=_FLAGS) as chromium,
    ):
        yield Browser(chromium)


class Browser:
    """Opens pages, each in a context of its own."""

    def __init__(self, chromium: Any) -> None:  # noqa: ANN401 - playwright is not installed everywhere
        self._chromium = chromium

    @asynccontextmanager
    async def page(
        self, url: str, scheme: str = "light", width: int = 1280, *, script: bool = True
    ) -> AsyncIterator[Page]:
        """The loaded page in a window of this width; 320 is what 400 % zoom leaves of 1280."""
        viewport = {"width": width, "height": 800}
        settings = {"viewport": viewport, "java_script_enabled": script, **SCHEMES[scheme]}
        async with await self._chromium.new_context(**settings) as context:
            page = await context.new_page()
            await page.goto(url)
            yield page
