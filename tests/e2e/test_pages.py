"""Pages and pictures in a real browser: by keyboard, without JavaScript, at 400 %, in the dark, and as axe judges them.

Each check is also shown to find what it looks for, in a page that was damaged for it.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import pytest_asyncio

from schemas.graph import graph
from schemas.kochbuch import Kochbuch, read_kochbuch
from services.commands.recipe_difference import Seen, Term
from services.commands.simulation import Change, Moved, Simulation, Unknown, Visit
from services.commands.simulation_picture import picture
from services.runtime.health import serve
from services.runtime.ports import listen
from tests.support import looks
from tests.support.book import small_book
from tests.support.browser import SCHEMES, Browser, missing, open_browser
from tests.support.intake import open_desk

if nothing := missing():
    pytest.skip(nothing, allow_module_level=True)

pytestmark = pytest.mark.asyncio(loop_scope="module")
module_fixture = pytest_asyncio.fixture(scope="module", loop_scope="module")

BOOK = read_kochbuch()
MOVED = tuple(Moved(f"DN-{number}", "dueren", (), (Visit("dangerous-dog", "ordnungsamt"),)) for number in range(93))
CHANGES = (Change("assess", "tax-office", 1000, 1000, 0, 0), Change("dangerous-dog", "public-order", 2, 95, 0, 93))
SIMULATION = Simulation(
    recipe="hundesteuer-anmeldung",
    before=1,
    after=2,
    cases=1000,
    skipped=0,
    changes=CHANGES,
    moved=MOVED,
    without_lead=(),
    seen=(Seen("assess", ("holder",), ("holder.family_name",)),),
    terms=(Term("dangerous-dog", "due", "within 10 working days, on_expiry consent", "-"),),
    unknown=(Unknown("dangerous-dog", 3),),
    ignored=(),
)
PICTURES = {name: graph(recipe) for name, recipe in BOOK.recipes.items()} | {"simulation": picture(SIMULATION)}


@module_fixture
async def browser() -> AsyncIterator[Browser]:
    async with open_browser() as opened:
        yield opened


@module_fixture
async def docs(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[str]:
    """The address of intake's documentation, with the whole Kochbuch."""
    async with documentation(tmp_path_factory.mktemp("intake"), BOOK) as address:
        yield address


@module_fixture
async def small(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[str]:
    """The same with one recipe, to be damaged."""
    folder = tmp_path_factory.mktemp("small")
    async with documentation(folder, small_book(folder)) as address:
        yield address


@asynccontextmanager
async def documentation(folder: Path, book: Kochbuch) -> AsyncIterator[str]:
    listener = listen("127.0.0.1", 0, "LAUFZETTEL_INTAKE_PORT")
    async with open_desk(folder, book) as desk, serve(desk.intake.app, listener) as port:
        yield f"http://127.0.0.1:{port}/api/v1/docs"


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], str]:
    """Writes a picture and returns its address."""
    folder = tmp_path_factory.mktemp("pictures")

    def write(svg: str) -> str:
        path = folder / f"{abs(hash(svg))}.svg"
        path.write_text(svg, encoding="utf-8")
        return path.as_uri()

    return write


@pytest.mark.parametrize("scheme", SCHEMES)
async def test_axe_finds_nothing(browser: Browser, docs: str, scheme: str) -> None:
    async with browser.page(docs, scheme) as page:
        assert await looks.violations(page) == []


@pytest.mark.parametrize("width", [320, 1280])
async def test_nothing_scrolls_sideways(browser: Browser, docs: str, width: int) -> None:
    async with browser.page(docs, width=width) as page:
        assert await looks.overflowing(page) == []
        await looks.space(page)
        assert await looks.overflowing(page) == []


@pytest.mark.parametrize("scheme", SCHEMES)
async def test_tab_reaches_everything_and_is_seen(browser: Browser, docs: str, scheme: str) -> None:
    async with browser.page(docs, scheme, width=320) as page:
        assert await looks.unreachable(page) == []


async def test_the_first_tab_skips_to_the_content(browser: Browser, docs: str) -> None:
    async with browser.page(docs) as page:
        await page.keyboard.press("Tab")
        await page.keyboard.press("Enter")
        await page.keyboard.press("Tab")
        assert urlsplit(page.url).fragment == "main"
        assert await page.evaluate("document.activeElement.closest('nav') !== null")


async def test_it_needs_no_script(browser: Browser, docs: str) -> None:
    assert await looks.without_script(browser, docs) == []


async def test_it_is_german_first_and_english_beside(browser: Browser, docs: str) -> None:
    async with browser.page(docs) as page:
        assert await looks.onesided(page) == []
        columns = "[...document.querySelector('dl > div').children].map((e) => e.getBoundingClientRect().top)"
        assert len(set(await page.evaluate(columns))) == 1


