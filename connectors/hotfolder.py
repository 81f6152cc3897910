"""Hot folder: a folder in which an old system leaves its files; every record of a file becomes a submission.

A source of this kind stands in ``deploy/municipalities/<name>.yaml`` under ``sources``; see connectors/README.md.
"""

from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from typing import Annotated, BinaryIO, Literal

from pydantic import Field, model_validator

from connectors.base import Connector, Delivery, Item, Mark, Pull, PullSource, Raw, Translator, municipality_of
from connectors.fit import misfits
from connectors.folder import Folder, deliver, file_system
from connectors.formats.csv import Csv
from connectors.formats.encoding import EBCDIC, Encoding
from connectors.formats.fixed_width import FixedWidth
from connectors.formats.row import Row, malformed
from connectors.mapping import Mapped, form_of
from connectors.steady import steady
from schemas.dead_letter import Origin
from schemas.errors import Problem, Rejected
from schemas.kochbuch import Kochbuch
from schemas.municipality import Municipality
from schemas.recipe import LEIKA, Recipe
from schemas.submission import Submission


class HotFolder(PullSource):
    """What is declared about one hot folder."""

    kind: Literal["hotfolder"] = Field(description="Which connector: hotfolder")
    folder: str = Field(min_length=1, description="The folder, absolute or below the installation's folder for files")
    pattern: str = Field("*", description="Which file names count, e.g. *.csv")
    service: str = Field(pattern=LEIKA, description="LeiKa key of the service that the records ask for")
    encoding: Encoding = Field(description="Encoding of the files; never guessed")
    format: Annotated[Csv | FixedWidth, Field(discriminator="type")] = Field(description="Format: csv or fixed-width")
    map: dict[str, Mapped] = Field(min_length=1, description="For each path in the form: the column that answers it")
    applied_on: Mapped | None = Field(None, description="The date on the application, where it is in a column")
    at_rest: float = Field(2, gt=0, description="For how many seconds a file must be unchanged to count as complete")

    @model_validator(mode="after")
    def _is_readable(self) -> "HotFolder":
        blocks = isinstance(self.format, FixedWidth) and not self.format.line_ends
        if self.encoding in EBCDIC and not blocks:
            raise ValueError(
                f"{self.encoding} geht nur mit „fixed-width“ ohne „line_ends“. | "
                f"{self.encoding} works only with “fixed-width” without “line_ends”"
            )
        return self


Submit = Callable[[Row, str, int], Submission]


def _submit(config: HotFolder, source: str) -> Submit:
    """Compiles the source: from a good row, its origin and the instant of receipt to a submission. Raises Rejected."""
    names, municipality, service = config.format.names, municipality_of(source), config.service
    form = form_of(config.map, names)
    date = form_of({"applied_on": config.applied_on}, names) if config.applied_on else lambda _: {}

    def submit(row: Row, origin: str, received_at: int) -> Submission:
        if isinstance(row.cells, Rejected):
            raise row.cells
        applied_on = date(row.cells).get("applied_on")
        return Submission(service, municipality, form(row.cells), "file", source, origin, received_at, applied_on)

    return submit


def translator(config: HotFolder, source: str) -> Translator:
    """One record by itself, as it stood in the file: how a dead letter is translated again, after a correction."""
    submit = _submit(config, source)
    alone = config.format.model_copy(update={"header": False, "skip_lines": 0})

    def translate(raw: Raw) -> Submission:
        rows = list(alone.rows(BytesIO(raw.data), config.encoding, (0, 1)))
        if len(rows) != 1:
            raise malformed(f"{len(rows)} Sätze statt einem.", f"{len(rows)} records instead of one")
        return submit(rows[0], raw.origin, raw.received_at)

    return translate


def items(
    config: HotFolder, source: str, stream: BinaryIO, delivery: Delivery, mark: Mark, received_at: int
) -> Iterator[Item]:
    """Every record of a file after ``mark`` (byte, line). Raises Rejected also when the file changes meanwhile."""
    return steady(stream, delivery, _items(config, source, stream, delivery, mark, received_at), mark[1] if mark else 1)


