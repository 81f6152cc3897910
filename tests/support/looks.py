"""What is wrong with a page for those who zoom, tab, listen or see little; each list is empty for a sound page."""

from importlib.resources import files
from pathlib import Path
from typing import Any

from tests.support.browser import Browser, Page

_LOOKS = Path(__file__).with_suffix(".js").read_text(encoding="utf-8")
_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "EN-301-549"]
_SPACED = "* { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important }"


async def style(page: Page, rules: str) -> None:
    """Adds rules to the page's own sheet, as the page's policy allows no other."""
    await page.evaluate(
        "(rules) => { document.styleSheets[0].insertRule(rules, document.styleSheets[0].cssRules.length) }", rules
    )


async def violations(page: Page) -> list[str]:
    """What axe finds against WCAG 2.2 A and AA: rule and place."""
    await page.evaluate(files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8"))
    options = {"runOnly": {"type": "tag", "values": _TAGS}, "resultTypes": ["violations"]}
    found: dict[str, Any] = await page.evaluate("(options) => axe.run(document, options)", options)
    return [f"{each['id']}: {node['target'][0]}" for each in found["violations"] for node in each["nodes"]]


async def overflowing(page: Page) -> list[str]:
    """What makes the page scroll sideways."""
    return await _ask(page, "overflowing()")


async def space(page: Page) -> None:
    """Spaces the text as WCAG 1.4.12 demands that it can be, in the reader's own style."""
    await style(page, _SPACED)


async def unreachable(page: Page) -> list[str]:
    """What Tab does not reach in its order, or reaches without being seen."""
    count: int = await page.evaluate(f"{_LOOKS}.usable()")
    found: list[str] = [] if count else ["there is nothing to reach"]
    for number in range(count):
        await page.keyboard.press("Tab")
        found += await _ask(page, f"focused({number})")
    return found


async def onesided(page: Page) -> list[str]:
    """What is not in German first and English beside it, each marked as such."""
    return await _ask(page, "onesided()")


async def illegible(page: Page) -> list[str]:
    """What is clipped, overlapping or faint in a picture."""
    return await _ask(page, "illegible()")


async def heard(page: Page) -> tuple[str, str]:
    """Name and description of a picture, as the browser tells them to a screen reader."""
    session = await page.context.new_cdp_session(page)
    nodes: list[dict[str, Any]] = (await session.send("Accessibility.getFullAXTree"))["nodes"]
    image = next((node for node in nodes if node.get("role", {}).get("value") in {"image", "img"}), {})
    return image.get("name", {}).get("value", ""), image.get("description", {}).get("value", "")


async def without_script(browser: Browser, url: str) -> list[str]:
    """The text of the page with and without JavaScript, where the two differ."""
    texts = []
    for script in (True, False):
        async with browser.page(url, script=script) as page:
            texts.append(await page.inner_text("body"))
    return [] if texts[0] == texts[1] else texts


async def _ask(page: Page, question: str) -> list[str]:
    found: list[str] = await page.evaluate(f"{_LOOKS}.{question}")
    return found