async def test_it_asks_nobody_else_and_complains_of_nothing(browser: Browser, docs: str) -> None:
    asked, complaints = set[str](), list[str]()
    async with browser.page("about:blank") as page:
        page.on("request", lambda request: asked.add(urlsplit(request.url).netloc))
        page.on("console", lambda message: complaints.append(message.text))
        page.on("requestfailed", lambda request: complaints.append(request.url))
        await page.goto(docs)
    assert (asked, complaints) == ({urlsplit(docs).netloc}, [])


@pytest.mark.parametrize("scheme", SCHEMES)
async def test_pictures_can_be_read_on_a_phone(browser: Browser, drawn: Callable[[str], str], scheme: str) -> None:
    async with browser.page("about:blank", scheme, width=320) as page:
        for name, svg in PICTURES.items():
            await page.goto(drawn(svg))
            assert (name, await looks.illegible(page), await looks.overflowing(page)) == (name, [], [])


async def test_pictures_can_be_heard(browser: Browser, drawn: Callable[[str], str]) -> None:
    async with browser.page("about:blank") as page:
        for name, recipe in BOOK.recipes.items():
            await page.goto(drawn(PICTURES[name]))
            title, description = await looks.heard(page)
            assert recipe.title.de in title
            assert all(station.title.de in description for station in recipe.route if station.title)
        await page.goto(drawn(PICTURES["simulation"]))
        assert [bool(text) for text in await looks.heard(page)] == [True, True]


PLANTED = {
    "html-has-lang": "document.documentElement.removeAttribute('lang')",
    "document-title": "document.title = ''",
    "color-contrast": "document.styleSheets[0].insertRule('[lang=en] { color: #8a949e !important }', 9)",
    "target-size": "document.styleSheets[0].insertRule('li { margin: 0; line-height: .5 }', 9)",
    "link-name": "document.querySelector('nav a').textContent = ''",
}


@pytest.mark.parametrize("rule", PLANTED)
async def test_axe_would_find(browser: Browser, small: str, rule: str) -> None:
    async with browser.page(small) as page:
        await page.evaluate(PLANTED[rule])
        assert rule in {found.partition(":")[0] for found in await looks.violations(page)}


async def test_a_page_that_is_too_wide_would_be_found(browser: Browser, small: str) -> None:
    async with browser.page(small, width=320) as page:
        await looks.style(page, "pre { min-width: 30rem }")
        assert any(found.startswith("<pre>") for found in await looks.overflowing(page))


@pytest.mark.parametrize(
    ("rules", "problem"),
    [
        ("* { outline: none !important }", "no visible focus"),
        ("* { outline-color: #f4f4f4 !important }", "too faint"),
        ("main::after { content: ''; position: fixed; inset: 0 }", "covered by <main>"),
        ("nav li:first-child a { visibility: hidden }", "Tab 2 reaches"),
        ("a { position: absolute; left: -99rem }", "outside of the window"),
    ],
)
async def test_a_focus_that_is_lost_would_be_found(browser: Browser, small: str, rules: str, problem: str) -> None:
    async with browser.page(small) as page:
        await looks.style(page, rules)
        assert problem in " ".join(await looks.unreachable(page))


async def test_a_page_that_needs_a_script_would_be_found(browser: Browser) -> None:
    page = "data:text/html,<p>written<script>document.body.append(' by a script')</script>"
    assert await looks.without_script(browser, page) != []


@pytest.mark.parametrize(
    "damage",
    [
        "document.documentElement.lang = 'en'",
        "document.querySelector('h2 [lang]').removeAttribute('lang')",
        "document.querySelector('dd[lang=en]').textContent = ''",
        "document.querySelector('h2').prepend(document.querySelector('h2 [lang]'))",
    ],
)
async def test_a_language_that_is_missing_would_be_found(browser: Browser, small: str, damage: str) -> None:
    async with browser.page(small) as page:
        await page.evaluate(damage)
        assert len(await looks.onesided(page)) == 1


@pytest.mark.parametrize(
    ("sound", "damaged", "problem"),
    [
        ("Steuer festsetzen</text>", "Steuer festsetzen und den Bescheid versenden</text>", "leaves its box"),
        ('text class="soft"', 'text class="soft" transform="translate(0 -9)"', "meets"),
        (".soft{fill:#57606a}", ".soft{fill:#9aa4ae}", "is too faint"),
        ("stroke:#848d97", "stroke:#d0d7de", "a path is too faint"),
    ],
)
async def test_a_picture_that_is_ugly_would_be_found(
    browser: Browser, drawn: Callable[[str], str], sound: str, damaged: str, problem: str
) -> None:
    svg = PICTURES["hundesteuer-anmeldung"]
    assert sound in svg
    async with browser.page(drawn(svg.replace(sound, damaged))) as page:
        assert problem in " ".join(await looks.illegible(page))


async def test_a_picture_without_words_would_be_found(browser: Browser, drawn: Callable[[str], str]) -> None:
    svg = PICTURES["simulation"].replace("aria-labelledby", "data-a").replace("aria-describedby", "data-b")
    async with browser.page(drawn(svg.replace("title", "metadata").replace("desc", "metadata"))) as page:
        assert await looks.heard(page) == ("", "")
