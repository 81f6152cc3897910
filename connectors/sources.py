"""Sources: the pull connectors that a municipality's file declares, typed, and checked against the Kochbuch."""

import operator
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache, reduce
from pathlib import Path
from typing import Annotated, Any

from pydantic import ConfigDict, Field, create_model

from connectors import CONNECTORS
from connectors.base import Connector, Inlet, Pull, PullSource
from schemas.document import Document, KeyPath, read_document
from schemas.errors import Misconfigured, Problem
from schemas.kochbuch import MUNICIPALITIES, Kochbuch
from schemas.municipality import Municipality


@dataclass(frozen=True, slots=True)
class Source:
    """One declared source. Its name, ``<municipality>.<name>``, is part of every case id: a new name, new cases."""

    name: str
    connector: Connector[Any]
    config: PullSource

    def inlet(self, root: Path) -> Inlet:
        """The way in; relative folders are below ``root``."""
        return self.pull.inlet(self.config, self.name, root)

    @property
    def pull(self) -> Pull[Any]:
        """The pulling side of the connector."""
        if self.connector.pull is None:
            raise TypeError(f"{self.connector.name} is no pull connector")
        return self.connector.pull


def read_sources(book: Kochbuch, folder: Path = MUNICIPALITIES) -> tuple[Source, ...]:
    """The sources of all municipalities. Raises Misconfigured with every problem of every file at once."""
    found: list[Source] = []
    problems: list[Problem] = []
    for town in book.municipalities:
        try:
            found += sources_of(read_document(folder / f"{town}.yaml"), town, book)
        except Misconfigured as error:
            problems += error.problems
    if problems:
        raise Misconfigured(*problems)
    return tuple(found)


def sources_of(document: Document, municipality: str, book: Kochbuch) -> list[Source]:
    """The sources under ``sources`` of one file. Raises Misconfigured with all problems, each with file, line, key."""
    declared: dict[str, Any] = document.into(_model()).sources
    sources = {name: Source(f"{municipality}.{name}", CONNECTORS[c.kind], c) for name, c in declared.items()}
    if problems := list(_problems(document, sources, book, book.municipalities[municipality])):
        raise Misconfigured(*problems)
    return list(sources.values())


def _problems(document: Document, sources: dict[str, Source], book: Kochbuch, town: Municipality) -> Iterator[Problem]:
    for name, source in sources.items():
        for problem in source.pull.problems(source.config, book, town):
            yield Problem(document.place(_key(document, name, problem.where)), problem.text, problem.text_en)


def _key(document: Document, name: str, where: str) -> KeyPath:
    """The key path of a problem; the paths of a form, which are keys under ``map``, have dots of their own."""
    head, _, rest = where.partition(".")
    key: KeyPath = ("sources", name, head)
    while rest and (*key, rest) not in document.lines and "." in rest:
        rest = rest.rpartition(".")[0]
    return (*key, rest) if rest else key


@cache
def _model() -> Any:  # noqa: ANN401 - a type made at run time from the registry
    kinds = [connector.config for connector in CONNECTORS.values() if connector.pull]
    one_of: Any = Annotated[reduce(operator.or_, kinds), Field(discriminator="kind")] if len(kinds) > 1 else kinds[0]
    return create_model("Sources", __config__=ConfigDict(extra="ignore"), sources=(dict[str, one_of], {}))


def names(sources: Iterable[Source]) -> list[str]:
    """The names, for a person who mistyped one."""
    return [source.name for source in sources]
