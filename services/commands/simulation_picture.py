"""Simulation picture: how many cases each station has, before and after, as SVG bars."""

from collections.abc import Iterator
from html import escape

from services.commands.simulation import Change, Simulation

_LABEL, _BAR, _ROW, _HEAD, _MARGIN = 220, 420, 44, 66, 20
_STYLE = """
svg{color-scheme:light dark;font:13px system-ui,sans-serif;--ink:#1b1f24;--soft:#57606a;--old:#8c959f;--new:#0b5cad}
@media(prefers-color-scheme:dark){svg{--ink:#e6edf3;--soft:#9da7b3;--old:#6e7681;--new:#6cb6ff}}
text{fill:var(--ink)}.soft{fill:var(--soft)}.head{font-size:17px;font-weight:600}.old{fill:var(--old)}.new{fill:var(--new)}
"""


def picture(simulation: Simulation) -> str:
    """An SVG document: for each station a grey bar for the recipe in force and a blue one for the new recipe."""
    height = _HEAD + _ROW * len(simulation.changes) + _MARGIN
    width = _LABEL + _BAR + 160
    most = max((max(change.before, change.after) for change in simulation.changes), default=0) or 1
    title = f"{simulation.recipe}: Version {simulation.before} → {simulation.after}"
    note = f"{len(simulation.moved)} von {simulation.cases} Vorgängen gingen anders"
    note_en = f"{len(simulation.moved)} of {simulation.cases} cases would go elsewhere"
    rows = [line for number, change in enumerate(simulation.changes) for line in _row(number, change, most)]
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}"',
        'role="img" lang="de" aria-labelledby="simulation-title simulation-desc">',
        f'<title id="simulation-title">{escape(title)}: {note} ({note_en})</title>',
        f'<desc id="simulation-desc">{escape("; ".join(_words(change) for change in simulation.changes))}</desc>',
        f"<style>{_STYLE}</style>",
        f'<text class="head" x="{_MARGIN}" y="28">{escape(title)}</text>',
        f'<text class="soft" x="{_MARGIN}" y="48">{note} · grau: heute, blau: neu</text>',
        *rows,
        "</svg>",
    ]
    return "\n".join(lines) + "\n"


def _words(change: Change) -> str:
    return f"{change.station}: {change.before} → {change.after} (−{change.lost} +{change.gained})"  # noqa: RUF001 - a minus


def _row(number: int, change: Change, most: int) -> Iterator[str]:
    y = _HEAD + number * _ROW
    yield f"<g><title>{escape(_words(change))}</title>"
    yield f'<text x="{_MARGIN}" y="{y + 19}">{escape(change.station)}</text>'
    for offset, kind, count in ((0, "old", change.before), (15, "new", change.after)):
        yield f'<rect class="{kind}" x="{_LABEL}" y="{y + offset}" width="{_BAR * count // most}" height="13" rx="2"/>'
    numbers = _words(change).partition(": ")[2]
    yield f'<text class="soft" x="{_LABEL + _BAR + 10}" y="{y + 19}">{numbers}</text></g>'
