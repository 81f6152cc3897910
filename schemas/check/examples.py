"""Examples: each submission of a recipe goes where it says, and what must be refused is refused."""

from collections.abc import Iterator

from schemas.errors import Problem, Rejected
from schemas.recipe import Example, Recipe
from schemas.rules import CHANNELS, OPINIONS, Facts
from schemas.slip import slip


def problems_of(recipe: Recipe) -> Iterator[Problem]:
    """Examples that end differently from what they say."""
    for number, example in enumerate(recipe.examples):
        yield from problems_with(recipe, example, f"examples.{number}")


def problems_with(recipe: Recipe, example: Example, where: str) -> Iterator[Problem]:
    """What differs in one example."""
    for station, opinion in example.opinions.items():
        if station not in recipe.station or opinion not in OPINIONS:
            yield _impossible(f"{where}.opinions.{station}", example, station, opinion)
    if example.channel not in CHANNELS:
        yield _unknown_channel(f"{where}.channel", example)
    try:
        form = recipe.validator.validate(example.form)
    except Rejected as error:
        refused = tuple(problem.where for problem in error.problems)
        if set(refused) != set(example.rejected):
            yield _differs(f"{where}.rejected", example, example.rejected, refused)
        return
    if example.rejected:
        yield _differs(f"{where}.rejected", example, example.rejected, ())
        return
    reached = slip(recipe, Facts(form, example.municipality, example.channel, example.opinions, example.land))
    if set(reached) != set(example.stations):
        yield _differs(f"{where}.stations", example, example.stations, reached)


def _impossible(where: str, example: Example, station: str, opinion: str) -> Problem:
    known = ", ".join(OPINIONS)
    return Problem(
        where,
        f"Beispiel „{example.name}“: „{opinion}“ von „{station}“ kann es nicht geben; möglich sind: {known}.",
        f"example “{example.name}”: there can be no “{opinion}” from “{station}”; possible: {known}",
    )


def _unknown_channel(where: str, example: Example) -> Problem:
    known = ", ".join(CHANNELS)
    return Problem(
        where,
        f"Beispiel „{example.name}“: den Kanal „{example.channel}“ gibt es nicht; möglich sind: {known}.",
        f"example “{example.name}”: there is no channel “{example.channel}”; possible: {known}",
    )


def _differs(where: str, example: Example, said: tuple[str, ...], found: tuple[str, ...]) -> Problem:
    expected, actual = ", ".join(said), ", ".join(found)
    return Problem(
        where,
        f"Beispiel „{example.name}“: erwartet war {expected or 'nichts'}; herausgekommen ist {actual or 'nichts'}.",
        f"example “{example.name}”: expected {expected or 'nothing'}; found {actual or 'nothing'}",
    )