def _items(
    config: HotFolder, source: str, stream: BinaryIO, delivery: Delivery, mark: Mark, received_at: int
) -> Iterator[Item]:
    """The origin of a record is the content of its file and its first byte."""
    submit = _submit(config, source)
    # A file's name may hold bytes that are no text; a header may not.
    name = delivery.name.encode("utf-8", "backslashreplace").decode()
    for row in config.format.rows(stream, config.encoding, mark):
        content: Submission | Rejected
        try:
            content = submit(row, f"{delivery.fingerprint}:{row.byte}", received_at)
        except Rejected as error:
            content = error
        yield Item(content, row.raw, Origin(name, row.line, row.byte), (row.byte_after, row.line_after))


class FolderInlet:
    """The files of one hot folder, one after the other."""

    def __init__(self, config: HotFolder, source: str, root: Path) -> None:
        self._config = config
        self._source = source
        self._folder = Folder(root / config.folder, config.pattern, config.at_rest, home=root)

    def poll(self, now: float) -> Delivery | None:
        """See connectors.base.Inlet."""
        return self._folder.take(now)

    def read(self, delivery: Delivery, mark: Mark, received_at: int) -> Iterator[Item]:
        """See connectors.base.Inlet."""
        with file_system(self._folder.path), self._folder.open(delivery) as stream:
            yield from items(self._config, self._source, stream, delivery, mark, received_at)

    def done(self, delivery: Delivery, *, duplicate: bool) -> None:
        """See connectors.base.Inlet."""
        self._folder.put_away(delivery, duplicate=duplicate)

    def pause(self, delivery: Delivery, why: Rejected) -> None:
        """See connectors.base.Inlet."""
        self._folder.put_aside(delivery, why)


class FileInlet:
    """One single file where it lies; it is handed out once and never moved."""

    def __init__(self, config: HotFolder, source: str, path: Path) -> None:
        self._config = config
        self._source = source
        self._path = path
        self._waiting = True

    def poll(self, now: float) -> Delivery | None:  # noqa: ARG002 - the contract of Inlet
        """See connectors.base.Inlet."""
        return deliver(self._path) if self._waiting else None

    def read(self, delivery: Delivery, mark: Mark, received_at: int) -> Iterator[Item]:
        """See connectors.base.Inlet."""
        with file_system(self._path), self._path.open("rb") as stream:
            yield from items(self._config, self._source, stream, delivery, mark, received_at)

    def done(self, delivery: Delivery, *, duplicate: bool) -> None:  # noqa: ARG002 - the contract of Inlet
        """See connectors.base.Inlet."""
        self._waiting = False

    def pause(self, delivery: Delivery, why: Rejected) -> None:  # noqa: ARG002 - the contract of Inlet
        """See connectors.base.Inlet."""
        self._waiting = False


def problems(config: HotFolder, book: Kochbuch, town: Municipality) -> Iterator[Problem]:
    """What does not fit Kochbuch and town: service, fields, columns; ``where`` is a key path below the source."""
    recipe = book.services.get(config.service)
    if recipe is None:
        german = "Zu diesem Leistungsschlüssel gibt es kein Rezept."
        yield Problem("service", german, "there is no recipe for this service key")
    else:
        if not town.offers(recipe):
            yield _not_offered(recipe)
        yield from misfits(config.map, config.format.names, recipe.form)
    if config.applied_on is not None and config.applied_on.kind != "date":
        yield Problem("applied_on", "Zu diesem Feld passt „as“: date.", "this field needs “as”: date")


def _not_offered(recipe: Recipe) -> Problem:
    return Problem(
        "service",
        f"Die Kommune bietet {recipe.recipe} noch nicht an, jeder Satz würde zum Dead Letter. Bitte das Rezept auf"
        " „live“ setzen oder die Quelle herausnehmen.",
        f"the municipality does not offer {recipe.recipe} yet, every record would become a dead letter. Set the recipe"
        " to “live”, or take the source out",
    )


CONNECTOR = Connector(
    name="hotfolder",
    summary="Files of an old system, CSV or fixed width, record by record from a folder",
    config=HotFolder,
    translator=translator,
    pull=Pull(FolderInlet, problems),
)
