"""Graph: a recipe's routing slip as SVG, German first, readable by screen readers and in dark mode."""

from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from textwrap import shorten, wrap

from schemas.phrasing import say
from schemas.recipe import Recipe, Station
from schemas.rules import All
from schemas.slip import needs

WIDTH, GAP_X, GAP_Y, MARGIN, LINE = 300, 80, 18, 24, 17
_CHARACTERS, _CONDITION_LINES = 38, 3
_HEAD = 64
_START_WIDTH = 110
TASKS = {
    "decide": ("entscheidet", "decides"),
    "consult": ("nimmt Stellung", "gives an opinion"),
    "inform": ("wird unterrichtet", "is informed"),
}
_STYLE = """
svg{color-scheme:light dark;font:13px system-ui,sans-serif;--ink:#1b1f24;--soft:#57606a;--paper:#fff;--line:#8c959f;
--decide:#0b5cad;--consult:#7a4d00;--inform:#57606a}
@media(prefers-color-scheme:dark){svg{--ink:#e6edf3;--soft:#9da7b3;--paper:#161b22;--line:#6e7681;
--decide:#6cb6ff;--consult:#e3b341;--inform:#9da7b3}}
text{fill:var(--ink)}.soft{fill:var(--soft)}.name{font-weight:600}.head{font-size:17px;font-weight:600}
rect{fill:var(--paper);stroke-width:1.5}.decide rect{stroke:var(--decide);stroke-width:3}
.consult rect{stroke:var(--consult)}.inform rect{stroke:var(--inform);stroke-dasharray:5 4}
.start rect{stroke:var(--line)}path{fill:none;stroke:var(--line);stroke-width:1.5}.tip{fill:var(--line);stroke:none}
"""


@dataclass(frozen=True, slots=True)
class Box:
    """One station on the drawing."""

    station: Station
    lines: tuple[str, ...]
    tooltip: str
    x: int
    y: int

    @property
    def height(self) -> int:
        """High enough for its lines."""
        return LINE * len(self.lines) + 16

    @property
    def middle(self) -> int:
        """Where arrows begin and end."""
        return self.y + self.height // 2


def graph(recipe: Recipe) -> str:
    """The routing slip as an SVG document; the same recipe gives the same drawing."""
    boxes = _layout(recipe)
    height = max(box.y + box.height for box in boxes) + MARGIN + LINE
    width = max(box.x for box in boxes) + WIDTH + MARGIN
    start = (boxes[0].middle + boxes[-1].middle) // 2 if len({box.x for box in boxes}) == 1 else boxes[0].middle
    drawn = [*_start(start), *_arrows(recipe, boxes, start), *(line for box in boxes for line in _drawn(box))]
    return "\n".join(_document(recipe, boxes, width, height, drawn)) + "\n"


def depths(recipe: Recipe) -> dict[str, int]:
    """In which column each station stands: one after all that it needs."""
    found: dict[str, int] = {}
    for name in recipe.station:
        found[name] = 1 + max((found[before] for before in needs(recipe, name) if before in found), default=-1)
    return found


def _layout(recipe: Recipe) -> list[Box]:
    column_of = depths(recipe)
    bottom: dict[int, int] = {}
    boxes = []
    for name, station in recipe.station.items():
        column = column_of[name]
        x = MARGIN + _START_WIDTH + GAP_X + column * (WIDTH + GAP_X)
        box = Box(station, tuple(_lines(recipe, station)), _tooltip(recipe, station), x, bottom.get(column, _HEAD))
        bottom[column] = box.y + box.height + GAP_Y
        boxes.append(box)
    return boxes


def _lines(recipe: Recipe, station: Station) -> Iterator[str]:
    title = station.title.de if station.title else station.station
    yield shorten(title, _CHARACTERS, placeholder=" …")
    yield f"{TASKS[station.task][0]} · {station.role}"
    condition = recipe.conditions[station.station]
    if condition != All(()):
        lines = wrap(f"wenn {say(condition, recipe)}", _CHARACTERS)
        yield from lines[: _CONDITION_LINES - 1]
        yield from [shorten(" ".join(lines[_CONDITION_LINES - 1 :]), _CHARACTERS, placeholder=" …")][: len(lines) - 2]
    if due := _due(station):
        yield due


def _due(station: Station) -> str:
    if station.due is None:
        return ""
    if station.due.within is not None:
        return f"Frist: {station.due.within.de}"
    return "Frist: siehe Rezept" if station.due.by is None else "Frist: erster Arbeitstag des Folgemonats"


def _tooltip(recipe: Recipe, station: Station) -> str:
    title = station.title.en if station.title else station.station
    condition = recipe.conditions[station.station]
    when = f" when {say(condition, recipe, 'en')}" if condition != All(()) else ""
    return f"{title}: {station.role} {TASKS[station.task][1]}{when}"


def _document(recipe: Recipe, boxes: list[Box], width: int, height: int, drawn: list[str]) -> Iterator[str]:
    name = recipe.recipe
    yield (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}"'
        f' role="img" lang="de" aria-labelledby="{name}-title {name}-desc">'
    )
    yield f'<title id="{name}-title">Laufzettel: {escape(recipe.title.de)} ({escape(recipe.title.en)})</title>'
    stations = "; ".join(", ".join(box.lines) for box in boxes)
    yield f'<desc id="{name}-desc">{escape(stations)}. {escape("; ".join(box.tooltip for box in boxes))}.</desc>'
    yield f"<style>{_STYLE}</style>"
    yield f'<text class="head" x="{MARGIN}" y="{MARGIN + 12}">{escape(recipe.title.de)}</text>'
    yield from drawn
    legend = ("fetter Rahmen: entscheidet", "durchgezogen: nimmt Stellung", "gestrichelt: wird unterrichtet")
    yield f'<text class="soft" x="{MARGIN}" y="{height - 10}">{" · ".join(legend)}</text>'
    yield "</svg>"


def _start(y: int) -> Iterator[str]:
    middle = MARGIN + _START_WIDTH // 2
    yield '<g class="start"><title>Receipt</title>'
    yield f'<rect x="{MARGIN}" y="{y - 20}" width="{_START_WIDTH}" height="40" rx="20"/>'
    yield f'<text class="name" x="{middle}" y="{y + 4}" text-anchor="middle">Eingang</text></g>'


def _drawn(box: Box) -> Iterator[str]:
    yield f'<g class="{box.station.task}"><title>{escape(box.tooltip)}</title>'
    yield f'<rect x="{box.x}" y="{box.y}" width="{WIDTH}" height="{box.height}" rx="6"/>'
    for number, line in enumerate(box.lines):
        style = "name" if number == 0 else "soft"
        yield f'<text class="{style}" x="{box.x + 12}" y="{box.y + 21 + number * LINE}">{escape(line)}</text>'
    yield "</g>"


def _arrows(recipe: Recipe, boxes: list[Box], start: int) -> Iterator[str]:
    place = {box.station.station: box for box in boxes}
    for box in boxes:
        before = needs(recipe, box.station.station)
        for name in sorted(before):
            yield _arrow(place[name].x + WIDTH, place[name].middle, box.x, box.middle)
        if not before:
            yield _arrow(MARGIN + _START_WIDTH, start, box.x, box.middle)


def _arrow(x1: int, y1: int, x2: int, y2: int) -> str:
    bend = (x2 - x1) // 2
    line = f'<path d="M{x1} {y1}C{x1 + bend} {y1} {x2 - bend} {y2} {x2 - 8} {y2}"/>'
    return f'{line}<path class="tip" d="M{x2} {y2}l-9 -5v10z"/>'
