"""Drawing: an SVG document to look at, to hear, to print, and to read on a phone or at 400 %: one column, never wider.

Colours are written out in each scheme, because viewers other than browsers know no variables.
"""

from collections.abc import Iterable, Iterator
from html import escape
from string import Template
from textwrap import wrap

WIDTH, MARGIN, LINE = 312, 12, 18
_PIXELS = {"head": 18.0, "name": 14.6, "soft": 13.0}
"""What an em takes in each style; the bold ones are wider."""
_EMS = dict.fromkeys("iljI.,:;'|! ", 0.33) | dict.fromkeys("tfr()[]/-„“·", 0.42) | dict.fromkeys("mwMW…→%€", 0.98)
_CAPITAL, _OTHER = 0.74, 0.62
_COLOURS = ("paper", "ink", "soft", "line", "blue", "brown")
_SCHEMES = (
    ("", ("#fff", "#1b1f24", "#57606a", "#848d97", "#0b5cad", "#8a5a00")),
    ("@media(prefers-color-scheme:dark)", ("#161b22", "#e6edf3", "#a4aeb9", "#768390", "#6cb6ff", "#e3b341")),
    ("@media(forced-colors:active)", ("Canvas", "CanvasText", "CanvasText", "CanvasText", "Highlight", "CanvasText")),
)
_LETTERS = (
    "svg{color-scheme:light dark;font:13px system-ui,sans-serif}.head{font-size:16px}.head,.name{font-weight:600}"
)
_STYLE = Template("svg{background:$paper}text{fill:$ink}.soft{fill:$soft}")


def document(name: str, height: int, title: str, description: str, style: Template, drawn: Iterable[str]) -> str:
    """The whole file; ``style`` names colours as $paper, $ink, $soft, $line, $blue, $brown."""
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}"'
        f' role="img" lang="de" aria-labelledby="{name}-title" aria-describedby="{name}-desc">'
    )
    words = (
        f'<title id="{name}-title">{escape(title)}</title>',
        f'<desc id="{name}-desc">{escape(description)}</desc>',
    )
    return "\n".join([head, *words, f"<style>{_LETTERS}", *_schemes(style), "</style>", *drawn, "</svg>"]) + "\n"


def _schemes(style: Template) -> Iterator[str]:
    for media, colours in _SCHEMES:
        rules = "".join(each.substitute(dict(zip(_COLOURS, colours, strict=True))) for each in (_STYLE, style))
        yield f"{media}{{{rules}}}" if media else rules


def fit(style: str, words: str, width: int = WIDTH - 2 * MARGIN) -> list[str]:
    """The words in lines that fit into the width, also in the widest of the usual fonts."""
    lines = [""]
    for word in words.replace("§ ", "§\u00a0").split(" "):
        longer = f"{lines[-1]} {word}".lstrip()
        lines[-1:] = [longer] if _pixels(style, longer) <= width else [lines[-1], word]
    narrowest = int(width / _PIXELS[style] / _CAPITAL)
    return [
        part for line in lines for part in (wrap(line, narrowest) if _pixels(style, line) > width else [line]) if part
    ]


def _pixels(style: str, words: str) -> float:
    return _PIXELS[style] * sum(_EMS.get(each, _CAPITAL if each.isupper() else _OTHER) for each in words)


def write(x: int, y: int, style: str, lines: Iterable[str], lang: str = "de") -> Iterator[str]:
    """The lines below each other, the first on the base line ``y``."""
    other = "" if lang == "de" else f' lang="{lang}"'
    for number, line in enumerate(lines):
        yield f'<text class="{style}" x="{x}" y="{y + number * LINE}"{other}>{escape(line)}</text>'
