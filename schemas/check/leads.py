"""Leads: for every form exactly one station decides; a form with none or with two is named as a counter-example."""

from collections.abc import Iterator
from itertools import combinations

from schemas.check.partition import LIMIT, Input, inputs, size
from schemas.errors import Problem
from schemas.recipe import Recipe
from schemas.slip import leads


def problems_of(recipe: Recipe) -> Iterator[Problem]:
    """The first form without a lead, and for each pair of leads the first form that both want to decide."""
    deciding = [station.station for station in recipe.route if station.task == "decide"]
    conditions = [recipe.conditions[name] for name in deciding]
    if size(conditions, recipe.form) > LIMIT:
        yield _too_entangled()
        return
    found: dict[tuple[str, ...], Input] = {}
    for case in inputs(conditions, recipe.form):
        if not case.facts.opinions:  # the lead is chosen at receipt, when nobody has given an opinion yet
            found.setdefault(leads(recipe, case.facts), case)
    if () in found:
        yield _gap(found[()], recipe)
    for pair in combinations(deciding, 2):
        both = next((case for names, case in found.items() if set(pair) <= set(names)), None)
        if both is not None:
            yield _overlap(pair, both, recipe)


def _too_entangled() -> Problem:
    return Problem(
        "route",
        f"Die Bedingungen der entscheidenden Stationen unterscheiden mehr als {LIMIT} Fälle und lassen sich nicht"
        " beweisen; bitte vereinfachen.",
        f"the deciding stations' conditions tell more than {LIMIT} cases apart and cannot be proved; simplify them",
    )


def _gap(case: Input, recipe: Recipe) -> Problem:
    return Problem(
        "route",
        f"Niemand entscheidet bei: {case.describe(recipe.form, 'de')}. Bitte einer Station mit task: decide diesen Fall"
        " geben.",
        f"nobody decides where: {case.describe(recipe.form, 'en')}. Give this case to a station with task: decide",
    )


def _overlap(pair: tuple[str, str], case: Input, recipe: Recipe) -> Problem:
    first, second = pair
    return Problem(
        f"route.{list(recipe.station).index(second)}.when",
        f"„{first}“ und „{second}“ entscheiden beide bei: {case.describe(recipe.form, 'de')}. Genau eine Station darf"
        " entscheiden.",
        f"“{first}” and “{second}” both decide where: {case.describe(recipe.form, 'en')}. Exactly one may decide",
    )
