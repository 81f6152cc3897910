import re
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from schemas.drawing import LINE, MARGIN, WIDTH
from schemas.graph import depths, graph, order
from schemas.kochbuch import MUNICIPALITIES, RECIPES, read_municipality, read_recipe
from schemas.rules import All
from tests.support.book import DOG, write

FILES = sorted(RECIPES.glob("*.yaml"))
SVG = "{http://www.w3.org/2000/svg}"


def drawn(path: Path) -> ET.Element:
    return ET.fromstring(graph(read_recipe(path)))  # noqa: S314 - our own drawing


def stations(svg: ET.Element) -> list[ET.Element]:
    return [group for group in svg.iter(f"{SVG}g") if group.get("class") in {"decide", "consult", "inform"}]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_station_has_its_own_place_within_the_picture(path: Path) -> None:
    svg = drawn(path)
    _, _, width, height = map(int, svg.get("viewBox", "").split())
    assert width == WIDTH <= 320
    bottom = 0
    for group in stations(svg):
        box = group.find(f"{SVG}rect")
        assert box is not None
        x, y, wide, high = (int(box.get(name, "")) for name in ("x", "y", "width", "height"))
        assert (x + wide, bottom < y, y + high < height) == (WIDTH - MARGIN, True, True)
        assert len(group.findall(f"{SVG}text")) * LINE < high
        bottom = y + high
    assert len(stations(svg)) == len(read_recipe(path).route)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_it_can_be_heard_and_read_in_the_dark(path: Path) -> None:
    recipe, svg = read_recipe(path), drawn(path)
    assert (svg.get("role"), svg.get("lang")) == ("img", "de")
    title, desc = svg.find(f"{SVG}title"), svg.find(f"{SVG}desc")
    assert title is not None
    assert desc is not None
    assert (svg.get("aria-labelledby"), svg.get("aria-describedby")) == (title.get("id"), desc.get("id"))
    assert recipe.title.de in (title.text or "")
    assert recipe.title.en in (title.text or "")
    for station in recipe.route:
        assert station.title is not None
        assert station.title.en in (desc.text or "")
    assert "prefers-color-scheme:dark" in graph(recipe)
    assert "forced-colors:active" in graph(recipe)
    assert not re.findall(r"(?:fill|stroke)=\"|var\(", graph(recipe))  # what other viewers than browsers do not know


def test_it_says_until_when_who_signs_and_who_it_is() -> None:
    housing = read_recipe(RECIPES / "wohngeld-erstantrag.yaml")
    dueren = read_municipality(MUNICIPALITIES / "dueren.yaml")
    assert "Frist des Vorgangs: 3 Monate" in graph(housing)
    assert "mit Gegenzeichnung (vier Augen)" in graph(housing)
    assert "countersigned" in graph(housing)
    assert "entscheidet: housing-benefit" in graph(housing)
    drawing = graph(read_recipe(RECIPES / "hundesteuer-anmeldung.yaml"), dueren.offices)
    assert "tax-office" not in drawing
    assert dueren.departments["steueramt"].name.de in drawing


def test_a_deadline_before_a_date_names_the_date() -> None:
    halt = read_recipe(RECIPES / "halteverbotszone.yaml")
    label = halt.form["begins_on"].label
    assert label is not None
    words = re.sub("<[^>]*>|\\s+", " ", graph(halt))
    assert f"vor „{label.de}“" in words


def test_a_station_that_waits_stands_below_the_one_it_waits_for_and_further_in() -> None:
    kita = read_recipe(RECIPES / "kita-aufnahme.yaml")
    assert depths(kita) == {"place": 0, "first-choice": 0, "second-choice": 1, "third-choice": 2, "contribution": 1}
    assert order(read_recipe(RECIPES / "gewerbeanmeldung.yaml"))[1:4] == ["screening", "customs", "ihk"]


def test_a_station_that_waits_for_two_has_two_arrows_and_says_so(tmp_path: Path) -> None:
    station = "{station: collect, role: treasury, task: inform, sees: [breed], after: [assess, dangerous-dog]}"
    recipe = read_recipe(write(tmp_path, "dog", DOG.replace("    examples:", f"      - {station}\n    examples:")))
    svg = ET.fromstring(graph(recipe))  # noqa: S314 - our own drawing
    assert depths(recipe) == {"assess": 0, "dangerous-dog": 0, "collect": 1}
    assert len([path for path in svg.iter(f"{SVG}path") if path.get("class") == "tip"]) == 4
    assert "nach „assess“ und „dangerous-dog“" in " ".join(text.text or "" for text in svg.iter(f"{SVG}text"))


def test_conditions_stand_in_the_boxes_in_german() -> None:
    texts = [text.text for text in drawn(RECIPES / "hundesteuer-anmeldung.yaml").iter(f"{SVG}text")]
    assert any((text or "").startswith("wenn „Als gefährlich eingestuft“: ja") for text in texts)
    assert "Frist: 10 Arbeitstage" in texts


def test_the_same_recipe_gives_the_same_drawing() -> None:
    recipe = read_recipe(FILES[0])
    assert graph(recipe) == graph(read_recipe(FILES[0]))
    assert recipe.conditions[recipe.route[0].station] == All(())
