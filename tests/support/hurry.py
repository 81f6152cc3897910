"""Hurry: the shipped recipes of one town with deadlines of hours, so that what came two hours ago is due now."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import yaml

from schemas.kochbuch import MUNICIPALITIES, RECIPES, Kochbuch
from schemas.recipe import Example, Recipe

TOWN = "dueren"
HOUR = 3_600_000_000
CASE_HOURS = 2
"""From receipt to the end of the case's deadline; its reminder and the ends of its opinions come after one."""

_DEADLINE = {"within": "2 hours", "remind": "1 hour", "basis": "Testsatzung § 1", "on_expiry": "escalate"}
_DUE = {"within": "1 hour", "basis": "Testsatzung § 2", "on_expiry": "consent"}


@dataclass(frozen=True, slots=True)
class Order:
    """An example of the Kochbuch as a portal submits it, and where it must go at once."""

    service: str
    form: dict[str, Any]
    stations: tuple[tuple[str, str], ...]
    """Station and department, the deciding one first."""
    consulted: tuple[tuple[str, str], ...]
    four_eyes: bool

    @property
    def body(self) -> bytes:
        return orjson.dumps({"service": self.service, "municipality": TOWN, "form": self.form})

    @property
    def lead(self) -> tuple[str, str]:
        return self.stations[0]


def write_hurried(folder: Path) -> None:
    """The folders ``kochbuch`` and ``municipalities`` of an installation."""
    town = (MUNICIPALITIES / f"{TOWN}.yaml").read_text(encoding="utf-8")
    (folder / "municipalities").mkdir()
    (folder / "municipalities" / f"{TOWN}.yaml").write_text(town, encoding="utf-8")
    (folder / "kochbuch").mkdir()
    for path in sorted(RECIPES.glob("*.yaml")):
        recipe = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CBaseLoader)  # noqa: S506 - it reads text only
        recipe["deadline"] = _DEADLINE
        for station in recipe["route"]:
            if "due" in station:
                station["due"] = _DUE
        text = yaml.safe_dump(recipe, allow_unicode=True, sort_keys=False)
        (folder / "kochbuch" / path.name).write_text(text, encoding="utf-8")


def orders(book: Kochbuch) -> list[Order]:
    """Every example that the town takes, and that says where it goes before anybody has given an opinion."""
    town = book.municipalities[TOWN]
    return [
        _order(book, recipe, example)
        for recipe in book.recipes.values()
        if town.offers(recipe)
        for example in recipe.examples
        if not example.rejected and not example.opinions and example.holds_in(TOWN, town.land)
    ]


def muster(known: list[Order]) -> Order:
    """One from somebody called Muster, to be spoiled."""
    return next(order for order in known if b"Muster" in order.body)


def _order(book: Kochbuch, recipe: Recipe, example: Example) -> Order:
    town = book.municipalities[TOWN]
    ways = [(name, town.department_for(recipe.station[name].role) or "") for name in example.stations]
    ways.sort(key=lambda way: recipe.station[way[0]].task != "decide")
    consulted = [way for way in ways if recipe.station[way[0]].task == "consult"]
    return Order(recipe.service, example.form, tuple(ways), tuple(consulted), recipe.station[ways[0][0]].four_eyes)
