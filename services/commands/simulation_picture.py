"""Simulation picture: how many cases each station has, before and after, as SVG bars."""

from collections.abc import Iterator
from string import Template

from schemas.drawing import LINE, MARGIN, WIDTH, document, fit, write
from services.commands.simulation import Change, Simulation

_LABEL, _NUMBER, _THICK, _GAP = 46, 92, 12, 20
_LONGEST = WIDTH - 2 * MARGIN - _LABEL - _NUMBER
_STYLE = Template("rect{fill:$line}.new{fill:$blue}")


def picture(simulation: Simulation) -> str:
    """An SVG document: for each station a grey bar for the recipe in force and below it a blue one for the new one."""
    most = max((max(change.before, change.after) for change in simulation.changes), default=0) or 1
    title = f"{simulation.recipe}: Version {simulation.before} → {simulation.after}"
    note = f"{len(simulation.moved)} von {simulation.cases} Vorgängen gingen anders"
    note_en = f"{len(simulation.moved)} of {simulation.cases} cases would go elsewhere"
    y, drawn = 30, list[str]()
    for style, words, lang in (("head", title, "de"), ("soft", note, "de"), ("soft", note_en, "en")):
        lines = fit(style, words)
        drawn += write(MARGIN, y, style, lines, lang)
        y += LINE * len(lines)
    for change in simulation.changes:
        drawn += _station(y + _GAP, change, most)
        y += _GAP + LINE * (len(fit("name", change.station)) + len(_difference(change)) + 2)
    remarks = list(_remarks(simulation))
    for words in remarks:
        lines = fit("soft", words)
        drawn += write(MARGIN, y + _GAP, "soft", lines)
        y += _GAP + LINE * (len(lines) - 1)
    description = "; ".join([*map(_words, simulation.changes), *remarks])
    return document("simulation", y + MARGIN, f"{title}: {note} ({note_en})", description, _STYLE, drawn)


def _remarks(simulation: Simulation) -> Iterator[str]:
    """What changes for every case, and what could not be tried."""
    for term in simulation.terms:
        yield f"Für alle: {term}"
    for seen in simulation.seen:
        shown = [*(f"+ {path}" for path in seen.added), *(f"- {path}" for path in seen.removed)]
        yield f"{seen.station} sieht anderes: {', '.join(shown)}"
    if simulation.without_lead:
        yield f"{len(simulation.without_lead)} Vorgänge entschiede niemand"
    for station in simulation.unknown:
        yield f"{station.station}: offen in {station.cases} Vorgängen, denen eine Stellungnahme fehlt"


def _words(change: Change) -> str:
    return ", ".join([f"{change.station}: heute {change.before}", f"neu {change.after}", *_difference(change)])


def _difference(change: Change) -> list[str]:
    if change.lost or change.gained:
        return [f"{change.lost} entfallen, {change.gained} kommen hinzu"]
    return []


def _station(y: int, change: Change, most: int) -> Iterator[str]:
    name = fit("name", change.station)
    yield from write(MARGIN, y, "name", name)
    y += LINE * len(name)
    for kind, label, count in (("old", "heute", change.before), ("new", "neu", change.after)):
        width = max(_LONGEST * count // most, 2 if count else 0)
        x = MARGIN + _LABEL
        yield from write(MARGIN, y, "soft", [label])
        yield f'<rect class="{kind}" x="{x}" y="{y - _THICK + 2}" width="{width}" height="{_THICK}" rx="2"/>'
        yield from write(x + width + 6, y, "soft", [str(count)])
        y += LINE
    yield from write(MARGIN, y, "soft", _difference(change))
