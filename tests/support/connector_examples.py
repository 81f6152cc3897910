"""Examples of connectors, as ``connectors/examples/<connector>/<example>`` holds them.

``source.yaml`` says what is declared; ``input/`` is the outside as it looks when something has arrived (bodies of push
connectors lie in it as files); ``expected.json`` says what must come out.
"""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
from pydantic import BaseModel, TypeAdapter

import connectors
from connectors import CONNECTORS
from connectors.base import Connector, Delivery, Inlet, Item, Pull, Raw
from schemas.document import read_document
from schemas.errors import Rejected
from schemas.kochbuch import Kochbuch
from schemas.submission import Acceptance, Submission

EXAMPLES = Path(connectors.__file__).parent / "examples"
RECEIVED_AT = 1_772_452_800_000_000


@dataclass(frozen=True, slots=True)
class Example:
    """One example of one connector."""

    folder: Path
    connector: Connector[Any]
    source: str
    config: BaseModel

    @property
    def pull(self) -> Pull[Any]:
        assert self.connector.pull is not None
        return self.connector.pull

    def inlet(self, root: Path) -> Inlet:
        return self.pull.inlet(self.config, self.source, root)

    def arrive(self, root: Path) -> None:
        shutil.copytree(self.folder / "input", root, dirs_exist_ok=True)


def examples_of(connector: Connector[Any]) -> list[Example]:
    """Every example of a connector; it must have at least one."""
    folders = sorted(path for path in (EXAMPLES / connector.name).iterdir() if path.is_dir())
    return [_example(folder, connector) for folder in folders]


def all_examples() -> list[Example]:
    """Every example of every connector in the registry."""
    return [example for connector in CONNECTORS.values() for example in examples_of(connector)]


def _example(folder: Path, connector: Connector[Any]) -> Example:
    content = read_document(folder / "source.yaml").content
    [(name, declared)] = content["sources"].items()
    source = f"{content['municipality']}.{name}" if connector.pull else name
    return Example(folder, connector, source, TypeAdapter(connector.config).validate_python(declared))


def taken(inlet: Inlet) -> Delivery:
    """The delivery that is there; some inlets look more than once before they believe it."""
    for second in range(10):
        if (delivery := inlet.poll(second)) is not None:
            return delivery
    raise AssertionError("nothing is handed out, though something has arrived")


def records(example: Example, root: Path) -> list[tuple[Raw, Submission | Rejected, dict[str, Any]]]:
    """Every record of the example, as its connector translates it, and where it stood."""
    if example.connector.pull is None:
        return list(_pushed(example))
    example.arrive(root)
    inlet = example.inlet(root)
    delivery = taken(inlet)
    return [_pulled(item, delivery) for item in inlet.read(delivery, (), RECEIVED_AT)]


def _pushed(example: Example) -> Iterator[tuple[Raw, Submission | Rejected, dict[str, Any]]]:
    translate = example.connector.translator(example.config, example.source)
    for path in sorted((example.folder / "input").rglob("*.*")):
        raw = Raw(path.read_bytes(), path.name, RECEIVED_AT)
        yield raw, outcome_of(lambda raw=raw: translate(raw)), {"file": path.name}  # type: ignore[misc]


def _pulled(item: Item, delivery: Delivery) -> tuple[Raw, Submission | Rejected, dict[str, Any]]:
    origin = (
        item.content.origin if isinstance(item.content, Submission) else f"{delivery.fingerprint}:{item.place.byte}"
    )
    place = {"file": item.place.file, "line": item.place.line, "byte": item.place.byte}
    return Raw(item.raw, origin, RECEIVED_AT), item.content, place


def outcome_of(translate: Callable[[], Submission]) -> Submission | Rejected:
    try:
        return translate()
    except Rejected as error:
        return error


def described(example: Example, book: Kochbuch, root: Path) -> list[dict[str, Any]]:
    """What comes out of an example, as ``expected.json`` writes it down."""
    accept = Acceptance(book).accept
    found: list[dict[str, Any]] = []
    for _, content, place in records(example, root):
        try:
            if isinstance(content, Rejected):
                raise content
            accept(content)
            form = {"service": content.service, "municipality": content.municipality, "applied_on": content.applied_on}
            found.append({"at": place, **form, "form": content.form})
        except Rejected as error:
            found.append({"at": place, "reason": error.reason, "where": [problem.where for problem in error.problems]})
    plain: list[dict[str, Any]] = orjson.loads(orjson.dumps(found))
    return plain


def comparable(content: Submission | Rejected) -> object:
    """Errors are equal when they say the same."""
    return (content.reason, content.problems) if isinstance(content, Rejected) else content
