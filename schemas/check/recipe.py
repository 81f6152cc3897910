"""Recipe: everything that can be proved about one recipe on its own."""

from collections.abc import Callable, Iterator

from schemas.check import (
    alternatives,
    bases,
    doubles,
    examples,
    keys,
    leads,
    purposes,
    reachability,
    terms,
    translations,
    turns,
)
from schemas.errors import Problem
from schemas.recipe import Recipe

CHECKS: tuple[Callable[[Recipe], Iterator[Problem]], ...] = (
    lambda recipe: keys.leika_problems(recipe.service),
    turns.problems_of,
    leads.problems_of,
    reachability.problems_of,
    alternatives.problems_of,
    doubles.problems_of,
    purposes.problems_of,
    bases.problems_of,
    terms.problems_of,
    translations.problems_of,
    examples.problems_of,
)


def problems_of(recipe: Recipe) -> Iterator[Problem]:
    """What every check finds; ``where`` is a key path of the recipe's file."""
    for check in CHECKS:
        yield from check(recipe)
