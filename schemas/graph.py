"""Graph: a recipe's routing slip as SVG, from top to bottom like the paper one; German first, heard as well as seen.

Below the receipt hangs every station that starts at once; a station that waits hangs below the one it waits for.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from html import escape
from string import Template
from types import MappingProxyType

from schemas.deadline import DEFAULT_DEADLINE, Deadline
from schemas.drawing import LINE, MARGIN, WIDTH, document, fit, write
from schemas.fields import Wording
from schemas.phrasing import clauses, label, say
from schemas.recipe import Recipe, Station
from schemas.rules import All
from schemas.slip import needs

_INDENT, _GAP, _PADDING, _NECK, _MOST_INDENTS = 22, 14, 10, 20, 4
_START_WIDTH, _START_HEIGHT = 96, 32
_CLAUSE_LINES = 12
Offices = Mapping[str, Wording]
"""The names of the departments that fill the roles, in one municipality."""
TASKS = {
    "decide": ("entscheidet", "decides"),
    "consult": ("nimmt Stellung", "gives an opinion"),
    "inform": ("wird unterrichtet", "is informed"),
}
_STYLE = Template(
    "rect{fill:$paper;stroke:$line;stroke-width:1.5}.decide rect{stroke:$blue;stroke-width:3}"
    ".consult rect{stroke:$brown}.inform rect{stroke:$soft;stroke-dasharray:5 4}"
    "path{fill:none;stroke:$line;stroke-width:1.5}.tip{fill:$line;stroke:none}"
)


@dataclass(frozen=True, slots=True)
class Box:
    """One station on the drawing: its title, what stands below it, and where."""

    station: Station
    title: tuple[str, ...]
    lines: tuple[str, ...]
    x: int
    y: int

    @property
    def height(self) -> int:
        """High enough for its lines."""
        return LINE * (len(self.title) + len(self.lines)) + 16

    @property
    def bottom(self) -> int:
        """Where the arrows to the stations that wait for it begin."""
        return self.y + self.height


def graph(recipe: Recipe, offices: Offices = MappingProxyType({})) -> str:
    """The routing slip as an SVG document; the same recipe gives the same drawing. Roles without office stay roles."""
    y, drawn = 30, list[str]()
    for style, words, lang in (
        ("head", recipe.title.de, "de"),
        ("soft", recipe.title.en, "en"),
        ("soft", _case_deadline(recipe), "de"),
    ):
        lines = fit(style, words)
        drawn += write(MARGIN, y, style, lines, lang)
        y += LINE * len(lines)
    boxes = _layout(recipe, offices, y + _START_HEIGHT + _GAP)
    drawn += [*_arrows(recipe, boxes, y + _START_HEIGHT), *_start(y)]
    drawn += [line for box in boxes for line in _drawn(recipe, offices, box)]
    title = f"Laufzettel: {recipe.title.de} ({recipe.title.en})"
    return document(recipe.recipe, boxes[-1].bottom + MARGIN, title, _description(recipe, offices), _STYLE, drawn)


def order(recipe: Recipe) -> list[str]:
    """From top to bottom: each station directly below the last of those that it waits for."""
    found: list[str] = []
    waiting = list(recipe.station)
    while waiting:
        ready = [name for name in waiting if needs(recipe, name) <= set(found)] or waiting
        after = {
            name: max((n for n, other in enumerate(found) if other in needs(recipe, name)), default=-1)
            for name in ready
        }
        found.append(max(ready, key=lambda name: after[name]))
        waiting.remove(found[-1])
    return found


def depths(recipe: Recipe) -> dict[str, int]:
    """How far each station is indented: one more than all that it waits for."""
    found: dict[str, int] = {}
    for name in order(recipe):
        found[name] = 1 + max((found[before] for before in needs(recipe, name) if before in found), default=-1)
    return found


def _layout(recipe: Recipe, offices: Offices, y: int) -> list[Box]:
    boxes = []
    for name, depth in depths(recipe).items():
        station, x = recipe.station[name], _gutter(depth) + _INDENT // 2
        inside = WIDTH - MARGIN - x - 2 * _PADDING
        title = fit("name", _title(station), inside)
        lines = [line for words in _words(recipe, offices, station) for line in _cut(fit("soft", words, inside))]
        boxes.append(Box(station, tuple(title), tuple(lines), x, y))
        y = boxes[-1].bottom + _GAP
    return boxes


def _gutter(depth: int) -> int:
    return MARGIN + min(depth, _MOST_INDENTS) * _INDENT + _INDENT // 2


def _cut(lines: list[str]) -> list[str]:
    return lines if len(lines) <= _CLAUSE_LINES else [*lines[: _CLAUSE_LINES - 1], f"{lines[_CLAUSE_LINES - 1]} …"]


def _title(station: Station) -> str:
    return station.title.de if station.title else station.station


def _words(recipe: Recipe, offices: Offices, station: Station) -> Iterator[str]:
    office = offices.get(station.role)
    yield f"{TASKS[station.task][0]}: {office.de if office else station.role}"
    if station.four_eyes:
        yield "mit Gegenzeichnung (vier Augen)"
    before = [_title(recipe.station[name]) for name in recipe.station if name in needs(recipe, station.station)]
    if before:
        yield f"nach {' und '.join(f'„{title}“' for title in before)}"
    condition = recipe.conditions[station.station]
    if condition != All(()):
        first, *others = clauses(condition, recipe)
        yield f"wenn {first}"
        yield from others
    if station.due is not None:
        yield f"Frist: {_end(station.due, recipe)}"


def _case_deadline(recipe: Recipe) -> str:
    return f"Frist des Vorgangs: {_end(recipe.deadline or DEFAULT_DEADLINE, recipe)}"


def _end(deadline: Deadline, recipe: Recipe) -> str:
    if deadline.within is not None:
        return deadline.within.de
    if deadline.before is not None:
        return f"{deadline.before.length.de} vor „{label(deadline.before.field, recipe.form)}“"
    return f"{deadline.fixed:%d.%m.%Y}" if deadline.fixed else "erster Arbeitstag des Folgemonats"


def _description(recipe: Recipe, offices: Offices) -> str:
    stations = [recipe.station[name] for name in order(recipe)]
    german = "; ".join(", ".join([_title(station), *_words(recipe, offices, station)]) for station in stations)
    english = "; ".join(_english(recipe, offices, station) for station in stations)
    return f"{_case_deadline(recipe)}. {german}. {english}."


def _english(recipe: Recipe, offices: Offices, station: Station) -> str:
    office = offices.get(station.role)
    who = (office.en or office.de) if office else station.role
    title = station.title.en if station.title else station.station
    condition = recipe.conditions[station.station]
    when = f" when {say(condition, recipe, 'en')}" if condition != All(()) else ""
    signed = ", countersigned" if station.four_eyes else ""
    return f"{title}: {who} {TASKS[station.task][1]}{signed}{when}"


def _start(y: int) -> Iterator[str]:
    yield f'<rect x="{MARGIN}" y="{y}" width="{_START_WIDTH}" height="{_START_HEIGHT}" rx="{_START_HEIGHT // 2}"/>'
    yield from write(MARGIN + 20, y + 21, "name", ["Eingang"])


def _drawn(recipe: Recipe, offices: Offices, box: Box) -> Iterator[str]:
    x, y = box.x + _PADDING, box.y + 22
    yield f'<g class="{box.station.task}"><title lang="en">{escape(_english(recipe, offices, box.station))}</title>'
    yield f'<rect x="{box.x}" y="{box.y}" width="{WIDTH - MARGIN - box.x}" height="{box.height}" rx="6"/>'
    yield from write(x, y, "name", box.title)
    yield from write(x, y + LINE * len(box.title), "soft", box.lines)
    yield "</g>"


def _arrows(recipe: Recipe, boxes: list[Box], start: int) -> Iterator[str]:
    bottom = {box.station.station: box.bottom for box in boxes}
    for box in boxes:
        before = sorted(bottom[name] for name in needs(recipe, box.station.station))
        for y in before or [start]:
            yield _arrow(box.x - _INDENT // 2, y, box.x, box.y + _NECK)


def _arrow(gutter: int, top: int, x: int, y: int) -> str:
    line = f'<path d="M{gutter} {top}V{y - 6}Q{gutter} {y} {gutter + 6} {y}"/>'
    return f'{line}<path class="tip" d="M{x} {y}l-8 -5v10z"/>'
