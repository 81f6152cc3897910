"""Page: the documentation at /api/v1/docs, for the people who connect a portal; German first, English beside it.

Plain HTML without any script: it reads from top to bottom, on paper, at 400 % and aloud.
"""

from collections.abc import Iterator
from html import escape
from pathlib import Path

import orjson

from schemas import fields
from schemas.kochbuch import Kochbuch
from services.intake.catalogue import Offer, examples, offers
from services.intake.kinds import KINDS, Kind
from services.intake.words import kind_of

STYLE = Path(__file__).with_name("page.css").read_text(encoding="utf-8")

_HOW = (
    ("Jedes Portal hat einen eigenen API-Schlüssel. Er steht im Header „Authorization: Bearer …“ oder „X-API-Key: …“.",
     "Every portal has an API key of its own. It goes into the header “Authorization: Bearer …” or “X-API-Key: …”."),
    ("Jeder Antrag bekommt einen neuen Idempotency-Key, jede Wiederholung denselben: so bleibt es ein Vorgang.",
     "Every submission gets a new Idempotency-Key, every repeat the same one: so there is never a second case."),
    ("202 heißt: dauerhaft angenommen. Bei 408, 429, 500 und 503 bitte wiederholen, frühestens nach Retry-After.",
     "202 means: durably accepted. With 408, 429, 500 and 503 please repeat, not before Retry-After."),
)  # fmt: skip


_LINKS = (
    ("#parts", "Person und Anschrift", "Person and address"),
    ("#problems", "Fehlermeldungen", "Problems"),
    ("openapi.json", "Die Schnittstelle als OpenAPI 3.1", "The interface as OpenAPI 3.1"),
    ("services", "Die Leistungen als JSON", "The services as JSON"),
)


def page(book: Kochbuch, max_body_bytes: int) -> str:
    """The whole page."""
    offered = offers(book)
    body = "".join([_intro(max_body_bytes), _contents(offered), *map(_service, offered), _parts(), _problems()])
    skip = f'<a class="skip" href="#main">Zum Inhalt · {_en("Skip to content")}</a>'
    return (
        '<!doctype html><html lang="de"><head><meta charset="utf-8"><title>Laufzettel: Anträge einreichen</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="stylesheet" href="docs.css">'
        f'</head><body>{skip}<main id="main">{body}</main></body></html>'
    )


def _en(text: str) -> str:
    return f'<span lang="en">{escape(text)}</span>'


def _pair(german: str, english: str, tag: str = "p") -> str:
    return f"<{tag}>{escape(german)}<br>{_en(english)}</{tag}>"


def _heading(level: int, german: str, english: str, name: str = "") -> str:
    known = f' id="{name}"' if name else ""
    return f"<h{level}{known}>{escape(german)} <small>{_en(english)}</small></h{level}>"


def _intro(max_body_bytes: int) -> str:
    size = _pair(
        f"Ein Antrag darf höchstens {max_body_bytes:,} Bytes groß sein.".replace(",", "."),
        f"A submission may have at most {max_body_bytes:,} bytes.",
        "li",
    )
    how = "".join(_pair(*sentence, "li") for sentence in _HOW)
    return (
        f"<h1>Anträge einreichen<br>{_en('Hand in submissions')}</h1>"
        f"<p><code>POST /api/v1/submissions</code></p><ul>{how}{size}</ul>"
    )


def _contents(offered: list[Offer]) -> str:
    titles = [(f"#service-{o.recipe.service}", o.recipe.title.de, o.recipe.title.en or "") for o in offered]
    links = "".join(
        f'<li><a href="{target}">{escape(german)} · {_en(english)}</a></li>'
        for target, german, english in (*titles, *_LINKS)
    )
    title = _heading(2, "Inhalt", "Contents", "contents")
    return f'<nav aria-labelledby="contents">{title}<ul>{links}</ul></nav>'


def _service(offer: Offer) -> str:
    recipe = offer.recipe
    title = _heading(2, recipe.title.de, recipe.title.en or recipe.title.de)
    towns = ", ".join(f"{town.name.de} (<code>{escape(town.municipality)}</code>)" for town in offer.towns)
    rows = "".join(_fields(recipe.form, ""))
    first = next(examples(offer), None)
    shown = "" if first is None else _example(*first)
    schema = f'<a href="services/{recipe.service}">JSON Schema</a>'
    return (
        f'<section id="service-{recipe.service}">{title}<p><code>{recipe.service}</code> · {schema} · {towns}</p>'
        f"<dl>{rows}</dl>{shown}</section>"
    )


def _fields(form: fields.Form, above: str) -> Iterator[str]:
    for name, field in form.items():
        path = f"{above}{name}"
        german, english = kind_of(field)
        must, must_en = ("freiwillig", "optional") if field.optional else ("Pflicht", "required")
        label, label_en = (field.label.de, field.label.en or field.label.de) if field.label else ("", "")
        yield f"<div><dt><code>{escape(path)}</code></dt>"
        yield _answer(label, f"{german}, {must}", "de") + _answer(label_en, f"{english}, {must_en}", "en") + "</div>"
        inner = field.of if isinstance(field, fields.ListOf) else field
        if isinstance(inner, fields.Group):
            yield from _fields(inner.fields, f"{path}.")


def _answer(label: str, kind: str, lang: str) -> str:
    words = "<br>".join(escape(each) for each in (label, kind) if each)
    return f'<dd lang="{lang}">{words}</dd>'


def _example(name: str, body: object) -> str:
    text = orjson.dumps(body, option=orjson.OPT_INDENT_2).decode()
    return f"{_heading(3, 'Beispiel', 'Example')}<p>{_en(name)}</p><pre><code>{escape(text)}</code></pre>"


def _parts() -> str:
    lists = [
        _heading(3, "Person", "Person") + f"<dl>{''.join(_fields(fields.PERSON, ''))}</dl>",
        _heading(3, "Anschrift", "Address") + f"<dl>{''.join(_fields(fields.ADDRESS, ''))}</dl>",
    ]
    title = _heading(2, "Person und Anschrift", "Person and address", "parts")
    return f"<section>{title}{''.join(lists)}</section>"


def _problems() -> str:
    return _heading(2, "Fehlermeldungen", "Problems", "problems") + "".join(map(_problem, KINDS))


def _problem(kind: Kind) -> str:
    title = _heading(3, f"{kind.status}: {kind.title[0]}", kind.title[1])
    return f'<article id="{kind.slug}">{title}{_pair(*kind.detail)}</article>'
