"""Document: a YAML file read with every scalar as text, and with a line number for every key.

Text, because YAML turns the postcode 01067 into 567 and the answer ``NO`` into false; the types come from
pydantic afterwards.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from schemas.errors import Misconfigured, Problem
from schemas.wording import sentence

KeyPath = tuple[str | int, ...]
Model = TypeVar("Model", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Document:
    """A file's content as plain dicts, lists and text, and where each key stands in it."""

    path: Path
    content: Any
    lines: dict[KeyPath, int]

    def place(self, key: KeyPath) -> str:
        """``file:line: key.path``, of the nearest enclosing key where the key itself is missing."""
        known = next((key[:n] for n in range(len(key), -1, -1) if key[:n] in self.lines), ())
        dotted = ".".join(str(part) for part in key)
        return f"{self.path.name}:{self.lines.get(known, 1)}: {dotted}".rstrip(": ")

    def into(self, model: type[Model]) -> Model:
        """The content as the given model. Raises Misconfigured with every problem of the file at once."""
        try:
            return model.model_validate(self.content)
        except ValidationError as error:
            raise Misconfigured(*self._problems(error)) from None

    def _problems(self, error: ValidationError) -> Iterator[Problem]:
        for finding in error.errors():
            german, english = sentence(finding["type"], finding.get("ctx", {}), finding["msg"])
            real = self._real(finding["loc"])
            lacking = finding["loc"][-1:] if finding["type"] == "missing" else ()
            yield Problem(self.place((*real, *lacking)), german, english)

    def _real(self, loc: KeyPath) -> KeyPath:
        """The location without the union tags it weaves in: the keys that the file has."""
        real: KeyPath = ()
        for part in loc:
            if (*real, part) in self.lines:
                real = (*real, part)
        return real


def read_document(path: Path) -> Document:
    """Reads one YAML file. Raises Misconfigured: unreadable, not YAML, or a key given twice."""
    try:
        text = path.read_text(encoding="utf-8")
        node = yaml.compose(text, Loader=yaml.CBaseLoader)
    except OSError as error:
        problem = f"cannot be read: {error.strerror}"
        raise Misconfigured(
            Problem(str(path), f"Die Datei kann nicht gelesen werden: {error.strerror}", problem)
        ) from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise Misconfigured(
            Problem(str(path), f"Kein lesbares YAML: {error}", f"not readable as YAML: {error}")
        ) from error
    lines: dict[KeyPath, int] = {}
    problems: list[Problem] = []
    content = _plain(node, (), lines, problems, path)
    if problems:
        raise Misconfigured(*problems)
    return Document(path, content, lines)


def _plain(node: Any, key: KeyPath, lines: dict[KeyPath, int], problems: list[Problem], path: Path) -> Any:  # noqa: ANN401 - YAML
    if node is None:
        return {}
    lines[key] = node.start_mark.line + 1
    if isinstance(node, yaml.ScalarNode):
        return node.value
    if isinstance(node, yaml.SequenceNode):
        return [_plain(item, (*key, n), lines, problems, path) for n, item in enumerate(node.value)]
    result: dict[str, Any] = {}
    for name, value in node.value:
        if name.value in result:
            where = f"{path.name}:{name.start_mark.line + 1}: {'.'.join(map(str, (*key, name.value)))}"
            problems.append(Problem(where, "Dieser Schlüssel steht zweimal da.", "this key is given twice"))
        result[name.value] = _plain(value, (*key, name.value), lines, problems, path)
        lines[(*key, name.value)] = name.start_mark.line + 1
    return result
